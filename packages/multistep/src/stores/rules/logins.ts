import type { Expiring } from '#internal/documents/documents'
import type { Proof } from '../../factors/proof.js'
import type { Login, NewLogin } from '../flow-store.js'
import { inOrder, type Requirement } from '../step-up-store.js'
import { frozen } from './frozen.js'
import { generationOf, type PersonRecord } from './person.js'

/** A completed login with all that step-ups have brought to it, as one document: what belongs to it ends with it. */
export interface KeptLogin extends Expiring {
  readonly login: Omit<Login, 'retired'>
  /** Of its person, when it was made. */
  readonly generation: number
  readonly retired?: readonly string[]
  /** Proofs of step-ups, of each factor the newest. */
  readonly newest?: readonly Proof[]
  /** The one asked for longest ago comes first. */
  readonly requirements?: readonly OpenRequirement[]
  readonly grants?: readonly Grant[]
}

export interface OpenRequirement {
  readonly id: string
  readonly key: string
  readonly version: number
  readonly expiresAt: number
  readonly requirement: Requirement
}

export type Grant = readonly [key: string, expiresAt: number]

export function newLogin({ login, ttl }: NewLogin, person: PersonRecord | undefined, now: number): KeptLogin {
  const generation = Math.max(now, generationOf(person, now))
  return { expiresAt: Math.ceil(now + ttl), login: frozen({ ...login, createdAt: now }), generation }
}

/** `undefined`: it is over, with all that its person was logged in by. */
export const currentLogin = (
  kept: KeptLogin | undefined, person: PersonRecord | undefined, now: number,
): KeptLogin | undefined => (kept && kept.generation >= generationOf(person, now) ? kept : undefined)

export function toldLogin({ login, retired = [], newest = [] }: KeptLogin): Login {
  return retired.length === 0 ? login : { ...login, proofs: [...login.proofs, ...inOrder(newest)], retired }
}
