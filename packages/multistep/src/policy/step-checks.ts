import type { Factor, FactorTable } from '../factors/factor.js'
import { alternativesOf, isPossible, pathsOf, planOf, progressOn, unique } from './plan.js'
import {
  conditionsOf, factorNames, factorsOf, isAlways, isOptional, written, type Factors, type Step,
} from './steps.js'

interface Nested {
  readonly type?: unknown
  readonly factors?: unknown
  readonly step?: unknown
  readonly predicate?: unknown
}

/** @throws TypeError for a value that is not a step. */
export function checkShapes(steps: readonly unknown[]): void {
  for (const step of steps) checkShape(step)
}

function checkShape(step: unknown): void {
  const { type, predicate, step: inner } = nested(step)
  if (type === 'when') {
    if (typeof predicate !== 'function') {
      throw new TypeError('multistep: when takes a function first: when(passed(\'local\'), \'totp\'), or when(({ user '
        + '}) => user.isAdmin, \'totp\').')
    }
    return checkShape(inner)
  }
  checkFactors(type === 'optional' ? inner : step)
}

function checkFactors(factors: unknown): void {
  if (typeof factors === 'string') return
  const { type, factors: inner } = nested(factors)
  if ((type !== 'anyOf' && type !== 'allOf') || !Array.isArray(inner)) {
    throw new TypeError('multistep: a step is the name of a factor, anyOf(\'a\', \'b\'), allOf(\'a\', \'b\') or these '
      + 'nested, optional(…) of one of these, or when(predicate, …) of one of all these.')
  }
  if (inner.length === 0) {
    throw new TypeError(`multistep: ${type}() without a factor can never be met. Name at least one.`)
  }
  inner.forEach(checkFactors)
}

const nested = (step: unknown): Nested => (typeof step === 'object' && step !== null ? step : {})

/**
 * Checks the rules that a policy keeps to, for every person. `begins`: nobody is known yet.
 * @throws TypeError for a policy that cannot work.
 */
export function checkSteps(steps: readonly Step[], factors: FactorTable, begins = true): void {
  for (const step of steps) checkStep(step, factors)
  if (begins) checkBeginning(steps, factors)
  pathsOf(steps.map((step) => alternativesOf(factorsOf(step))))
  checkPossible(steps, factors)
}

function checkStep(step: Step, factors: FactorTable): void {
  const strange = conditionsOf(step).find(({ factor }) => factor !== undefined && !factors.has(factor))?.factor
  if (strange !== undefined) {
    throw new TypeError(`multistep: passed('${strange}') never holds, because no step mentions '${strange}'. The `
      + `steps mention: ${factors.names.join(', ')}.`)
  }
  if (!isOptional(step)) return
  const undeclared = factorNames([step]).find((name) => !factors.get(name).knowsEnrolment)
  if (undeclared === undefined) return
  throw new TypeError(`multistep: optional('${undeclared}') needs to know who has it: give factors: { `
    + `'${undeclared}': { enrolled: (user) => … } }.`)
}

/**
 * The choices that may be asked for first: of the first step that stands for everybody, and of the conditional ones
 * before it.
 */
function beginnings(steps: readonly Step[]): (readonly string[])[] {
  const always = steps.findIndex(isAlways)
  // An optional step asks nobody who is not known.
  const first = steps.slice(0, always < 0 ? steps.length : always + 1).filter((step) => !isOptional(step))
  return first.flatMap((step) => alternativesOf(factorsOf(step)).map(([choice]) => choice ?? []))
}

function checkBeginning(steps: readonly Step[], factors: FactorTable): void {
  const [first] = steps
  const doors = first !== undefined && isAlways(first) ? beginnings([first]).flat() : []
  if (doors.length > 0 && doors.every((name) => factors.get(name).needsPerson)) {
    throw new TypeError(`multistep: nobody can meet this policy: ${doors.join(', ')} cannot say who a person is. `
      + 'Begin with a factor that can, such as \'local\'.')
  }
  const uncounted = beginnings(steps).flat().map((name) => factors.get(name)).find(isUncounted)
  if (!uncounted) return
  throw new TypeError(`multistep: '${uncounted.name}' may come first, when nobody is known yet, so failures need a `
    + `name to be counted by: give factors: { '${uncounted.name}': { account: (req) => req.body.username } }, or `
    + 'lockout: \'own\' if its strategy counts them itself.')
}

