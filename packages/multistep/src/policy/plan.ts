import type { CountedProof, FactorTable } from '../factors/factor.js'
import type { Factors } from './steps.js'

/** The names of factors of which one is enough at one place of a plan. Never empty. */
export type Choice = readonly string[]
/** One way to take a step: a proof for each of these choices, in this order. */
export type Alternative = readonly Choice[]
/** A step as it is asked for: any one of these is enough. A plain choice is one alternative of one choice. */
export type Alternatives = readonly Alternative[]
/** One way through a whole plan: one alternative of each step. `stepOf` says of which step each choice is. */
export interface Path { readonly choices: readonly Choice[], readonly stepOf: readonly number[] }

/** What a person must prove, made ready to be asked: a login is complete when the choices of one path are covered. */
export interface Plan {
  readonly paths: readonly Path[]
  /** Every factor that the plan mentions, once. */
  readonly names: readonly string[]
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
export function planOf(steps: readonly Alternatives[], factors: FactorTable): Plan {
  const paths = pathsOf(steps)
  const mentioned = steps.flat(3)
  const authenticators = new Set(mentioned.map((name) => factors.get(name).authenticator))
  return { paths, names: unique(mentioned), isSimple: paths.length === 1 && authenticators.size === mentioned.length }
}

/** Every way through these steps. @throws TypeError for more than `mostPaths`. */
export const pathsOf = (steps: readonly Alternatives[]): Path[] =>
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

/**
 * Which choices these proofs cover. A proof covers one choice, and two proofs by one authenticator count once. As many
 * choices as possible are covered, earlier ones first. (Kuhn's algorithm: a choice that is covered stays covered while
 * later ones are tried.)
 */
export function coveredChoices(choices: readonly Choice[], proofs: readonly CountedProof[]): boolean[] {
  const choiceOf = new Map<string, number>()
  const cover = (index: number, tried: Set<string>): boolean => {
    for (const { factor, authenticator } of proofs) {
      if (tried.has(authenticator) || choices[index]?.includes(factor) !== true) continue
      tried.add(authenticator)
      const taken = choiceOf.get(authenticator)
      if (taken !== undefined && !cover(taken, tried)) continue
      choiceOf.set(authenticator, index)
      return true
    }
    return false
  }
  return choices.map((_, index) => cover(index, new Set()))
}

export const coversAll = (choices: readonly Choice[], proofs: readonly CountedProof[]): boolean =>
  !coveredChoices(choices, proofs).includes(false)

/** Whether these proofs complete the plan. */
export function isComplete({ paths }: Plan, proofs: readonly CountedProof[]): boolean {
  for (const { choices } of paths) if (coversAll(choices, proofs)) return true
  return false
}
