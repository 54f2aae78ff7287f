import { createHash } from 'node:crypto'
import type { Context } from '../context.js'
import { MultistepError } from '../errors.js'
import type { Factor } from '../policy/factors.js'
import type { AttemptAnswer, LedgerKey } from '../stores/flow-store.js'
import { problemOf, type Problem } from '../problem.js'
import type { Request } from '../http/request.js'
import { idOf, slotOf } from '../policy/same-person.js'

/**
 * Whose failures an attempt counts among: the submitted account's where the factor names one, else the person's; `undefined`: the strategy
 * counts by itself, or there is nobody to count for. (Were it the pending person's first, somebody with accounts of their own could guess
 * another's password behind them.)
 */
export async function ledgerOf({ settings }: Context, req: Request, factor: Factor, user: Express.User | undefined): Promise<LedgerKey | undefined> {
  if (factor.ownLockout) return undefined
  const account: unknown = await factor.account?.(req)
  if (account !== undefined && typeof account !== 'string') {
    throw new MultistepError('misconfigured', `multistep: account of '${factor.name}' must return text, or undefined where none was submitted.`)
  }
  if (account !== undefined) return { slot: slotOf('account', factor.name, account), factor: factor.name }
  return user === undefined ? undefined : { slot: slotOf('person', idOf(user, settings.userId)), factor: factor.name }
}

/** Longer than any time-based code lives: passport-totp's default window takes codes for about three minutes to either side. */
const onceFor = 10 * 60_000

/** Counts the attempt as a failure before it is made (see `FlowStore.attempt`), and remembers its one-time token as presented. */
export async function countAttempt({ store, settings }: Context, req: Request, factor: Factor, ledger: LedgerKey): Promise<AttemptAnswer> {
  // Strategies may read past spaces and dashes, and so would let one code pass in several spellings.
  const token = (await factor.once?.(req))?.replace(/[\s-]/g, '')
  const once = token === undefined ? undefined : { token: createHash('sha256').update(token).digest('base64url'), ttl: onceFor }
  return store.attempt(ledger, settings.lockout, once)
}

export const lockedProblem = ({ retryAt, at }: { retryAt: number, at: number }): Problem =>
  problemOf('factor_locked', { retryAfter: Math.max(1, Math.ceil((retryAt - at) / 1000)) })
