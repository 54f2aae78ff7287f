import type { Request } from 'express'
import type { Identity } from '../protocol/results.js'
import type { VerifyDone } from '#internal/verify-callback'

export type { VerifyDone } from '#internal/verify-callback'

/**
 * Finds, or makes, the account of an identity. It may return the account, return a promise of it, or call `done`.
 * `undefined`, `null` and `false` mean that there is no account.
 */
export type Verify = (identity: Identity, done: VerifyDone) => unknown

/** The same with `passReqToCallback: true`. */
export type VerifyWithRequest = (req: Request, identity: Identity, done: VerifyDone) => unknown
