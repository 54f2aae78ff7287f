import { withDeadline } from '../deadline.js'
import { idOf, newHandle, seal, unseal } from './transaction-handle.js'
import type { ClaimAnswer, CountAnswer, StoreUnavailable, TransactionStore } from './transaction-store.js'

export interface Claimed<Transaction> {
  readonly status: 'claimed'
  readonly transaction: Transaction
  readonly slowed: number
}

/** The transactions of one strategy. They are sealed before the store gets them, and each call has a deadline. */
export class SealedTransactions<Transaction extends object> {
  private readonly store: TransactionStore
  private readonly timeout: number
  private readonly unavailable: StoreUnavailable
  private readonly isOwn: (error: unknown) => boolean

  /**
   * @param timeout milliseconds that each call of the store may take
   * @param isOwn whether an error is one of the package already, and is thrown as it is
   */
  constructor(
    store: TransactionStore,
    timeout: number,
    unavailable: StoreUnavailable,
    isOwn: (error: unknown) => boolean,
  ) {
    this.store = store
    this.timeout = timeout
    this.unavailable = unavailable
    this.isOwn = isOwn
  }

  /** Stores a transaction, and returns its handle. */
  async begin(transaction: Transaction, ttl: number, handle = newHandle()): Promise<string> {
    await this.guarded(() => this.store.put(idOf(handle), seal(handle, transaction), ttl))
    return handle
  }

  /** Removes a transaction and returns it. Callers take it before they check it, so that it cannot be tried twice. */
  async take(handle: string): Promise<Transaction | undefined> {
    const sealed: unknown = await this.guarded(() => this.store.take(idOf(handle)))
    return sealed === undefined || sealed === null ? undefined : this.unsealed(handle, sealed)
  }

  async claim(
    handle: string,
    lease: number,
  ): Promise<Claimed<Transaction> | Exclude<ClaimAnswer, { status: 'claimed' }>> {
    const claimed = await this.guarded(() => this.store.claim(idOf(handle), lease))
    const answer = this.withStatus(['claimed', 'early', 'unknown'], claimed)
    if (answer.status !== 'claimed') return answer
    const transaction = this.unsealed(handle, answer.sealed)
    return { status: 'claimed', transaction, slowed: answer.slowed }
  }

  async postpone(handle: string, delay: number, slower = 0): Promise<void> {
    await this.guarded(() => this.store.postpone(idOf(handle), delay, slower))
  }

  async count(key: string, limit: number, window: number): Promise<CountAnswer> {
    return this.withStatus(['counted', 'spent'], await this.guarded(() => this.store.count(key, limit, window)))
  }

  private async guarded<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await withDeadline(this.timeout, work)
    } catch (cause) {
      throw this.isOwn(cause) ? cause : this.unavailable('The transaction store did not answer.', cause)
    }
  }

  private unsealed(handle: string, sealed: unknown): Transaction {
    try {
      return unseal(handle, sealed as string) as Transaction
    } catch {
      throw this.unavailable('The transaction store returned another text than it was given.')
    }
  }

  /** Checked, because a store may be the app's own, and any other answer must not pass for a yes. */
  private withStatus<Answer extends { readonly status: string }>(
    statuses: readonly Answer['status'][],
    answer: Answer,
  ): Answer {
    if (statuses.includes((answer as Answer | undefined | null)?.status ?? '')) return answer
    throw this.unavailable(`The transaction store answered with a status that is none of ${statuses.join(', ')}.`)
  }
}
