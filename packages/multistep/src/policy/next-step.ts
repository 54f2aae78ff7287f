import { countedProof, type CountedProof, type Factor, type FactorTable } from '../factors/factor.js'
import { coveredChoices, unique, type Choice, type Path, type Plan } from './plan.js'

/** A factor that the current step accepts. */
export interface OpenFactor {
  readonly factor: Factor
  /** The person has no factor of this choice yet, and may enrol this one now. */
  readonly enrolling: boolean
}

/** What a plan asks for next, of this person with these proofs. */
export interface NextStep {
  /** The choices of the path that the proofs have come furthest on. */
  readonly plan: readonly Choice[]
  /** The index of the first choice that no proof covers; as many as the plan has when all are covered. */
  readonly step: number
  /** The factors that this person can take it with. */
  readonly open: readonly OpenFactor[]
  /** All factors that it would accept, of a person who had everything. */
  readonly accepted: readonly string[]
}

/** What is known of the person who is asked. */
export interface Means {
  /** The factors that the person has. While the person is unknown: all of them, for any may turn out to be there. */
  readonly has: ReadonlySet<string>
  readonly isKnown: boolean
  /** Whether a factor with `enroll: 'first'` may be enrolled on the way. */
  readonly mayEnrol: boolean
}

/** The factors among these that this person has. */
export async function enrolledIn(
  names: readonly string[], user: Express.User, factors: FactorTable,
): Promise<string[]> {
  const answers = await Promise.all(names.map(async (name) => factors.get(name).enrolled(user)))
  return names.filter((_, index) => answers[index])
}

/** Asks what this person has, as far as that decides anything, and then what the plan asks for next. */
export async function nextStepFor(
  plan: Plan, proofs: readonly CountedProof[], user: Express.User | undefined, factors: FactorTable,
): Promise<NextStep> {
  const progress = progressIn(plan, proofs)
  if (user === undefined) return nextStep(plan, progress, proofs, unknownPerson(plan), factors)
  const has = await enrolledIn(decisiveFactors(plan, progress), user, factors)
  return nextStep(plan, progress, proofs, { has: new Set(has), isKnown: true, mayEnrol: true }, factors)
}

const unknownPerson = ({ names }: Plan): Means => ({ has: new Set(names), isKnown: false, mayEnrol: false })

/**
 * The factors by which the next step is decided: where no proof can lead to a dead end, those of the open choice
 * alone.
 */
function decisiveFactors({ names, isSimple }: Plan, progress: readonly PathProgress[]): readonly string[] {
  if (progress.some(({ step }) => step === Infinity)) return []
  return isSimple ? unique(progress.flatMap(openChoice)) : names
}

/** How far the proofs have come on a path. */
export interface PathProgress {
  readonly path: Path
  /** Which of its choices are covered. */
  readonly covered: readonly boolean[]
  /** The index of its first open choice; as many as it has choices when there is none. */
  readonly gap: number
  /** The step of that choice; `Infinity` when there is none. */
  readonly step: number
}

export function progressOn(path: Path, proofs: readonly CountedProof[]): PathProgress {
  const covered = coveredChoices(path.choices, proofs)
  const first = covered.indexOf(false)
  const gap = first < 0 ? covered.length : first
  return { path, covered, gap, step: path.stepOf[gap] ?? Infinity }
}

export const progressIn = ({ paths }: Plan, proofs: readonly CountedProof[]): PathProgress[] =>
  paths.map((path) => progressOn(path, proofs))

const openChoice = ({ path, gap }: PathProgress): Choice => path.choices[gap] ?? []

/** All that decides the next step of a plan. */
interface Asking extends Means {
  readonly proofs: readonly CountedProof[]
  readonly factors: FactorTable
}

/**
 * What is asked for next. Where `anyOf` holds an `allOf`, several paths lead through the plan. Those count that this
 * person can finish with what they have, and of these the ones whose first open step is furthest along. What all of
 * them accept next is offered: the path with the most proofs first, then in the order of the policy. So a person who
 * is half through one path may still change to another, and nobody is led into one that they cannot finish while there
 * is one that they can.
 */
export function nextStep(
  plan: Plan, progress: readonly PathProgress[], proofs: readonly CountedProof[], means: Means, factors: FactorTable,
): NextStep {
  const complete = progress.find(({ step }) => step === Infinity)
  if (complete) return { plan: complete.path.choices, step: complete.gap, open: [], accepted: [] }
  const asking: Asking = { ...means, proofs, factors }
  const passable = plan.isSimple ? progress : passablePaths(progress, asking)
  const step = Math.max(...passable.map((one) => one.step))
  const current = passable.filter((one) => one.step === step)
    .sort((one, other) => countCovered(other) - countCovered(one))
  const [first] = current
  if (!first) throw new RangeError('A plan without a step asks for nothing.')
  const open = openFactors(current, asking)
  return {
    plan: first.path.choices,
    step: first.gap,
    open: plan.isSimple ? open : leadingOn(open, current, asking),
    accepted: unique(progress.filter((one) => one.step === step).flatMap(openChoice)),
  }
}

const countCovered = ({ covered }: PathProgress): number => covered.filter(Boolean).length

/**
 * The paths on which this person comes furthest with all that they have, and of these the ones on which nothing need
 * be proven twice. Where that leads no step further: the paths on which they come furthest with what they may enrol.
 */
