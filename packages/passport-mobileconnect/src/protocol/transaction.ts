import { withDeadline } from '#internal/deadline'
import { MobileConnectError } from '../errors.js'
import type { OperatorOptions } from '../operators/operator-options.js'
import type { DiscoveryQuestion } from '../operators/discovery.js'
import type { ClaimAnswer, CountAnswer, TransactionStore } from '../transactions/transaction-store.js'
import type { AcrOptions, AcrPolicy } from './acr.js'
import type { RequestedDisplay } from './displayed-data.js'
import { idOf, newHandle, seal, unseal } from './transaction-handle.js'

/** What a login that is under way promised, so that what comes back is held against it and against nothing else (RFC 9700 §2.1, §4.4.2). */
export interface ExpectedAnswer {
  readonly acr: AcrPolicy
  /** Seconds. */
  readonly maxAge?: number | undefined
  /** Whose second factor it is: a digest of the user's id and number. */
  readonly subject?: string | undefined
  /** What may come back as `hashed_login_hint`. */
  readonly hints?: readonly string[] | undefined
  /** It is about a number that is known here, so that any other `hashed_login_hint` is another person's. */
  readonly number?: boolean | undefined
  /** What the person must have been shown. */
  readonly shown?: RequestedDisplay | undefined
  /** A digest of the values that it confirms. */
  readonly details?: string | undefined
  readonly correlationId?: string | undefined
}

/** Which operator, and as which client. */
export interface AtOperator {
  readonly operator: string
  readonly issuer: string
  readonly clientId: string
  /** Only of an operator that discovery found: it stands in no configuration. */
  readonly discovered?: OperatorOptions | undefined
}

/** The person is at the operator, and comes back with a code. */
export interface RedirectTransaction extends ExpectedAnswer, AtOperator {
  readonly kind: 'redirect'
  readonly redirectUri: string
  readonly nonce: string
  readonly codeVerifier: string
}

/** The operator rings the person's phone, and is asked for the outcome (OpenID CIBA). */
export interface BackchannelTransaction extends ExpectedAnswer, AtOperator {
  readonly kind: 'backchannel'
  readonly authReqId: string
  /** Milliseconds between two questions. */
  readonly interval: number
}

/** The person chooses their operator on the selection page. */
export interface SelectionTransaction {
  readonly kind: 'selection'
  readonly subject?: string | undefined
  /** What the route that began it asked for. */
  readonly route: AcrOptions & {
    readonly details?: Readonly<Record<string, string>> | undefined
    readonly maxAge?: string | undefined
    readonly prompt?: string | undefined
  }
  readonly question: DiscoveryQuestion
}

export type Transaction = RedirectTransaction | BackchannelTransaction | SelectionTransaction

export interface Claimed { readonly status: 'claimed', readonly transaction: Transaction, readonly slowed: number }

/** The transactions of one strategy: sealed on their way to the store, and every call with an end. */
export class Transactions {
  private readonly store: TransactionStore
  private readonly timeout: number

  constructor(store: TransactionStore, timeout: number) {
    this.store = store
    this.timeout = timeout
  }

  /** Keeps a transaction, and says by which handle it is found again. */
  async begin(transaction: Transaction, ttl: number, handle = newHandle()): Promise<string> {
    await this.guarded(() => this.store.put(idOf(handle), seal(handle, transaction), ttl))
    return handle
  }

  /** Before anything is checked: whatever comes of it, it can not be tried twice. */
  async take(handle: string): Promise<Transaction | undefined> {
    const sealed: unknown = await this.guarded(() => this.store.take(idOf(handle)))
    return sealed === undefined || sealed === null ? undefined : unsealTransaction(handle, sealed)
  }

  async claim(handle: string, lease: number): Promise<Claimed | Exclude<ClaimAnswer, { status: 'claimed' }>> {
    const answer = requireStatus(['claimed', 'early', 'unknown'], await this.guarded(() => this.store.claim(idOf(handle), lease)))
    return answer.status === 'claimed' ? { status: 'claimed', transaction: unsealTransaction(handle, answer.sealed), slowed: answer.slowed } : answer
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
      throw cause instanceof MobileConnectError ? cause : new MobileConnectError('store_unavailable', 'The transaction store did not answer.', { cause })
    }
  }
}

function unsealTransaction(handle: string, sealed: unknown): Transaction {
  try {
    return unseal(handle, sealed as string) as Transaction
  } catch {
    throw new MobileConnectError('store_unavailable', 'The transaction store gave back something else than what it was given.')
  }
}

/** Nothing is taken for a yes that is none: a store may be the app's own. */
function requireStatus<Answer extends { readonly status: string }>(statuses: readonly Answer['status'][], answer: Answer): Answer {
  if (statuses.includes((answer as Answer | undefined | null)?.status ?? '')) return answer
  throw new MobileConnectError('store_unavailable', `The transaction store answered something else than one of ${statuses.join(', ')} as status.`)
}
