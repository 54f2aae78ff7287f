import { withDeadline } from '#internal/deadline'
import { MobileConnectError } from '../errors.js'
import type { OperatorOptions } from '../operators/operator-options.js'
import type { DiscoveryQuestion } from '../operators/discovery.js'
import type { ClaimAnswer, CountAnswer, TransactionStore } from '../transactions/transaction-store.js'
import type { AcrOptions, AcrPolicy } from './acr.js'
import type { RequestedDisplay } from './displayed-data.js'
import { idOf, newHandle, seal, unseal } from './transaction-handle.js'

/** What the answer to a login must fulfil. It is kept when the login begins (RFC 9700 §2.1, §4.4.2). */
export interface ExpectedAnswer {
  readonly acr: AcrPolicy
  /** Seconds. */
  readonly maxAge?: number | undefined
  /** A digest of the user's id and number. The login must not end for another user. */
  readonly subject?: string | undefined
  /** The values of `hashed_login_hint` that mean this user. */
  readonly hints?: readonly string[] | undefined
  /** The app knows the user's number. Then any other `hashed_login_hint` is another user's. */
  readonly number?: boolean | undefined
  /** What the phone must have shown. */
  readonly shown?: RequestedDisplay | undefined
  /** A digest of the details that the login confirms. */
  readonly details?: string | undefined
  readonly correlationId?: string | undefined
}

/** The operator, and this app's client there. */
export interface AtOperator {
  readonly operator: string
  readonly issuer: string
  readonly clientId: string
  /** The options of an operator that discovery found, because the strategy's options lack them. */
  readonly discovered?: OperatorOptions | undefined
}

/** The user is at the operator, and will come back with a code. */
export interface RedirectTransaction extends ExpectedAnswer, AtOperator {
  readonly kind: 'redirect'
  readonly redirectUri: string
  readonly nonce: string
  readonly codeVerifier: string
}

/** The operator rings the user's phone, and the app asks for the outcome (OpenID CIBA). */
export interface BackchannelTransaction extends ExpectedAnswer, AtOperator {
  readonly kind: 'backchannel'
  readonly authReqId: string
  /** Milliseconds between two requests for the outcome. */
  readonly interval: number
}

/** The user chooses their operator on the operator-selection page. */
export interface SelectionTransaction {
  readonly kind: 'selection'
  readonly subject?: string | undefined
  /** The options of the route that began the login. */
  readonly route: AcrOptions & {
    readonly details?: Readonly<Record<string, string>> | undefined
    readonly maxAge?: string | undefined
    readonly prompt?: string | undefined
  }
  readonly question: DiscoveryQuestion
}

export type Transaction = RedirectTransaction | BackchannelTransaction | SelectionTransaction

export interface Claimed { readonly status: 'claimed', readonly transaction: Transaction, readonly slowed: number }

/** The transactions of one strategy. They are sealed before the store gets them, and each call has a deadline. */
export class Transactions {
  private readonly store: TransactionStore
  private readonly timeout: number

  constructor(store: TransactionStore, timeout: number) {
    this.store = store
    this.timeout = timeout
  }

  /** Stores a transaction, and returns its handle. */
  async begin(transaction: Transaction, ttl: number, handle = newHandle()): Promise<string> {
    await this.guarded(() => this.store.put(idOf(handle), seal(handle, transaction), ttl))
    return handle
  }

  /** Removes a transaction and returns it. Callers take it before they check it, so that it cannot be tried twice. */
  async take(handle: string): Promise<Transaction | undefined> {
    const sealed: unknown = await this.guarded(() => this.store.take(idOf(handle)))
    return sealed === undefined || sealed === null ? undefined : unsealTransaction(handle, sealed)
  }

  async claim(handle: string, lease: number): Promise<Claimed | Exclude<ClaimAnswer, { status: 'claimed' }>> {
    const claimed = await this.guarded(() => this.store.claim(idOf(handle), lease))
    const answer = requireStatus(['claimed', 'early', 'unknown'], claimed)
    if (answer.status !== 'claimed') return answer
    const transaction = unsealTransaction(handle, answer.sealed)
    return { status: 'claimed', transaction, slowed: answer.slowed }
  }

  async postpone(handle: string, delay: number, slower = 0): Promise<void> {
    await this.guarded(() => this.store.postpone(idOf(handle), delay, slower))
  }

  async count(key: string, limit: number, window: number): Promise<CountAnswer> {
    return requireStatus(['counted', 'spent'], await this.guarded(() => this.store.count(key, limit, window)))
  }

  private async guarded<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await withDeadline(this.timeout, work)
    } catch (cause) {
      if (cause instanceof MobileConnectError) throw cause
      throw new MobileConnectError('store_unavailable', 'The transaction store did not answer.', { cause })
    }
  }
}

function unsealTransaction(handle: string, sealed: unknown): Transaction {
  try {
    return unseal(handle, sealed as string) as Transaction
  } catch {
    throw new MobileConnectError('store_unavailable', 'The transaction store returned another text than it was given.')
  }
}

/** Checked, because a store may be the app's own, and any other answer must not pass for a yes. */
function requireStatus<Answer extends { readonly status: string }>(
  statuses: readonly Answer['status'][],
  answer: Answer,
): Answer {
  if (statuses.includes((answer as Answer | undefined | null)?.status ?? '')) return answer
  throw new MobileConnectError(
    'store_unavailable',
    `The transaction store answered with a status that is none of ${statuses.join(', ')}.`,
  )
}
