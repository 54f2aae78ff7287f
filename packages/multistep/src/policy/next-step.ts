import type { Factor } from '../factors/factor.js'
import type { Awaitable } from '../lib/awaitable.js'
import { keepAnswer, type Memo } from '../lib/memo.js'
import {
  countCovered, enrollableOn, hasFactorOf, preferring, progressOn, unique,
  type Choice, type Path, type PathProgress, type Plan,
} from './plan.js'

/** A factor that the current step accepts. */
export interface OpenFactor {
  readonly factor: Factor
  /** The person has no factor of this choice yet, and may enrol this one now. */
  readonly enrolling: boolean
}

/** What a plan asks for next, of a person who has proven something. */
export interface NextStep {
  /** The choices of the path on which the person has come furthest. */
  readonly choices: readonly Choice[]
  /** The index of the first choice that is not covered; as many as there are when all are covered. */
  readonly step: number
  /** How many choices there are. */
  readonly steps: number
  /** The factors that this person can take it with. */
  readonly open: readonly OpenFactor[]
  /** The names of all factors that it would accept, of a person who had everything. */
  readonly accepted: readonly string[]
}

/** What is known of the person who is asked. */
export interface Means {
  /** The factors that the person has. While the person is unknown: all of them, for any may turn out to be there. */
  readonly has: readonly Factor[]
  readonly isKnown: boolean
  /** Whether a factor with `enroll: 'first'` may be enrolled on the way. */
  readonly mayEnrol: boolean
}

/** The factors among these that this person has. All are asked at once. A promise only where an answer is one. */
export function enrolledAmong(factors: readonly Factor[], user: Express.User): Awaitable<readonly Factor[]> {
  const answers: Awaitable<boolean>[] = []
  for (const factor of factors) answers.push(factor.enrolled(user))
  if (answers.every((answer) => typeof answer === 'boolean')) return factors.filter((_, index) => answers[index])
  const answered = Promise.all(answers.map((answer) => Promise.resolve(answer)))
  return answered.then((has) => factors.filter((_, index) => has[index]))
}

/** Where a person has come in a plan, and the factors by which it is decided what comes next. */
interface PlanProgress {
  readonly paths: readonly PathProgress[]
  readonly decisive: readonly Factor[]
}

/**
 * What was found before for each plan: by the names of the factors that were proven, and of those that the person has.
 * It is the same for everybody, and nothing else of a person is kept.
 */
interface FoundBefore { readonly progress: Memo<PlanProgress>, readonly nextSteps: Memo<NextStep> }
const foundBefore = new WeakMap<Plan, FoundBefore>()

function foundFor(plan: Plan): FoundBefore {
  const known = foundBefore.get(plan)
  if (known) return known
  const found = { progress: new Map(), nextSteps: new Map() }
  foundBefore.set(plan, found)
  return found
}

/** Asks what this person has, as far as that decides anything, and then what the plan asks for next. */
export function nextStepFor(
  plan: Plan, proven: readonly Factor[], user: Express.User | undefined,
): Awaitable<NextStep> {
  const { progress, nextSteps } = foundFor(plan)
  const before = memoKey(proven)
  const { paths, decisive } = progress.get(before) ?? keepAnswer(progress, before, progressIn(plan, proven))
  const answer = (has?: readonly Factor[]): NextStep => {
    const key = `${before}|${has ? memoKey(has) : '?'}`
    const means = has ? { has, isKnown: true, mayEnrol: true } : { has: plan.factors, isKnown: false, mayEnrol: false }
    return nextSteps.get(key) ?? keepAnswer(nextSteps, key, nextStep(paths, proven, means))
  }
  if (user === undefined) return answer()
  const has = enrolledAmong(decisive, user)
  return 'then' in has ? has.then(answer) : answer(has)
}

/** Factors as a key of a memo: their names, none of which holds a space. */
export function memoKey(factors: readonly Factor[]): string {
  let names = ''
  for (const { name } of factors) names += `${name} `
  return names
}

