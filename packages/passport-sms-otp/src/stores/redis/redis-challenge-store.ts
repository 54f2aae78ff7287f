import type {
  AssignRequest, Budget, ChallengeKey, ChallengeStore, ConcludeAnswer, ConcludeRequest, CountAnswer, CountRequest,
  Limit, LockoutPolicy, NoteRequest, ReleaseRequest, ReportAnswer, ReportRequest, ReserveAnswer, SendAnswer,
  SendRequest, TraceAnswer, UndoRequest, VerifyAnswer, VerifyRequest,
} from '../challenge-store.js'
import { smsChannels } from '../../lib/channels.js'
import { assign } from './lua/subject/assign.js'
import { conclude } from './lua/subject/conclude.js'
import { enable } from './lua/subject/enable.js'
import { note } from './lua/subject/note.js'
import { release } from './lua/budgets/release.js'
import { report } from './lua/subject/report.js'
import { remember } from './lua/remember.js'
import { reserve } from './lua/budgets/reserve.js'
import { retire } from './lua/subject/retire.js'
import { send } from './lua/subject/send.js'
import { settle } from './lua/budgets/settle.js'
import { trace } from './lua/subject/trace.js'
import { undo } from './lua/subject/undo.js'
import { verify } from './lua/subject/verify.js'
import { checkFunctions, checkOptionNames, hasMethods } from '#internal/option-checks'
import { knowsEviction, warnOfEviction } from './redis-eviction.js'
import { script, scriptRunner, type RedisClient, type RunScript, type Script } from '#internal/redis-script'
import {
  concludeAnswers, done, readCounted, readTrace, reportAnswers, reserveAnswers, sendAnswers, verifyAnswers,
} from './redis-answers.js'
import { readPairs, readReply, unavailable, type Answers } from './redis-reply.js'
import {
  checkLockout, checkNotes, checkReport, checkSend, checkVerification, countersOf, isTaken, judgedOf, keptFor,
  readClock, type Counter, type Judged,
} from '../store-request.js'

/**
 * The Redis that the store is in.
 * @example
 * const options: RedisChallengeStoreOptions = { client: createClient({ disableOfflineQueue: true }), prefix: 'otp:' }
 */
export interface RedisChallengeStoreOptions {
  /**
   * A client of `redis` 4, 5 or 6, of `ioredis` or of `iovalkey`, or any other as `{ eval: (script, keys, args) =>
   * Promise }`.
   */
  readonly client: RedisClient
  /**
   * What every key begins with.
   * @default 'sms-otp:'
   */
  readonly prefix?: string | undefined
  /**
   * Epoch milliseconds.
   * @default the time of the Redis server, one clock for all app servers
   */
  readonly now?: (() => number) | undefined
}

const scripts = {
  send: script(send),
  verify: script(verify),
  assign: script(assign),
  conclude: script(conclude),
  undo: script(undo),
  reserve: script(reserve),
  release: script(release),
  settle: script(settle),
  report: script(report),
  enable: script(enable),
  remember: script(remember),
  retire: script(retire),
  note: script(note),
  trace: script(trace),
}

/**
 * A challenge store that any number of app servers share, in one Redis or a cluster. Each operation is one
 * script call. All that is known of one subject is one key; the keys of all budgets share a hash tag. Redis must run
 * with `noeviction`: evicted ledgers are forgotten failures. Every failure rejects with `store_unavailable`.
 * @example
 * const client = createClient({ url: process.env.REDIS_URL ?? '', disableOfflineQueue: true })
 * await client.connect()
 * new SmsOtp({ sender, secret, countries: ['GB'], store: new RedisChallengeStore({ client }) })
 */
export class RedisChallengeStore implements ChallengeStore {
  private readonly client: RedisClient
  private readonly runScript: RunScript
  private readonly prefix: string
  private readonly now: (() => number) | undefined

