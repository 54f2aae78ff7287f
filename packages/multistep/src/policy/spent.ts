import { coverage } from './coverage.js'
import { provenBy, type FactorTable } from '../factors/factor.js'
import { enrolledIn, routesOf, type Asked } from './plan.js'

/** The optional steps for which this person has nothing but what the other steps need, by the rule that one proof counts once. */
export async function spentOn(
  plan: readonly Asked[], optional: ReadonlySet<number>, user: Express.User | undefined, factors: FactorTable,
): Promise<ReadonlySet<number>> {
  const authenticators = plan.map((asked) => asked.flat(2).map((name) => factors.get(name).authenticator))
  const shares = (index: number): boolean => authenticators.some((some, other) => other !== index && some.some((one) => authenticators[index]?.includes(one)))
  const doubtful = [...optional].filter(shares)
  if (doubtful.length === 0) return new Set()
  const has = (await enrolledIn([...new Set(plan.flat(3))], user, factors)).map((name) => provenBy(factors.get(name)))
  const covered = (without: ReadonlySet<number>): number =>
    Math.max(...routesOf(plan.filter((_, index) => !without.has(index))).map(({ slots }) => coverage(slots, has).filter(Boolean).length))
  return doubtful.reduce((spent, index) => {
    const more = new Set([...spent, index])
    return covered(more) === covered(spent) ? more : spent
  }, new Set<number>())
}
