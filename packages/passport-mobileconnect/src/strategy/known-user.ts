import type { Identified, Identity } from '../protocol/results.js'
import { fail, success, type Ending } from './ending.js'
import type { Login } from './login.js'
import { isSamePerson } from '#internal/passport-user'
import type { Verified } from '#internal/verify-callback'
import { messageIn } from '#internal/verify-message'

type Find = (identity: Identity) => Promise<Verified>

/**
 * Ends the login of a known user (`req.user`).
 * A browser carried the request, and an operator may ignore the login hint. So the answer must prove that it is about
 * this user: by an identity that is linked with the account, by the number, or by the app's `confirm`.
 */
export async function endKnown(login: Login, me: Express.User, answer: Identified, find: Find): Promise<Ending> {
  const { identity } = answer
  const links = await linksOf(login, me, identity)
  const isLinked = links?.includes(identity.sub) === true
  // A `verify` that sees the request may return `req.user` for any identity. So its result is no link.
  const findsLinks = links === undefined && login.options.passReqToCallback !== true
  const early = isLinked || findsLinks ? undefined : await objection(login, me, answer)
  if (early) return fail(early)
  const { user, info } = await find(identity)
  if (user && !await isSamePerson(me, user, login.options)) return fail('person_mismatch')
  // When `verify` finds no account for a linked identity, the app keeps the account out, for example because it is
  // locked.
  if (isLinked) return user ? success(user, info, identity) : fail('user_unknown', messageIn(info))
  if (user && findsLinks) return success(user, info, identity)
  const late = findsLinks ? await objection(login, me, answer) : undefined
  if (late) return fail(late)
  if (await save(login, me, identity, links ?? [])) return success(me, info, identity)
  if (links !== undefined && links.length > 0) return fail('person_mismatch')
  return user ? success(user, info, identity) : fail('user_unknown', messageIn(info))
}

/** The identities of this issuer that the app has linked with the account. `undefined` when the app has no `linked`. */
async function linksOf(
  { options: { linked } }: Login,
  me: Express.User,
  { issuer }: Identity,
): Promise<readonly string[] | undefined> {
  if (!linked) return undefined
  const subs: unknown = await linked(me, issuer)
  const list: readonly unknown[] = Array.isArray(subs) ? subs : [subs ?? []].flat()
  if (list.every((sub) => typeof sub === 'string')) return list
  throw new TypeError(
    'linked(user, issuer) returns the sub that is linked with the account at this issuer, a list of them,'
    + ' or undefined for none.',
  )
}

/** Why the answer does not count for this user. An answer that says nothing of the number confirms nothing. */
async function objection(
  { options, person: { number } }: Login,
  me: Express.User,
  { identity, repeatsHint }: Identified,
): Promise<'person_mismatch' | 'person_unconfirmed' | undefined> {
  const { phone: told, ...rest } = identity
  if (number !== undefined && told !== undefined) return told === `+${number}` ? undefined : 'person_mismatch'
  if (repeatsHint) return undefined
  const phone = number === undefined ? undefined : `+${number}`
  return await options.confirm?.({ ...rest, user: me, phone }) === true ? undefined : 'person_unconfirmed'
}

/** Lets the app link a new identity with the account. A second identity of an issuer can only replace the first one. */
async function save(
  { options }: Login,
  me: Express.User,
  { issuer, sub, phone }: Identity,
  links: readonly string[],
): Promise<boolean> {
  const saved: unknown = links.length > 0
    ? await options.replaceLink?.(me, { issuer, sub, phone, replaces: links })
    : await options.link?.(me, { issuer, sub, phone })
  return saved === true
}
