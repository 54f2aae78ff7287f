import type { Request } from 'express'
import type { Identity } from '../protocol/results.js'
import type { VerifyDone } from '#internal/verify-callback'

export type { VerifyDone } from '#internal/verify-callback'

/** Finds, or makes, the account of a person. May return a promise of it (`undefined`, `null`, `false`: nobody) or call `done`. */
export type Verify = (identity: Identity, done: VerifyDone) => unknown

/** The same with `passReqToCallback: true`. */
export type VerifyWithRequest = (req: Request, identity: Identity, done: VerifyDone) => unknown
