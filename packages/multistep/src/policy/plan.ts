import type { FactorTable } from '../factors/factor.js'
import type { Factors } from './steps.js'

/** The names any one of which covers one place of a login. Never empty. */
export type Slot = readonly string[]
/** One way to take a step: every slot must be covered, in this order. */
export type Way = readonly Slot[]
/** A step that a login asks for, here and now: any one of its ways will do. A plain choice is one way of one slot. */
export type Asked = readonly Way[]
/** One way through a whole plan, and of which step each slot is. */
export interface Route { readonly slots: readonly Slot[], readonly steps: readonly number[] }

/** A policy with more ways through it is none that people understand. */
const mostRoutes = 64

/** Those of these factors that a person has. Without a person: none, for nothing is known. */
export async function enrolledIn(names: readonly string[], user: Express.User | undefined, factors: FactorTable): Promise<string[]> {
  if (user === undefined) return []
  const answers = await Promise.all(names.map(async (name) => ({ name, enrolled: await factors.get(name).enrolled(user) })))
  return answers.filter(({ enrolled }) => enrolled).map(({ name }) => name)
}

/** The ways to prove these factors, in the order in which they are written; neighbours of which one proof is enough are one slot. */
export function waysOf(factors: Factors): Asked {
  if (typeof factors === 'string') return [[[factors]]]
  const parts = factors.factors.map(waysOf)
  if (factors.type === 'allOf') return product(parts).map((ways) => ways.flat())
  return parts.flat().reduce<Way[]>((ways, way) => {
    const [last, only] = [ways.at(-1), way[0]]
    const together = last?.length === 1 && way.length === 1 && only ? [...new Set([...last.flat(), ...only])] : undefined
    return together ? [...ways.slice(0, -1), [together]] : [...ways, way]
  }, [])
}

/** Every way through a plan. */
export const routesOf = (plan: readonly Asked[]): Route[] =>
  product(plan).map((ways) => ({ slots: ways.flat(), steps: ways.flatMap((way, step) => way.map(() => step)) }))

/** @throws TypeError for more ways than `mostRoutes`. */
const product = <T>(lists: readonly (readonly T[])[]): T[][] =>
  lists.reduce<T[][]>((made, list) => {
    if (made.length * list.length > mostRoutes) throw new TypeError(`multistep: more than ${mostRoutes} ways lead through these steps. Write fewer allOf(…) inside anyOf(…), or decide with steps: async ({ user }) => [ … ].`)
    return made.flatMap((before) => list.map((one) => [...before, one]))
  }, [[]])