function passablePaths(progress: readonly PathProgress[], asking: Asking): readonly PathProgress[] {
  const { isKnown, mayEnrol, factors } = asking
  const has = [...asking.has]
  const reach = ({ path }: PathProgress): number => reachWith(path, has, asking)
  const best = furthest(furthest(progress, reach), ({ path }) => reachAnew(path, has, asking))
  const step = Math.max(...progress.map((one) => one.step))
  if (!isKnown || !mayEnrol || best.some((one) => reach(one) > step)) return best
  const begun = preferring(best, ({ path }) => hasFactorOf(path, step, asking.has))
  return furthest(begun, ({ path }) => reachAnew(path, [...has, ...enrollableOn(path, asking.has, factors)], asking))
}

/**
 * The step that a path leads to with these factors beside the proofs. A twin of a proven factor may be proven in its
 * place.
 */
const reachWith = (path: Path, names: readonly string[], { proofs, factors }: Asking): number =>
  progressOn(path, [...proofs, ...names.map((name) => countedProof(factors.get(name)))]).step

/** The same where no authenticator is used again. */
function reachAnew(path: Path, names: readonly string[], asking: Asking): number {
  const proven = new Set(asking.proofs.map(({ authenticator }) => authenticator))
  return reachWith(path, names.filter((name) => !proven.has(asking.factors.get(name).authenticator)), asking)
}

/**
 * Whether the person has a factor of this step on a path. Then they enrol no way around it: a thief with the password
 * would.
 */
export const hasFactorOf = ({ choices, stepOf }: Path, step: number, has: ReadonlySet<string>): boolean =>
  choices.some((choice, index) => stepOf[index] === step && hasOneOf(choice, has))

/** The entries for which something holds; all of them where it holds for none. */
export function preferring<T>(all: readonly T[], holds: (one: T) => boolean): readonly T[] {
  const some = all.filter(holds)
  return some.length > 0 ? some : all
}

/** What may be enrolled on a path: where the person has none of a choice, its factors with `enroll: 'first'`. */
export const enrollableOn = ({ choices }: Path, has: ReadonlySet<string>, factors: FactorTable): string[] =>
  choices.filter((choice) => !hasOneOf(choice, has)).flat().filter((name) => factors.get(name).enroll === 'first')

const hasOneOf = (choice: Choice, has: ReadonlySet<string>): boolean => choice.some((name) => has.has(name))

/** The entries that lead furthest. */
export function furthest<T>(all: readonly T[], reach: (one: T) => number): readonly T[] {
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
  const has = [...asking.has]
  return furthest(open, ({ factor }) => {
    const taken = { ...asking, proofs: [...asking.proofs, countedProof(factor)] }
    return Math.max(...current.map(({ path }) => reachAnew(path, has, taken)))
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
  return distinct(freeing.length > 0 ? freeing : current.flatMap((one) => together(one, asking)))
}

const distinct = (open: readonly OpenFactor[]): OpenFactor[] =>
  open.filter(({ factor }, index) => open.findIndex((one) => one.factor === factor) === index)

/** The factors of a choice that this person can use now. */
function usable(choice: Choice, { has, isKnown, mayEnrol, factors }: Asking): OpenFactor[] {
  const all = choice.map((name) => factors.get(name))
  if (!isKnown) return all.filter(({ needsPerson }) => !needsPerson).map((factor) => ({ factor, enrolling: false }))
  const own = all.filter(({ name }) => has.has(name))
  if (own.length > 0 || !mayEnrol) return own.map((factor) => ({ factor, enrolling: false }))
  return all.filter(({ enroll }) => enroll === 'first').map((factor) => ({ factor, enrolling: true }))
}

/**
 * Whether a factor covers the open choice beside the proofs: an authenticator that was proven already does not count
 * twice.
 */
const covers = ({ path, gap }: PathProgress, { proofs }: Asking) => ({ factor }: OpenFactor): boolean =>
  progressOn(path, [...proofs, countedProof(factor)]).gap > gap

/**
 * The factors of this person that together cover the path up to its open choice, and no more of them than are needed.
 */
function together({ path, gap }: PathProgress, asking: Asking): OpenFactor[] {
  const { proofs } = asking
  const isEnough = (some: readonly OpenFactor[]): boolean =>
    progressOn(path, [...proofs, ...some.map(({ factor }) => countedProof(factor))]).gap > gap
  let needed = distinct(usable(path.choices.slice(0, gap + 1).flat(), { ...asking, mayEnrol: false }))
    .filter(({ factor }) => proofs.every((proof) => proof.factor !== factor.name))
  if (!isEnough(needed)) return []
  for (const one of needed) {
    const fewer = needed.filter((other) => other !== one)
    if (isEnough(fewer)) needed = fewer
  }
  return needed
}

/** Whether a proof by this factor is asked for next, or would cover a choice further on. */
export function isOfUse({ plan, open }: NextStep, factor: Factor, proofs: readonly CountedProof[]): boolean {
  if (proofs.some(({ authenticator }) => authenticator === factor.authenticator)) return false
  if (open.some((one) => one.factor === factor && !one.enrolling)) return true
  const countWith = (some: readonly CountedProof[]): number => coveredChoices(plan, some).filter(Boolean).length
  return countWith([...proofs, countedProof(factor)]) > countWith(proofs)
}
