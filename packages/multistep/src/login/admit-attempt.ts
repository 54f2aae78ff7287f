import { createHash } from 'node:crypto'
import { accountName } from '../factors/account-name.js'
import type { Factor } from '../factors/factor.js'
import type { Request } from '../http/request.js'
import { MultistepError, problemOf, type Problem } from '../lib/errors.js'
import { typedCode } from '../lib/typed-code.js'
import { warnOnce } from '../lib/warn-once.js'
import type { Context } from '../settings/context.js'
import type { Position } from '../state/position.js'
import { partitionOf } from '../stores/keys.js'
import type { LedgerKey } from '../stores/ledger-store.js'

/** Whether an attempt may be made. It is counted as a failure before it is made. */
export type Admission =
  /** Nothing can be tried, and nothing is counted. */
  | { readonly type: 'incomplete', readonly message: string }
  | { readonly type: 'locked', readonly problem: Problem }
  /** The strategy counts failures by itself, or reads what cannot be guessed. */
  | { readonly type: 'uncounted' }
  | Counted

export interface Counted {
  readonly type: 'counted'
  readonly ledger: LedgerKey
  /** As a failure, this attempt has locked the ledger. */
  readonly locks: boolean
  /** The code was presented before, so the attempt is not evaluated. */
  readonly repeats: boolean
  /** The store's clock. */
  readonly at: number
}

/** An attempt that could guess is made only where it can be counted. */
export async function admitAttempt(
  { store, settings }: Pick<Context, 'store' | 'settings'>, req: Request, factor: Factor, position: Position,
): Promise<Admission> {
  if (factor.ownLockout) return { type: 'uncounted' }
  const flaw = await flawIn(req, factor)
  if (flaw !== undefined) return { type: 'incomplete', message: flaw }
  const ledger = await ledgerOf(req, factor, position.person?.userId)
  if (ledger === 'unnamed') return { type: 'incomplete', message: 'The name of the account is missing.' }
  if (!ledger) return { type: 'uncounted' }
  const answer = await store.attempt(ledger, settings.lockout, await tokenIn(req, factor))
  const { status, at } = answer
  if (status === 'locked') return { type: 'locked', problem: lockedProblem(answer.retryAt - at) }
  return { type: 'counted', ledger, locks: answer.locks, repeats: status === 'replayed', at }
}

/** Third-party strategies were written for text. A factor with a lockout of its own checks its input itself. */
async function flawIn(req: Request, factor: Factor): Promise<string | undefined> {
  const body = req.body as Record<string, unknown> | undefined
  for (const name of factor.fields) {
    if (body && Object.hasOwn(body, name) && typeof body[name] !== 'string') return `The field ${name} must be text.`
  }
  const { accountField } = factor
  if (accountField !== undefined && typeof body?.[accountField] !== 'string') {
    warnOnce([`a post to '${factor.name}' had no field ${accountField}, by which failures are counted, and was `
      + `refused. If its strategy reads another one, give factors: { '${factor.name}': { fields: ['email', `
      + '\'password\'] } }.'])
    return `The field ${accountField} is missing.`
  }
  // A code that cannot be seen cannot be remembered as spent.
  if (!factor.once || factor.redirects || await factor.once(req) !== undefined) return undefined
  return 'The code is missing.'
}

/**
 * The ledger that counts an attempt: the submitted account's where the factor names an account, else the person's.
 * `undefined`: the strategy takes no name at all. `'unnamed'`: no person is known, and the name of the account is
 * missing. The submitted account comes first: otherwise a person with an account of their own could guess another
 * person's password, and the failures would count only for their own account.
 */
async function ledgerOf(
  req: Request, factor: Factor, userId: string | undefined,
): Promise<LedgerKey | 'unnamed' | undefined> {
  const account: unknown = await factor.account?.(req)
  if (account !== undefined && typeof account !== 'string') {
    throw new MultistepError('misconfigured', `multistep: account of '${factor.name}' must return text, or undefined `
      + 'where none was submitted.')
  }
  if (account !== undefined) return ledgerOfName(factor, account)
  if (userId !== undefined) return ledgerOfPerson(factor, userId)
  if (factor.redirects) return undefined
  if (factor.account) return 'unnamed'
  const name = nameIn(req)
  return name === undefined ? undefined : ledgerOfName(factor, name)
}

const ledgerOfPerson = ({ name }: Factor, userId: string): LedgerKey =>
  ({ partition: partitionOf('person', userId), factor: name })

const ledgerOfName = ({ name }: Factor, account: string): LedgerKey =>
  ({ partition: partitionOf('account', name, accountName(account)), factor: name, of: 'name' })

/**
 * The name that a request submits, for a factor that the app has described no account for. It stands where strategies
 * of passwords read it. A token comes without a name, and cannot be guessed.
 */
function nameIn({ body, headers }: Request): string | undefined {
  const fields = (body ?? {}) as Record<string, unknown>
  const names = ['username', 'email', 'user', 'login']
  const submitted = names.map((name) => fields[name]).find((value) => typeof value === 'string')
  if (submitted !== undefined) return submitted
  const [, basic] = /^Basic +([\w+/=-]+)$/i.exec(headers.authorization ?? '') ?? []
  return basic === undefined ? undefined : Buffer.from(basic, 'base64').toString().split(':')[0]
}

/**
 * Milliseconds, longer than any time-based code lives. The default window of passport-totp takes codes for about three
 * minutes to either side.
 */
const onceFor = 10 * 60_000

/** The one-time token that is remembered as presented, in whichever spelling it was typed. */
async function tokenIn(req: Request, factor: Factor): Promise<{ token: string, ttl: number } | undefined> {
  const typed = await factor.once?.(req)
  if (typed === undefined) return undefined
  return { token: createHash('sha256').update(typedCode(typed)).digest('base64url'), ttl: onceFor }
}

/**
 * Remembers the code of a request as presented, so that no login takes it again (RFC 6238 §5.2). It counts as no
 * attempt. A ledger that is locked takes no code at all, and need not know this one.
 */
export async function spendCode(
  { store, settings }: Pick<Context, 'store' | 'settings'>, req: Request, factor: Factor, userId: string,
): Promise<void> {
  const token = await tokenIn(req, factor)
  if (!token) return
  const ledger = ledgerOfPerson(factor, userId)
  const { status } = await store.attempt(ledger, settings.lockout, token)
  if (status !== 'locked') await store.settle(ledger, 'uncounted')
}

const lockedProblem = (milliseconds: number): Problem =>
  problemOf('factor_locked', { retryAfter: Math.max(1, Math.ceil(milliseconds / 1000)) })
