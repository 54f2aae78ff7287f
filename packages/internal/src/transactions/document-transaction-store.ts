import { documentKey } from '../documents/document-key.js'
import { changeOne, type Decided, type Documents, type Expiring } from '../documents/documents.js'
import { checkOptionNames, hasMethods } from '../option-checks.js'
import { decideCount, type Count } from './decide-count.js'
import { decideClaim, decidePostpone, decidePut, decideTake, type Transaction } from './decide-transaction.js'
import { whole } from './store-numbers.js'
import type { ClaimAnswer, CountAnswer, StoreUnavailable, TransactionStore } from './transaction-store.js'

/** The options of a `DocumentTransactionStore`. */
export interface DocumentTransactionStoreOptions {
  /** Where the documents are kept. Their clock is the clock of the store. */
  readonly documents: Documents
}

/**
 * Transactions over documents, and so on any database that has an adapter of `Documents`. Each operation changes one
 * document. Every failure rejects with the error of the package that keeps them.
 */
export class DocumentTransactionStore implements TransactionStore {
  private readonly documents: Documents
  private readonly unavailable: StoreUnavailable

  /** @throws TypeError for options that are none. */
  constructor(options: DocumentTransactionStoreOptions, unavailable: StoreUnavailable) {
    checkOptionNames('DocumentTransactionStore', options, ['documents'])
    if (!hasMethods(options.documents, ['change', 'read', 'sweep'])) {
      throw new TypeError('documents is an adapter of a database: { change, read, sweep }.')
    }
    this.documents = options.documents
    this.unavailable = unavailable
  }

  async put(id: string, sealed: string, ttl: number): Promise<void> {
    const request = { sealed, ttl: whole('ttl', ttl) }
    await this.change<Transaction, undefined>(transaction(id), (_, now) => decidePut(request, now))
  }

  async take(id: string): Promise<string | undefined> {
    return this.change(transaction(id), decideTake)
  }

  async claim(id: string, lease: number): Promise<ClaimAnswer> {
    const request = { lease: whole('lease', lease) }
    return this.change<Transaction, ClaimAnswer>(transaction(id), (kept, now) => decideClaim(kept, request, now))
  }

  async postpone(id: string, delay: number, slower: number): Promise<void> {
    const request = { delay: whole('delay', delay), slower: whole('slower', slower) }
    await this.change<Transaction, undefined>(transaction(id), (kept, now) => decidePostpone(kept, request, now))
  }

  async count(key: string, limit: number, window: number): Promise<CountAnswer> {
    const request = { limit: whole('limit', limit), window: whole('window', window) }
    return this.change<Count, CountAnswer>(documentKey('count', key), (kept, now) => decideCount(kept, request, now))
  }

  private async change<Kept extends Expiring, Answer>(
    key: string,
    decide: (kept: Kept | undefined, now: number) => Decided<Kept, Answer>,
  ): Promise<Answer> {
    try {
      return await changeOne(this.documents, key, decide)
    } catch (cause) {
      throw this.unavailable('The transaction store did not answer.', cause)
    }
  }
}

const transaction = (id: string): string => documentKey('transaction', id)
