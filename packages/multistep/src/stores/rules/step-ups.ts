import {
  mostBegun, mostGrants, mostRequirements, mostRetired, type KeptRequirement, type Met, type NewRequirement,
  type Requirement,
} from '../step-up-store.js'
import type { Proof } from '../../factors/proof.js'
import { frozen } from './frozen.js'
import type { Grant, KeptLogin, OpenRequirement } from './logins.js'

/** Those that have not ended, the one asked for longest ago first. */
export const openRequirements = ({ requirements = [] }: KeptLogin, now: number): readonly OpenRequirement[] =>
  requirements.filter(({ expiresAt }) => now < expiresAt)

export const toldRequirement = ({ requirement, id, version, expiresAt }: OpenRequirement): KeptRequirement =>
  ({ ...requirement, id, version, expiresAt })

/** The login with this requirement open, or with an equal one that is asked for anew. */
export function withOpenRequirement(
  login: KeptLogin, { id, key, ttl, requirement }: NewRequirement, now: number,
): { readonly login: KeptLogin, readonly opened: OpenRequirement } {
  const open = openRequirements(login, now)
  const equal = open.find((one) => one.key === key)
  const begins = { id, key, version: 1, requirement: frozen(requirement) }
  const opened = { ...equal ?? begins, expiresAt: Math.ceil(now + ttl) }
  const all = [...open.filter((one) => one !== equal && one.id !== opened.id), opened]
  return { login: { ...login, requirements: atMost(all, isNew, mostRequirements) }, opened }
}

/** The login with the requirement moved on. `undefined`: it is not open at this version. */
export function withMovedRequirement(
  login: KeptLogin, id: string, version: number, requirement: Requirement, now: number,
): KeptLogin | undefined {
  const kept = find(login, id, version, now)
  if (!kept) return undefined
  const moved = { ...kept, version: version + 1, requirement: frozen(requirement) }
  const all = openRequirements(login, now).map((one) => (one === kept ? moved : one))
  return { ...login, requirements: atMost(all, isBegun, mostBegun) }
}

export const withoutRequirement = (login: KeptLogin, id: string): KeptLogin =>
  ({ ...login, requirements: (login.requirements ?? []).filter((one) => one.id !== id) })

/** The login once a requirement of it is met. `undefined`: it is not open at this version. */
export function withMet(
  login: KeptLogin, id: string, version: number, { proofs, grant, retires }: Met, now: number,
): KeptLogin | undefined {
  if (!find(login, id, version, now)) return undefined
  const newest = proofs.reduce(held, login.newest ?? [])
  const met = { ...withRetired(withoutRequirement(login, id), retires), newest }
  return grant ? { ...met, grants: granted(login.grants ?? [], [grant.key, Math.ceil(now + grant.ttl)], now) } : met
}

/** The session comes first among those that are not this login's any more. */
export const withRetired = (login: KeptLogin, session: string): KeptLogin => {
  const others = (login.retired ?? []).filter((one) => one !== session)
  return { ...login, retired: [session, ...others].slice(0, mostRetired) }
}

/** The login without a grant, and whether it had it. */
export function withoutGrant(
  login: KeptLogin, key: string, now: number,
): { readonly login: KeptLogin, readonly taken: boolean } {
  const grant = login.grants?.find(([one]) => one === key)
  if (!grant) return { login, taken: false }
  return { login: { ...login, grants: login.grants?.filter((one) => one !== grant) ?? [] }, taken: now < grant[1] }
}

export const steppedDown = ({ newest: _, requirements: __, grants: ___, ...login }: KeptLogin): KeptLogin => login

const isNew = ({ version }: OpenRequirement): boolean => version === 1
const isBegun = ({ version }: OpenRequirement): boolean => version > 1

/** Without the first ones of a kind, until at most so many of it are left. */
function atMost(
  all: readonly OpenRequirement[], isOfKind: (one: OpenRequirement) => boolean, most: number,
): readonly OpenRequirement[] {
  const some = all.filter(isOfKind)
  const gone = some.slice(0, Math.max(0, some.length - most))
  return all.filter((one) => !gone.includes(one))
}

function find(login: KeptLogin, id: string, version: number, now: number): OpenRequirement | undefined {
  return openRequirements(login, now).find((one) => one.id === id && one.version === version)
}

/** Of each factor the newest proof. */
function held(proofs: readonly Proof[], proof: Proof): readonly Proof[] {
  const before = proofs.find(({ factor }) => factor === proof.factor)
  if (before && before.at > proof.at) return proofs
  return [...proofs.filter((one) => one !== before), frozen(proof)]
}

/** Of too many the one of the nearest end goes. */
function granted(grants: readonly Grant[], grant: Grant, now: number): readonly Grant[] {
  const living = [...grants.filter(([key, expiresAt]) => key !== grant[0] && now < expiresAt), grant]
  return living.sort(([, one], [, other]) => one - other).slice(-mostGrants)
}
