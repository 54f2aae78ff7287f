import type { Factor, FactorTable } from '../factors/factor.js'

interface Codes { readonly factor: Factor, readonly remaining: number }

/**
 * The factors with which somebody proves that it is them before they get new recovery codes (ASVS 7.5.1): a second
 * factor that they have; for want of one, whatever else proves them, unless they have codes already, which whoever
 * knows a password must not replace.
 */
export async function factorsForRecoveryCodes(user: Express.User, table: FactorTable, { factor: codes, remaining }: Codes): Promise<readonly string[]> {
  const fresh = table.names.map((name) => table.get(name)).filter((factor) => factor.via === 'fresh' && factor !== codes)
  const own = await Promise.all(fresh.filter(isSecond).map(async (factor) => ({ factor, has: await factor.enrolled(user) })))
  const second = own.filter(({ has }) => has).map(({ factor }) => factor.name)
  if (second.length > 0) return second
  return remaining === 0 ? fresh.map(({ name }) => name) : []
}

/**
 * Nothing that is known; and nothing of which neither a kind nor who has it is known, such as a social login that
 * everybody is offered.
 */
const isSecond = ({ kind, knowsEnrolment, sees }: Factor): boolean => kind !== 'knowledge' && (kind !== undefined || knowsEnrolment || sees === 'pending')