  constructor(options: RedisChallengeStoreOptions) {
    if (hasMethods(options, ['eval'])) throw new TypeError('RedisChallengeStore takes options: write new RedisChallengeStore({ client }).')
    checkOptionNames('RedisChallengeStore', options, ['client', 'prefix', 'now'])
    checkFunctions(options, ['now'])
    const { client, prefix = 'sms-otp:', now } = options
    const runScript = scriptRunner('RedisChallengeStore', client, unavailable)
    if (typeof prefix !== 'string') throw new TypeError(`prefix is a text such as 'otp:', not ${typeof prefix}.`)
    this.client = client
    this.runScript = runScript
    this.prefix = prefix
    this.now = now
    this.checkEviction()
  }

  async send(request: SendRequest): Promise<SendAnswer> {
    checkSend(request)
    const { subject, begin, repeat, retire, delays, limits, unsentLimits = [] } = request
    const { channel = 'sms', inPlaceOf = '', expect = 0 } = request
    const { id = '', ttl = 0, maxAttempts = 0, maxResends = 0 } = begin ?? {}
    const args = [
      id, repeat ?? '', retire ?? '', String(ttl), String(maxAttempts), String(maxResends),
      delays.join(), windowsOf(limits), String(keptFor(request)), windowsOf(unsentLimits),
      String(smsChannels.indexOf(channel)), String(inPlaceOf), String(expect),
    ]
    return await this.run(scripts.send, [this.record(subject)], args, sendAnswers(request))
  }

  async verify({ subject, id, matched, lockout }: VerifyRequest): Promise<VerifyAnswer> {
    checkLockout(lockout)
    const guess = (matched as unknown) === true ? 'right' : policyOf(lockout)
    return await this.run(scripts.verify, [this.record(subject)], [id, guess], verifyAnswers)
  }

  async assign({ subject, id, verification }: AssignRequest): Promise<void> {
    checkVerification(verification)
    return await this.run(scripts.assign, [this.record(subject)], [id, verification], done)
  }

  async count({ subject, id, lockout }: CountRequest): Promise<CountAnswer> {
    checkLockout(lockout)
    const args = [id, policyOf(lockout), 'asked']
    return await this.run(scripts.verify, [this.record(subject)], args, readCounted)
  }

  async conclude(request: ConcludeRequest): Promise<ConcludeAnswer> {
    const { subject, id, outcome, verification, lockedUntil = '', disabled } = request
    const args = [id, outcome, verification, String(lockedUntil), flag(disabled)]
    return await this.run(scripts.conclude, [this.record(subject)], args, concludeAnswers)
  }

  async undo(request: UndoRequest): Promise<void> {
    const { subject, id, repeated, at, unsent, keepChallenge, failed, channel = 'sms', isNewChannel } = request
    const args = [
      id, flag(repeated), String(at), flag(unsent), flag(keepChallenge), flag(failed),
      String(smsChannels.indexOf(channel)), flag(isNewChannel),
    ]
    return await this.run(scripts.undo, [this.record(subject)], args, done)
  }

  async reserve(budgets: readonly Budget[]): Promise<ReserveAnswer> {
    const { counters, judged, keys } = this.counted(budgets)
    if (keys.length === 0) return { status: 'reserved', at: readClock(this.now ?? Date.now) }
    const limits = counters.flatMap(
      ({ budget, limit, window, peek }) => [budget, String(limit), String(window), flag(peek)],
    )
    const policies = judged.flatMap(({ conversion: { below, over, pauseFor, patience }, peek }) =>
      [below, over, pauseFor, patience, flag(peek)].map(String))
    return await this.run(
      scripts.reserve, keys, [String(counters.length), ...limits, ...policies], reserveAnswers(counters, judged),
    )
  }

  async release({ budgets, at, charge = [] }: ReleaseRequest): Promise<void> {
    const given = countersOf(budgets).filter(isTaken)
    const charged = countersOf(charge)
    const counters = [...given, ...charged]
    const judged = judgedOf(budgets).filter(isTaken)
    const keys = [
      ...counters.map(({ name }) => this.counter(name)), ...judged.map(({ budget }) => this.conversion(budget)),
    ]
    const args = [at, given.length, charged.length, ...counters.map(({ window }) => window)].map(String)
    if (keys.length > 0) await this.run(scripts.release, keys, args, done)
  }

