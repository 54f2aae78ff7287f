import { scriptRunner, type RedisClient, type RunScript, type Script } from '#internal/redis-script'
import { MultistepError } from '../../lib/errors.js'
import { anything, callback, checkOptions, whole, type Shape } from '../../lib/option-checks.js'
import { mostFlows, type Flow, type FlowStore, type KeptFlow, type Login, type NewLogin } from '../flow-store.js'
import type { AttemptAnswer, LedgerKey, LockoutPolicy, PresentedToken, Settled } from '../ledger-store.js'
import * as flows from './lua/flows.js'
import * as ledgers from './lua/ledgers.js'
import * as logins from './lua/logins.js'
import * as tombstones from './lua/tombstones.js'
import * as names from './lua/names.js'
import {
  attemptReply, done, flagReply, flowReply, flowsReply, integer, loginReply, textReply, wordsReply,
} from './redis-replies.js'
import { waitsUntil } from '../rules/flows.js'
import { packFlow } from '../rules/packed-flow.js'
import { knownFor } from '../rules/names.js'
import { RedisStepUps } from './redis-step-ups.js'
import type { NewTombstone } from '../tombstone-store.js'
import {
  isNobodys, namesShard, parseId, requireId, requireLedger, requirePartition, requireShared, requireWord, shards,
  type IdParts,
} from '../keys.js'

export interface RedisFlowStoreOptions {
  /**
   * A client of `redis` 4, 5 or 6, of `ioredis` or of `iovalkey`, or any other as `{ eval: (script, keys, args) =>
   * Promise }`. The store does not close it.
   */
  readonly client: RedisClient
  /** In front of every key: `'multistep:'`. Without braces, which name a cluster's hash slot. */
  readonly prefix?: string
  /**
   * How many flows of nobody are kept, and as many ledgers of names that no account was found for, locked ones and
   * others: 131 072. The oldest yields.
   */
  readonly strangers?: number
  /** The clock, in epoch milliseconds: Redis' own. All machines must agree about it. */
  readonly now?: () => number
}

const withoutBraces: Shape = {
  words: 'text without braces, which name a cluster\'s hash slot',
  fits: (value) => typeof value === 'string' && !/[{}]/.test(value),
}

/** Whether a cluster has refused a script, before running any of it, because its keys are of several hash slots. */
const isOfTwoSlots = (error: unknown): boolean => {
  const { cause } = (error ?? {}) as { cause?: unknown }
  return cause instanceof Error && cause.message.includes('CROSSSLOT')
}

const packed = (flow: Flow): string => JSON.stringify(packFlow(flow))

const redisUnavailable = (cause: Error) => new MultistepError('store_unavailable', 'Redis did not answer.', { cause })

/**
 * Keeps flows, logins, ledgers and devices in Redis, one server or a cluster. Each operation is one script;
 * `finishFlow` is two if the login is of another partition than the flow, and one more on a cluster if it leaves a
 * tombstone. Redis must not evict (`maxmemory-policy noeviction`): an evicted ledger is a lock forgotten.
 * @example
 * const client = createClient({ url: process.env.REDIS_URL ?? '', disableOfflineQueue: true })
 * await client.connect()
 * multistep(passport, { steps: ['local', 'sms-otp'], store: new RedisFlowStore({ client }) })
 */
export class RedisFlowStore extends RedisStepUps implements FlowStore {
  protected readonly prefix: string
  private readonly runScript: RunScript
  private readonly mostInShard: number
  private readonly now: (() => number) | undefined
  /** Keys of two slots have been refused: what a single server does in one script takes two. */
  private isCluster = false

  /** @throws TypeError for options that cannot work. */
  constructor(options: RedisFlowStoreOptions) {
    const given = (options as RedisFlowStoreOptions | undefined) ?? {} as RedisFlowStoreOptions
    const { client, prefix = 'multistep:', strangers = 131_072, now } = given
    const runScript = scriptRunner('RedisFlowStore', client, redisUnavailable)
    checkOptions('RedisFlowStore ', options, {
      client: anything, prefix: withoutBraces, strangers: whole(1, 2 ** 24), now: callback('() => Date.now()'),
    })
    super()
    this.runScript = runScript
    this.prefix = prefix
    this.mostInShard = Math.ceil(strangers / shards)
    this.now = now
  }

  async time(): Promise<number> {
    return this.now?.() ?? integer(await this.run(flows.timeScript, []))
  }