/**
 * The next step is decided by all factors of a plan; where no proof can lead to a dead end, by the factors of the open
 * choice alone.
 */
function progressIn(plan: Plan, proven: readonly Factor[]): PlanProgress {
  const paths = plan.paths.map((path) => progressOn(path, proven))
  if (paths.some(({ step }) => step === Infinity)) return { paths, decisive: [] }
  return { paths, decisive: plan.isSimple ? unique(paths.flatMap(openChoice)) : plan.factors }
}

const openChoice = ({ path, gap }: PathProgress): Choice => path.choices[gap] ?? []

/** All that decides the next step of a plan. */
interface Asking extends Means { readonly proven: readonly Factor[] }

/**
 * What is asked for next. Where `anyOf` holds an `allOf`, several paths lead through the plan. Those count that this
 * person can finish with what they have, and of these the ones whose first open step is furthest along. What all of
 * them accept next is offered: the path with the most proofs first, then in the order of the policy. So a person who
 * is half through one path may still change to another, and nobody is led into one that they cannot finish while there
 * is one that they can.
 */
export function nextStep(paths: readonly PathProgress[], proven: readonly Factor[], means: Means): NextStep {
  const complete = paths.find(({ step }) => step === Infinity)
  if (complete) return nextStepOn(complete, [], [])
  const asking: Asking = { ...means, proven }
  const passable = passablePaths(paths, asking)
  const step = Math.max(...passable.map((one) => one.step))
  const current = passable.filter((one) => one.step === step)
    .sort((one, other) => provenOn(other) - provenOn(one))
  const [first] = current
  if (!first) throw new RangeError('A plan without a step asks for nothing.')
  const accepted = paths.filter((one) => one.step === step).flatMap(openChoice)
  return nextStepOn(first, leadingOn(openFactors(current, asking), current, asking), accepted)
}

/** Requests share it: nobody changes it. */
const nextStepOn = (
  { path: { choices }, gap }: PathProgress, open: readonly OpenFactor[], accepted: readonly Factor[],
): NextStep => Object.freeze({
  choices,
  step: gap,
  steps: choices.length,
  open: Object.freeze(open),
  accepted: Object.freeze(unique(accepted.map(({ name }) => name))),
})

const provenOn = ({ covered }: PathProgress): number => covered.filter(Boolean).length

/**
 * The paths on which this person comes furthest with all that they have, and of these the ones on which nothing need
 * be proven twice. Where that leads no step further: the paths on which they come furthest with what they may enrol.
 */
function passablePaths(paths: readonly PathProgress[], asking: Asking): readonly PathProgress[] {
  const { has, isKnown, mayEnrol } = asking
  const reach = ({ path }: PathProgress): number => reachWith(path, has, asking)
  const best = furthest(furthest(paths, reach), ({ path }) => reachAnew(path, has, asking))
  const step = Math.max(...paths.map((one) => one.step))
  if (!isKnown || !mayEnrol || best.some((one) => reach(one) > step)) return best
  const begun = preferring(best, ({ path }) => hasFactorOf(path, step, has))
  return furthest(begun, ({ path }) => reachAnew(path, [...has, ...enrollableOn(path, has)], asking))
}

/**
 * The step that a path leads to with these factors beside the proofs. A twin of a proven factor may be proven in its
 * place.
 */
const reachWith = (path: Path, factors: readonly Factor[], { proven }: Asking): number =>
  progressOn(path, [...proven, ...factors]).step

/** The same where no authenticator is used again. */
const reachAnew = (path: Path, factors: readonly Factor[], asking: Asking): number =>
  reachWith(path, factors.filter((factor) => !isUsed(factor, asking.proven)), asking)

/** Whether the authenticator of this factor was used. */
const isUsed = ({ authenticator }: Factor, proven: readonly Factor[]): boolean =>
  proven.some((one) => one.authenticator === authenticator)