  async settle(keys: readonly string[], outcome: 'verified' | 'lost'): Promise<void> {
    if (keys.length > 0) await this.run(scripts.settle, keys.map((key) => this.conversion(key)), [flag(outcome === 'verified')], done)
  }

  async report(request: ReportRequest): Promise<ReportAnswer> {
    checkReport(request)
    const { subject, id, news, delays } = request
    const args = [id, String(news?.text ?? ''), news?.delivery === 'delivered' ? '1' : '2', delays.join()]
    return await this.run(scripts.report, [this.record(subject)], args, reportAnswers)
  }

  async enable(subject: string): Promise<void> {
    return await this.run(scripts.enable, [this.record(subject)], [], done)
  }

  async remember(values: Readonly<Record<string, string>>): Promise<Readonly<Record<string, string>>> {
    try {
      return readPairs(await this.runScript(scripts.remember, [`${this.prefix}remembered`], ['', ...Object.entries(values).flat()]))
    } catch (error) {
      throw unavailable(error)
    }
  }

  async retire({ subject, id }: ChallengeKey): Promise<void> {
    return await this.run(scripts.retire, [this.record(subject)], [id], done)
  }

  async note(request: NoteRequest): Promise<void> {
    checkNotes(request)
    const { subject, challenge: { name, expiresAt } = { name: '', expiresAt: 0 }, notes, last } = request
    const args = [
      name, String(expiresAt), String(last), String(request.keptFor), String(request.keptForFailures),
      ...notes.flatMap(({ text, at = '' }) => [text, String(at)]),
    ]
    return await this.run(scripts.note, [this.record(subject), this.notes(subject)], args, done)
  }

  async trace(subject: string): Promise<TraceAnswer> {
    return await this.run(scripts.trace, [this.notes(subject)], [], readTrace)
  }

  private async run<Answer>(
    operation: Script,
    keys: string[],
    args: string[],
    answers: Answers<Answer> | ((reply: unknown) => Answer),
  ): Promise<Answer> {
    const now = this.now ? String(readClock(this.now)) : ''
    try {
      const reply = await this.runScript(operation, keys, [now, ...args])
      const answer = typeof answers === 'function' ? answers(reply) : readReply(reply, answers)
      this.checkEviction()
      return answer
    } catch (error) {
      throw unavailable(error)
    }
  }

  /** When it is made, or, where the client was not connected yet, after the first answer. Nobody waits for it. */
  private checkEviction(): void {
    if (!knowsEviction(this.client)) void warnOfEviction(this.client, this.runScript, `${this.prefix}{budgets}`)
  }

  private record(subject: string): string {
    return `${this.prefix}{${subject}}:record`
  }

  private notes(subject: string): string {
    return `${this.prefix}{${subject}}:trace`
  }

  private counted(budgets: readonly Budget[]): { counters: Counter[], judged: Judged[], keys: string[] } {
    const counters = countersOf(budgets)
    const judged = judgedOf(budgets)
    return {
      counters,
      judged,
      keys: [...counters.map(({ name }) => this.counter(name)), ...judged.map(({ budget }) => this.conversion(budget))],
    }
  }

  private counter(name: string): string {
    return `${this.prefix}{budgets}:${name}`
  }

  private conversion(budget: string): string {
    return `${this.prefix}{budgets}:${budget}:conversion`
  }
}

const policyOf = ({ after, for: first, max, disableAfter, disableFor = 0 }: LockoutPolicy): string =>
  `${after},${first},${max},${disableAfter},${disableFor}`

const flag = (value: unknown): string => (value ? '1' : '0')

const windowsOf = (limits: readonly Limit[]): string => limits.map(({ limit, window }) => `${limit},${window}`).join()