  async createFlow(id: string, flow: Flow, ttl: number): Promise<boolean> {
    const parts = requireId(id)
    const args = [parts.random, ttl, waitsUntil(flow), packed(flow)]
    if (!isNobodys(parts.partition)) {
      return flagReply(await this.run(flows.createFlowScript, [this.flowsKey(parts)], ...args, mostFlows))
    }
    const keys = [this.flowsKey(parts), this.nobodysKey(parts)]
    return flagReply(await this.run(flows.createNobodysFlowScript, keys, ...args, this.mostInShard))
  }

  async readFlow(id: string): Promise<{ at: number, flow?: KeptFlow }> {
    const parts = parseId(id)
    if (parts === undefined) return { at: await this.time() }
    return flowReply(await this.run(flows.readFlowScript, [this.flowsKey(parts)], parts.random))
  }

  async readFlows(partition: string): Promise<{ at: number, flows: (KeptFlow & { id: string })[] }> {
    const key = this.flowsKey({ partition: requirePartition(partition), random: '' })
    return flowsReply(await this.run(flows.readFlowsScript, [key]), partition)
  }

  async advanceFlow(id: string, version: number, flow: Flow, passed?: LedgerKey): Promise<boolean> {
    const parts = parseId(id)
    if (parts === undefined) return this.nothingButPassed(passed)
    const keys = [this.flowsKey(parts), ...passed ? [this.sharedLedgerKey(id, passed)] : []]
    const args = [parts.random, version, waitsUntil(flow), packed(flow)]
    return flagReply(await this.run(flows.advanceFlowScript, keys, ...args))
  }

  async finishFlow(
    id: string, version: number, login: NewLogin, passed?: LedgerKey, tombstone?: NewTombstone,
  ): Promise<boolean> {
    requireId(login.id)
    if (tombstone) requireWord(tombstone.session)
    if (parseId(id) === undefined) return this.nothingButPassed(passed)
    if (!tombstone) return this.finish(id, version, login, passed)
    if (!this.isCluster) {
      try {
        return await this.finish(id, version, login, passed, tombstone)
      } catch (error) {
        if (!isOfTwoSlots(error)) throw error
        // Refused before anything was run, and so from now on.
        this.isCluster = true
      }
    }
    const taken = await this.finish(id, version, login, passed)
    // The login stands: that its tombstone could not be left is not in its way.
    if (taken) await this.leaveTombstone(tombstone.session, tombstone.to, tombstone.ttl).catch(() => undefined)
    return taken
  }

  private async finish(
    id: string, version: number, login: NewLogin, passed?: LedgerKey, tombstone?: NewTombstone,
  ): Promise<boolean> {
    const from = requireId(id)
    const to = requireId(login.id)
    const isOnePartition = from.partition === to.partition
    const keys = [
      this.flowsKey(from),
      this.nobodysKey(from),
      ...isOnePartition ? this.loginKeys(to) : [],
      ...passed ? [this.sharedLedgerKey(id, passed)] : [],
      ...tombstone ? [this.tombstoneKey(tombstone.session)] : [],
    ]
    const ended = isOnePartition ? [login.ttl, JSON.stringify(login.login)] : ['', '']
    const args = [from.random, version, ...ended, passed ? 'passed' : '', tombstone?.ttl ?? '', tombstone?.to ?? '']
    const taken = flagReply(await this.run(flows.finishFlowScript, keys, ...args))
    if (taken && !isOnePartition) await this.createLogin(login)
    return taken
  }

  async dropFlow(id: string): Promise<void> {
    const parts = parseId(id)
    if (parts === undefined) return
    done(await this.run(flows.dropFlowScript, [this.flowsKey(parts), this.nobodysKey(parts)], parts.random))
  }

  async createLogin({ id, login, ttl }: NewLogin): Promise<void> {
    done(await this.run(logins.createLoginScript, this.loginKeys(requireId(id)), ttl, JSON.stringify(login)))
  }

  async readLogin(id: string): Promise<{ at: number, login?: Login }> {
    const parts = parseId(id)
    if (parts === undefined) return { at: await this.time() }
    const keys = [this.key('login', parts), this.generationKey(parts.partition)]
    return loginReply(await this.run(logins.readLoginScript, keys))
  }

  async endLogin(id: string): Promise<void> {
    const parts = parseId(id)
    if (parts === undefined) return
    done(await this.run(flows.dropScript, [this.key('login', parts), this.key('step-ups', parts)]))
  }