/** Failures at this factor would be counted by nothing. */
const isUncounted = ({ needsPerson, fields, account, ownLockout }: Factor): boolean =>
  !needsPerson && fields.length > 0 && !account && !ownLockout

/**
 * Of a person who has everything: the steps for everybody together, each of the others beside these, and each
 * alternative of a step.
 */
function checkPossible(steps: readonly Step[], table: FactorTable): void {
  checkTogether(steps, isAlways, table)
  for (const beside of steps.keys()) {
    checkTogether(steps, (step, index) => isAlways(step) || index === beside, table)
  }
  for (const step of steps) checkAlternatives(factorsOf(step), table, written(step))
}

/** @throws TypeError where an alternative needs one authenticator twice. `as`: how the factors are written. */
export function checkAlternatives(asked: Factors, table: FactorTable, as: string): void {
  const impossible = alternativesOf(asked).find((alternative) => !isPossible(alternative, table))
  if (!impossible) return
  const needed = impossible.map((choice) => choice.join(' or ')).join(' and ')
  throw new TypeError(`multistep: nobody can take ${needed} together, as ${as} has it: they need the same kind of `
    + 'factor on the same channel, and one proof counts once.')
}

/**
 * @throws TypeError where the steps that are asked for cannot be met together: for the step that comes last on every
 * path.
 */
function checkTogether(
  steps: readonly Step[], isAsked: (step: Step, index: number) => boolean, table: FactorTable,
): void {
  const asked = steps.map((step, index) => (isAsked(step, index) ? alternativesOf(factorsOf(step)) : [[]]))
  const { paths, factors } = planOf(asked, table)
  const impossible = Math.max(...paths.map((path) => progressOn(path, factors).step))
  const step = steps[impossible]
  if (step === undefined) return
  const names = factorNames([step]).join(', ')
  throw new TypeError(`multistep: nobody can meet step ${impossible + 1} (${names}): an earlier step needs the same `
    + 'kind of factor on the same channel, and one proof counts once.')
}

/** What an app may know of: texts are the only second factor; a person who has lost one thing is locked out. */
export type Weakness = 'sms-only' | 'no-way-back'

/**
 * What a policy can do and had better not: told once when the app starts, without what the app has acknowledged, and in
 * every explanation.
 */
export function warningsOf(
  steps: readonly Step[], factors: FactorTable, acknowledged: readonly Weakness[] = [],
): string[] {
  const isTold = (weakness: Weakness): boolean => !acknowledged.includes(weakness)
  const names = unique(steps.flatMap(secondChoices).flat())
  const alone = steps.filter((step, index) => leavesNoWayIn(step, secondChoices(step, index), factors))
  return [
    // NIST SP 800-63B-4 §3.2.9: a restricted authenticator needs an alternative.
    ...isTold('sms-only') && names.length > 0 && names.every((name) => isTexted(factors.get(name)))
      ? [textedAlone(names)]
      : [],
    ...isTold('no-way-back') ? alone.map(leftAlone) : [],
  ]
}

const textedAlone = (names: readonly string[]): string =>
  `A code by text is the only second factor (${names.join(', ')}). Texts can be read along and numbers taken over: `
  + 'let people choose another one, such as anyOf(\'totp\', \'sms-otp\').'

const leftAlone = (step: Step): string =>
  `${written(step)} leaves no way in for a person who has lost it. `
  + 'Let another factor stand beside it, such as anyOf(\'totp\', \'recovery-code\').'

/** The choices of a step that come after the first factor of a login. */
const secondChoices = (step: Step, index: number): (readonly string[])[] =>
  alternativesOf(factorsOf(step)).flatMap((alternative) => (index === 0 ? alternative.slice(1) : alternative))

/** Whether a person who has lost one factor cannot take this step any more. */
function leavesNoWayIn(step: Step, second: readonly (readonly string[])[], factors: FactorTable): boolean {
  if (alternativesOf(factorsOf(step)).length > 1) return false
  return second.some(([name = '', ...others]) => others.length === 0 && factors.get(name).via !== 'recovery')
}

/** Over the telephone network: RFC 8176 §2. */
const isTexted = ({ amr, strategy }: Factor): boolean =>
  strategy === 'sms-otp' || amr.some((method) => method === 'sms' || method === 'tel')
