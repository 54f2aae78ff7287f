import type { Factor, FactorTable } from '../factors/factor.js'

interface RecoveryFactor { readonly factor: Factor, readonly remaining: number }

/**
 * The factors of which the user proves one before they get new recovery codes (ASVS 7.5.1).
 * It is a second factor that the user has. A user without a second factor may prove any other, but only while they have
 * no codes: an attacker who knows the password must not replace codes.
 */
export async function factorsForRecoveryCodes(
  user: Express.User,
  table: FactorTable,
  { factor: codes, remaining }: RecoveryFactor,
): Promise<readonly string[]> {
  const fresh = table.names
    .map((name) => table.get(name))
    .filter((factor) => factor.via === 'fresh' && factor !== codes)
  const own = await Promise.all(
    fresh.filter(isSecond).map(async (factor) => ({ factor, has: await factor.enrolled(user) })),
  )
  const second = own.filter(({ has }) => has).map(({ factor }) => factor.name)
  if (second.length > 0) return second
  return remaining === 0 ? fresh.map(({ name }) => name) : []
}

/**
 * Whether a factor counts as a second one. Knowledge does not. A factor without a kind does, unless the app offers it
 * to all users, such as a social login.
 */
const isSecond = ({ kind, knowsEnrolment, sees }: Factor): boolean =>
  kind !== 'knowledge' && (kind !== undefined || knowsEnrolment || sees === 'pending')
