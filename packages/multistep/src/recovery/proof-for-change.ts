import type { Factor, FactorTable } from '../factors/factor.js'

/**
 * The factors of which the user proves one before they get new recovery codes, an authenticator app or a passkey
 * (ASVS 7.5.1): a second factor that the user has. A user without a second factor may prove any other, but only for the
 * first thing of its kind: an attacker who knows the password must not replace what the user has.
 * @param except the factor that is no proof for its own change.
 */
export async function factorsForChange(
  user: Express.User,
  table: FactorTable,
  { isFirst, except }: { readonly isFirst: boolean, readonly except?: Factor },
): Promise<readonly string[]> {
  const fresh = table.names
    .map((name) => table.get(name))
    .filter((factor) => factor.via === 'fresh' && factor !== except)
  const own = await Promise.all(
    fresh.filter(isSecond).map(async (factor) => ({ factor, has: await factor.enrolled(user) })),
  )
  const second = own.filter(({ has }) => has).map(({ factor }) => factor.name)
  if (second.length > 0) return second
  return isFirst ? fresh.map(({ name }) => name) : []
}

/**
 * Whether a factor counts as a second one. Knowledge does not. A factor without a kind does, unless the app offers it
 * to all users, such as a social login.
 */
const isSecond = ({ kind, knowsEnrolment, sees }: Factor): boolean =>
  kind !== 'knowledge' && (kind !== undefined || knowsEnrolment || sees === 'pending')
