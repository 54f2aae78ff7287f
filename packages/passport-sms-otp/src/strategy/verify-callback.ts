import type { Request } from 'express'
import type { VerifyDone } from '#internal/verify-callback'

export type { VerifyDone } from '#internal/verify-callback'

/**
 * Finds, or makes, the account of a number that was proven. May return a promise of it (`undefined`, `null`, `false`:
 * nobody) or call `done`.
 */
export type Verify = (phone: string, done: VerifyDone) => unknown

/** The same with `passReqToCallback: true`. */
export type VerifyWithRequest = (req: Request, phone: string, done: VerifyDone) => unknown