  async leaveTombstone(session: string, to: string, ttl: number): Promise<boolean> {
    return flagReply(await this.run(tombstones.leaveTombstoneScript, [this.tombstoneKey(session)], ttl, to))
  }

  async changeTombstone(session: string, to: string | undefined): Promise<void> {
    const script = to === undefined ? flows.dropScript : tombstones.changeTombstoneScript
    done(await this.run(script, [this.tombstoneKey(session)], ...to === undefined ? [] : [to]))
  }

  async readTombstone(session: string): Promise<string | undefined> {
    return textReply(await this.run(tombstones.readTombstoneScript, [this.tombstoneKey(session)]))
  }

  async attempt(ledger: LedgerKey, policy: LockoutPolicy, once?: PresentedToken): Promise<AttemptAnswer> {
    const { partition, factor, of } = requireLedger(ledger)
    if (of === 'name') return this.attemptByName(`${partition}:${factor}`, policy, once)
    const keys = [this.ledgerKey({ partition, factor })]
    if (once) keys.push(`${this.prefix}once:{${partition}}:${factor}:${requireWord(once.token)}`)
    const args = [policy.after, policy.for, policy.max, once?.ttl ?? 0]
    return attemptReply(await this.run(ledgers.attemptScript, keys, ...args))
  }

  private async attemptByName(field: string, policy: LockoutPolicy, once?: PresentedToken): Promise<AttemptAnswer> {
    const token = once && `${field}:${requireWord(once.token)}`
    const presented = token === undefined ? [] : [`${this.prefix}once:{${namesShard(field)}}:${token}`]
    const keys = [...this.nameKeys(field), ...presented]
    const counts = [policy.after, policy.for, policy.max, this.mostInShard]
    const args = [field, ...counts, ...once && token !== undefined ? [once.ttl, token] : []]
    return attemptReply(await this.run(names.attemptByNameScript, keys, ...args))
  }

  async settle(ledger: LedgerKey, outcome: Settled): Promise<void> {
    const { partition, factor, of } = requireLedger(ledger)
    const field = `${partition}:${factor}`
    if (of === 'name') {
      return done(await this.run(names.settleNameScript, this.nameKeys(field), field, outcome, knownFor))
    }
    done(await this.run(ledgers.settleScript, [this.ledgerKey({ partition, factor })], outcome))
  }

  async endAll(partition: string, ttl: number): Promise<string[]> {
    const keys = [this.generationKey(requirePartition(partition)), this.devicesKey(partition)]
    return wordsReply(await this.run(logins.endAllScript, [...keys, this.flowsKey({ partition, random: '' })], ttl))
  }

  protected run(script: Script, keys: string[], ...args: (string | number)[]): Promise<unknown> {
    return this.runScript(script, keys, [this.now?.() ?? '', ...args].map(String))
  }

  protected loginKeys(id: IdParts): string[] {
    return [this.key('login', id), this.key('step-ups', id), this.generationKey(id.partition)]
  }

  /** There is nothing that could move. */
  protected async nothingButPassed(passed: LedgerKey | undefined): Promise<false> {
    if (passed) await this.settle(passed, 'passed')
    return false
  }

  protected sharedLedgerKey(id: string, passed: LedgerKey): string {
    return this.ledgerKey(requireShared(id, passed))
  }

  private ledgerKey({ partition, factor }: LedgerKey): string {
    return `${this.prefix}ledger:{${partition}}:${factor}`
  }

  private key(kind: 'login' | 'step-ups', { partition, random }: IdParts): string {
    return `${this.prefix}${kind}:{${partition}}:${random}`
  }

  /** The flows of a person are one record. A flow of nobody is a record by itself, because there may be many. */
  private flowsKey({ partition, random }: IdParts): string {
    return `${this.prefix}flows:{${partition}}${isNobodys(partition) ? `:${random}` : ''}`
  }

  private nobodysKey({ partition }: IdParts): string {
    return `${this.prefix}nobodys:{${partition}}`
  }

  private tombstoneKey(session: string): string {
    return `${this.prefix}tombstone:{${requireWord(session)}}`
  }

  private nameKeys(field: string): string[] {
    const shard = `{${namesShard(field)}}`
    const strangers = ['strangers', 'strangers-open', 'strangers-locked'].map((kind) => `${kind}:${shard}`)
    return [`name:${shard}:${field}`, ...strangers].map((key) => this.prefix + key)
  }

  private generationKey(partition: string): string {
    return `${this.prefix}generation:{${partition}}`
  }
}
