import { createHash } from 'node:crypto'
import { BoundedMap } from '../bounded-map.js'
import type { Level } from '../options.js'

/** What a subscriber has said yes to, as the ID token tells it. */
export interface Approval {
  readonly level: Level
  /** Milliseconds since 1970. */
  readonly at: number
  readonly loginHint: string | undefined
  /** The text that was shown (mc_authz). */
  readonly displayed: string | undefined
}

/** By the id of the grant they became. */
export type Approvals = BoundedMap<Approval>

const amrOf = (level: Level): string[] => (level >= 3 ? ['SIM_PIN'] : ['SIM_OK'])

/** Mobile Connect's claims of the ID token (CPAS 5; R2.3 for `hashed_login_hint` and `displayed_data`). */
export const claimsOf = ({ level, at, loginHint, displayed }: Approval): Record<string, unknown> => ({
  acr: String(level),
  amr: amrOf(level),
  auth_time: Math.floor(at / 1000),
  ...(loginHint?.startsWith('MSISDN:')
    ? { hashed_login_hint: createHash('sha256').update(loginHint).digest('hex') }
    : {}),
  ...(displayed === undefined ? {} : { displayed_data: displayed }),
})
