import { createHash } from 'node:crypto'
import type { Context } from '../settings/context.js'
import { MultistepError } from '../lib/errors.js'
import type { Factor } from '../factors/factor.js'
import type { AttemptAnswer, LedgerKey } from '../stores/flow-store.js'
import { problemOf, type Problem } from '../lib/problem.js'
import type { Request } from '../http/request.js'
import { accountName } from '../factors/account-name.js'
import { idOf } from '../factors/person-id.js'
import { partitionOf } from '../stores/keys.js'
import { typedCode } from '../lib/typed-code.js'

/**
 * Whose failures an attempt counts among: the submitted account's where the factor names one, else the person's. `undefined`: the strategy
 * counts by itself, or takes no name at all. `'unnamed'`: nobody is known, and the name is missing that would be counted by. (Were it the
 * pending person's first, somebody with accounts of their own could guess another's password behind them.)
 */
export async function ledgerOf({ settings }: Context, req: Request, factor: Factor, user: Express.User | undefined): Promise<LedgerKey | 'unnamed' | undefined> {
  if (factor.ownLockout) return undefined
  const account: unknown = await factor.account?.(req)
  if (account !== undefined && typeof account !== 'string') {
    throw new MultistepError('misconfigured', `multistep: account of '${factor.name}' must return text, or undefined where none was submitted.`)
  }
  if (account !== undefined) return byName(factor, account)
  if (user !== undefined) return { partition: partitionOf('person', idOf(user, settings.userId)), factor: factor.name }
  if (factor.redirects) return undefined
  if (factor.account) return 'unnamed'
  const name = nameIn(req)
  return name === undefined ? undefined : byName(factor, name)
}

const byName = ({ name }: Factor, account: string): LedgerKey => ({ partition: partitionOf('account', name, accountName(account)), factor: name, of: 'name' })

/** Of a factor that the app has said nothing of: where strategies of passwords read a name. Tokens have none, and are not guessed. */
function nameIn({ body, headers }: Request): string | undefined {
  const fields = (body ?? {}) as Record<string, unknown>
  const field = ['username', 'email', 'user', 'login'].map((name) => fields[name]).find((value) => typeof value === 'string')
  if (field !== undefined) return field
  const [, basic] = /^Basic +([\w+/=-]+)$/i.exec(headers.authorization ?? '') ?? []
  return basic === undefined ? undefined : Buffer.from(basic, 'base64').toString().split(':')[0]
}

/** Longer than any time-based code lives: passport-totp's default window takes codes for about three minutes to either side. */
const onceFor = 10 * 60_000

/** Counts the attempt as a failure before it is made (see `FlowStore.attempt`), and remembers its one-time token as presented, in whichever spelling. */
export async function countAttempt({ store, settings }: Context, req: Request, factor: Factor, ledger: LedgerKey): Promise<AttemptAnswer> {
  const token = await factor.once?.(req)
  const once = token === undefined ? undefined : { token: createHash('sha256').update(typedCode(token)).digest('base64url'), ttl: onceFor }
  return store.attempt(ledger, settings.lockout, once)
}

export const lockedProblem = ({ retryAt, at }: { retryAt: number, at: number }): Problem =>
  problemOf('factor_locked', { retryAfter: Math.max(1, Math.ceil((retryAt - at) / 1000)) })
