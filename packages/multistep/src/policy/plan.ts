import type { Factor, FactorTable } from '../factors/factor.js'
import type { Factors } from './steps.js'

/** One way to take a step: a proof for each of these choices, in this order. One factor of each choice is enough. */
export type Alternative = readonly (readonly string[])[]
/** A step as it is asked for: any one of these is enough. A plain choice is one alternative of one choice. */
export type Alternatives = readonly Alternative[]

/** Factors of which one is enough at one place of a plan. Never empty. */
export type Choice = readonly Factor[]
/** One way through a whole plan: one alternative of each step. `stepOf` says of which step each choice is. */
export interface Path<C = Choice> { readonly choices: readonly C[], readonly stepOf: readonly number[] }

/** What a person must prove, made ready to be asked: a login is complete when the choices of one path are covered. */
export interface Plan {
  readonly paths: readonly Path[]
  /** Every factor that the plan mentions, once. */
  readonly factors: readonly Factor[]
  /** The plan has one path, and each authenticator stands in one of its choices: no proof can lead to a dead end. */
  readonly isSimple: boolean
}

/** A policy with more paths is none that people understand. */
const mostPaths = 64

/**
 * The alternatives to prove these factors, in the order of the policy. Neighbours of which one proof is enough become
 * one choice.
 */
export function alternativesOf(factors: Factors): Alternatives {
  if (typeof factors === 'string') return [[[factors]]]
  const parts = factors.factors.map(alternativesOf)
  if (factors.type === 'allOf') return combinations(parts).map((alternatives) => alternatives.flat())
  const merged: Alternative[] = []
  for (const alternative of parts.flat()) {
    const last = merged.at(-1)
    const isOneChoice = last?.length === 1 && alternative.length === 1
    if (isOneChoice) merged[merged.length - 1] = [unique([...last, ...alternative].flat())]
    else merged.push(alternative)
  }
  return merged
}

/** @throws TypeError for more paths than `mostPaths`. */
export function planOf(steps: readonly Alternatives[], table: FactorTable): Plan {
  const paths = pathsOf(steps).map((path) => ({ ...path, choices: choicesOf(path.choices, table) }))
  return { paths, factors: unique(choicesOf(steps.flat(2), table).flat()), isSimple: isSimple(paths) }
}

const choicesOf = (alternative: Alternative, table: FactorTable): Choice[] =>
  alternative.map((choice) => choice.map((name) => table.get(name)))

function isSimple([path, ...others]: readonly Path[]): boolean {
  const authenticators = path?.choices.map((choice) => unique(choice.map(({ authenticator }) => authenticator))).flat()
  return others.length === 0 && authenticators !== undefined && unique(authenticators).length === authenticators.length
}

/** Every way through these steps. @throws TypeError for more than `mostPaths`. */
export const pathsOf = (steps: readonly Alternatives[]): Path<readonly string[]>[] =>
  combinations(steps).map((alternatives) => ({
    choices: alternatives.flat(),
    stepOf: alternatives.flatMap((alternative, step) => alternative.map(() => step)),
  }))

function combinations<T>(lists: readonly (readonly T[])[]): T[][] {
  let made: T[][] = [[]]
  for (const list of lists) {
    if (made.length * list.length > mostPaths) {
      throw new TypeError(`multistep: more than ${mostPaths} ways lead through these steps. Write fewer allOf(…) `
        + 'inside anyOf(…), or decide with steps: async ({ user }) => [ … ].')
    }
    made = made.flatMap((before) => list.map((one) => [...before, one]))
  }
  return made
}

export const unique = <T>(list: readonly T[]): T[] => [...new Set(list)]

/** What covers a choice. Two by one authenticator count once. */
export interface Covering { readonly authenticator: string }

/**
 * Which choices are covered by what was proven. Each proof covers one choice, and two by one authenticator count once.
 * As many choices as possible are covered, earlier ones first. (Kuhn's algorithm: a choice that is covered stays
 * covered while later ones are tried.)
 */
export function coveredChoices<T extends Covering>(
  choices: readonly (readonly T[])[], proven: readonly T[],
): boolean[] {
  const coveredBy: (string | undefined)[] = choices.map(() => undefined)
  const cover = (index: number, tried: string[]): boolean => {
    for (const one of proven) {
      const { authenticator } = one
      if (choices[index]?.includes(one) !== true || tried.includes(authenticator)) continue
      tried.push(authenticator)
      const taken = coveredBy.indexOf(authenticator)
      if (taken >= 0 && !cover(taken, tried)) continue
      coveredBy[index] = authenticator
      return true
    }
    return false
  }
  return choices.map((_, index) => cover(index, []))
}

export const coversAll = <T extends Covering>(choices: readonly (readonly T[])[], proven: readonly T[]): boolean =>
  !coveredChoices(choices, proven).includes(false)

export const countCovered = (choices: readonly Choice[], proven: readonly Factor[]): number =>
  coveredChoices(choices, proven).filter(Boolean).length

/** Whether a person who has everything could take this alternative: no authenticator is needed twice. */
export function isPossible(alternative: Alternative, table: FactorTable): boolean {
  const choices = choicesOf(alternative, table)
  return coversAll(choices, unique(choices.flat()))
}

/** Whether the plan is complete with what was proven. */
export function isComplete({ paths }: Plan, proven: readonly Factor[]): boolean {
  for (const { choices } of paths) if (coversAll(choices, proven)) return true
  return false
}

/** How far a person has come on a path. */
export interface PathProgress {
  readonly path: Path
  /** Which of its choices are covered. */
  readonly covered: readonly boolean[]
  /** The index of its first open choice; as many as it has choices when there is none. */
  readonly gap: number
  /** The step of that choice; `Infinity` when there is none. */
  readonly step: number
}

export function progressOn(path: Path, proven: readonly Factor[]): PathProgress {
  const covered = coveredChoices(path.choices, proven)
  const first = covered.indexOf(false)
  const gap = first < 0 ? covered.length : first
  return { path, covered, gap, step: path.stepOf[gap] ?? Infinity }
}

/**
 * Whether the person has a factor of this step on a path. Then they enrol no way around it: a thief with the password
 * would.
 */
export const hasFactorOf = ({ choices, stepOf }: Path, step: number, has: readonly Factor[]): boolean =>
  choices.some((choice, index) => stepOf[index] === step && hasOneOf(choice, has))

/** What may be enrolled on a path: where the person has none of a choice, its factors with `enroll: 'first'`. */
export const enrollableOn = ({ choices }: Path, has: readonly Factor[]): Factor[] =>
  choices.filter((choice) => !hasOneOf(choice, has)).flat().filter(({ enroll }) => enroll === 'first')

const hasOneOf = (choice: Choice, has: readonly Factor[]): boolean => choice.some((factor) => has.includes(factor))

/** The entries for which something holds; all of them where it holds for none. */
export function preferring<T>(all: readonly T[], holds: (one: T) => boolean): readonly T[] {
  const some = all.filter(holds)
  return some.length > 0 ? some : all
}

/** What is asked of people who may use these factors alone. Empty: none of the alternatives can be taken with them. */
export function restricted(
  asked: Alternatives, isAllowed: (name: string) => boolean, table: FactorTable,
): Alternatives {
  const narrowed = asked.map((alternative) => alternative.map((choice) => choice.filter(isAllowed)))
  return narrowed.filter((alternative) => isPossible(alternative, table))
}