/** The entries that lead furthest. */
function furthest<T>(all: readonly T[], reach: (one: T) => number): readonly T[] {
  const reached = all.map(reach)
  const most = Math.max(...reached)
  return all.filter((_, index) => reached[index] === most)
}

/**
 * The open factors after which the person comes furthest: two factors may be one authenticator, which a later step
 * needs.
 */
function leadingOn(
  open: readonly OpenFactor[], current: readonly PathProgress[], asking: Asking,
): readonly OpenFactor[] {
  return furthest(open, ({ factor }) => {
    const taken = { ...asking, proven: [...asking.proven, factor] }
    return Math.max(...current.map(({ path }) => reachAnew(path, asking.has, taken)))
  })
}

/**
 * The factors of the open choice that cover it. Where none does, the factors of other choices that set a proof free
 * for it. Where no single one does, because a twin of what is missing was proven: the factors that cover it together.
 */
function openFactors(current: readonly PathProgress[], asking: Asking): OpenFactor[] {
  const own = current.flatMap((one) => usable(openChoice(one), asking).filter(covers(one, asking)))
  if (own.length > 0) return distinct(own)
  // Enrolling is no way out of a step that the person has taken before.
  const withoutEnrolling = { ...asking, mayEnrol: false }
  const onPath = (one: PathProgress): OpenFactor[] => usable(one.path.choices.flat(), withoutEnrolling)
  // Of a person who is not known yet, a factor of a later choice may say who it is.
  if (!asking.isKnown) return distinct(current.flatMap(onPath))
  const freeing = current.flatMap((one) => onPath(one).filter(covers(one, asking)))
  return distinct(freeing.length > 0 ? freeing : current.flatMap((one) => coveringTogether(one, asking)))
}

const distinct = (open: readonly OpenFactor[]): OpenFactor[] =>
  open.filter(({ factor }, index) => open.findIndex((one) => one.factor === factor) === index)

/** The factors of a choice that this person can use now. */
function usable(choice: Choice, { has, isKnown, mayEnrol }: Asking): OpenFactor[] {
  if (!isKnown) return choice.filter(({ needsPerson }) => !needsPerson).map((factor) => ({ factor, enrolling: false }))
  const own = choice.filter((factor) => has.includes(factor))
  if (own.length > 0 || !mayEnrol) return own.map((factor) => ({ factor, enrolling: false }))
  return choice.filter(({ enroll }) => enroll === 'first').map((factor) => ({ factor, enrolling: true }))
}

/**
 * Whether a factor covers the open choice beside the proofs: an authenticator that was proven already does not count
 * twice.
 */
const covers = ({ path, gap }: PathProgress, { proven }: Asking) => ({ factor }: OpenFactor): boolean =>
  progressOn(path, [...proven, factor]).gap > gap

/**
 * The factors of this person that together cover the path up to its open choice, and no more of them than are needed.
 */
function coveringTogether({ path, gap }: PathProgress, asking: Asking): OpenFactor[] {
  const { proven } = asking
  const isEnough = (some: readonly OpenFactor[]): boolean =>
    progressOn(path, [...proven, ...some.map(({ factor }) => factor)]).gap > gap
  let needed = distinct(usable(path.choices.slice(0, gap + 1).flat(), { ...asking, mayEnrol: false }))
    .filter(({ factor }) => !proven.includes(factor))
  if (!isEnough(needed)) return []
  for (const one of needed) {
    const fewer = needed.filter((other) => other !== one)
    if (isEnough(fewer)) needed = fewer
  }
  return needed
}

/** Whether a proof by this factor is asked for next, or would cover a choice further on. */
export function isOfUse({ choices, open }: NextStep, factor: Factor, proven: readonly Factor[]): boolean {
  if (isUsed(factor, proven)) return false
  if (open.some((one) => one.factor === factor && !one.enrolling)) return true
  return countCovered(choices, [...proven, factor]) > countCovered(choices, proven)
}
