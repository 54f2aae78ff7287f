import { randomBytes } from 'node:crypto'
import { scriptRunner, type RedisClient, type RunScript, type Script } from '../redis-script.js'
import * as lua from './lua.js'
import { whole } from './store-numbers.js'
import type { ClaimAnswer, CountAnswer, StoreUnavailable, TransactionStore } from './transaction-store.js'

/** The options of a `RedisTransactionStore`. */
export interface RedisTransactionStoreOptions {
  /**
   * A client of `redis` 4, 5 or 6, of `ioredis` or of `iovalkey`, or any other as
   * `{ eval: (script, keys, args) => Promise }`.
   */
  readonly client: RedisClient
  /**
   * What every key begins with.
   * @default the name of the package's keys, such as `'mobileconnect:'`
   */
  readonly prefix?: string | undefined
  /**
   * Epoch milliseconds.
   * @default the time of the Redis server, one clock for all app servers
   */
  readonly now?: (() => number) | undefined
}

/** What belongs to the package that keeps its transactions in Redis. */
export interface RedisOf {
  readonly unavailable: StoreUnavailable
  readonly prefix: string
}

/**
 * Transactions that any number of app servers share, in one Redis or a cluster. Each operation is one script
 * call on one key. Every failure rejects with the error of the package that keeps them.
 */
export class RedisTransactionStore implements TransactionStore {
  private readonly runScript: RunScript
  private readonly prefix: string
  private readonly now: (() => number) | undefined
  private readonly unavailable: StoreUnavailable

  constructor({ client, prefix, now }: RedisTransactionStoreOptions, of: RedisOf) {
    this.runScript = scriptRunner('RedisTransactionStore', client, (cause) =>
      of.unavailable('The transaction store in Redis did not answer.', cause))
    this.prefix = prefix ?? of.prefix
    this.now = now
    this.unavailable = of.unavailable
  }

  async put(id: string, sealed: string, ttl: number): Promise<void> {
    await this.run(lua.put, this.transaction(id), [sealed, String(whole('ttl', ttl))], ['done'])
  }

  async take(id: string): Promise<string | undefined> {
    const [, sealed] = await this.run(lua.take, this.transaction(id), [], ['taken', 'unknown'])
    return sealed
  }

  async claim(id: string, lease: number): Promise<ClaimAnswer> {
    const args = [String(whole('lease', lease))]
    const [status, value = '', slowed = ''] =
      await this.run(lua.claim, this.transaction(id), args, ['claimed', 'early', 'unknown'])
    if (status === 'claimed') return { status, sealed: value, slowed: this.milliseconds(slowed) }
    return status === 'early' ? { status, wait: this.milliseconds(value) } : { status: 'unknown' }
  }

  async postpone(id: string, delay: number, slower: number): Promise<void> {
    const args = [whole('delay', delay), whole('slower', slower)].map(String)
    await this.run(lua.postpone, this.transaction(id), args, ['done'])
  }

  async count(key: string, limit: number, window: number): Promise<CountAnswer> {
    const args = [String(whole('limit', limit)), String(whole('window', window)), randomBytes(12).toString('base64url')]
    const [status, wait = ''] = await this.run(lua.count, `${this.prefix}count:${key}`, args, ['counted', 'spent'])
    return status === 'counted' ? { status } : { status: 'spent', wait: this.milliseconds(wait) }
  }

  private transaction(id: string): string {
    return `${this.prefix}${id}`
  }

  private async run<Status extends string>(
    operation: Script,
    key: string,
    args: string[],
    known: readonly Status[],
  ): Promise<[Status, ...string[]]> {
    const now = this.now ? String(Math.floor(this.now())) : ''
    const reply = await this.runScript(operation, [key], [now, ...args])
    const isKnown = Array.isArray(reply) && known.includes(reply[0] as Status)
    if (isKnown && reply.every((part) => typeof part === 'string')) return reply as [Status, ...string[]]
    throw this.strange()
  }

  private milliseconds(value: string): number {
    const number = Number(value)
    if (value === '' || !Number.isFinite(number)) throw this.strange()
    return Math.max(0, Math.ceil(number))
  }

  private strange(): Error {
    return this.unavailable('Redis answered a script with something the transaction store does not know.')
  }
}
