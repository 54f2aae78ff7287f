import type {
  Budget, ChallengeKey, ChallengeStore, ReleaseRequest, ReserveAnswer, SendAnswer, SendRequest, UndoRequest, VerifyAnswer, VerifyRequest,
} from '../challenge-store.js'
import { SmsOtpError } from '../../lib/errors.js'
import { checkFunctions, checkOptionNames } from '#internal/option-checks'
import { MemoryBudgets } from './memory-budgets.js'
import { warnInProduction } from './memory-warning.js'
import { addFailure, addText, clearFailures, delayOf, emptyLedger, forgetText, isForgotten, refusedText, refusedToPerson, type Ledger } from './memory-ledger.js'
import { checkLockout, checkSend, GRACE, keptFor, readClock } from '../store-request.js'
import { ShardedMap } from './sharded-map.js'
import { sweeper } from './sweeper.js'

export interface MemoryChallengeStoreOptions {
  /** Epoch milliseconds. Default: `Date.now`. */
  readonly now?: (() => number) | undefined
  /**
   * How many challenges, subjects and budget counters may be held, each. What would be new beyond that rejects with `store_unavailable`,
   * because making room would forget somebody's failures. Default: 200 000.
   */
  readonly capacity?: number | undefined
}

interface Challenge {
  readonly expiresAt: number
  readonly maxAttempts: number
  readonly maxResends: number
  attempts: number
  resends: number
  used: boolean
}

type Found =
  | { readonly state: 'live' | 'exhausted', readonly id: string, readonly challenge: Challenge }
  | { readonly state: 'unknown' | 'expired' | 'used' }

interface Text {
  readonly id: string
  readonly repeated: boolean
  readonly challenge: Challenge
}

const nameOf = (subject: string, id: string) => `${subject}/${id}`

/**
 * A challenge store for one process: development, tests, an app that runs once. Limits are forgotten when the process ends, and two
 * processes do not share them, so it warns under `NODE_ENV=production`. No operation awaits anything: each is one step.
 */
export class MemoryChallengeStore implements ChallengeStore {
  private readonly challenges = new ShardedMap<Challenge>()
  private readonly ledgers = new ShardedMap<Ledger>()
  private readonly remembered = new Map<string, string>()
  private readonly sweepChallenges = sweeper(this.challenges)
  private readonly sweepLedgers = sweeper(this.ledgers)
  private readonly budgets: MemoryBudgets
  private readonly now: () => number
  private readonly capacity: number

  constructor(options: MemoryChallengeStoreOptions = {}) {
    checkOptionNames('MemoryChallengeStore', options, ['now', 'capacity'])
    checkFunctions(options, ['now'])
    const { now = Date.now, capacity = 200_000 } = options
    if (!Number.isSafeInteger(capacity) || capacity < 1) throw new TypeError(`capacity is a whole number of challenges, not ${capacity}.`)
    this.now = now
    this.capacity = capacity
    this.budgets = new MemoryBudgets(capacity)
    warnInProduction()
  }

  async send(request: SendRequest): Promise<SendAnswer> {
    checkSend(request)
    const at = this.tick()
    const ledger = this.ledgerOf(request.subject, at)
    const refused = refusedToPerson(ledger, at)
    if (refused) return refused
    const found = this.find(request.subject, request.repeat, at)
    if (found.state === 'live') return this.repeat(request, found, ledger, at)
    if (found.state === 'exhausted') return { status: 'exhausted', retryAt: found.challenge.expiresAt, at }
    if (!request.begin) return { status: found.state, at }
    return this.begin(request, request.begin, ledger, at)
  }

  async verify({ subject, id, matched, lockout }: VerifyRequest): Promise<VerifyAnswer> {
    checkLockout(lockout)
    const at = this.tick()
    const ledger = this.ledgerOf(subject, at)
    const refused = refusedToPerson(ledger, at)
    if (refused) return refused
    const found = this.find(subject, id, at)
    if (found.state !== 'live') return { status: found.state, at }
    const { challenge } = found
    challenge.attempts += 1
    if ((matched as unknown) === true) {
      challenge.used = true
      clearFailures(ledger)
      ledger.textsSinceSuccess = 0
      this.keep(subject, ledger, at)
      return { status: 'ok', at }
    }
    const consequence = addFailure(ledger, lockout, at)
    this.keep(subject, ledger, at)
    return { status: 'wrong', attemptsLeft: challenge.maxAttempts - challenge.attempts, ...consequence, at }
  }

  async undo({ subject, id, repeated, at: textAt, unsent, keepChallenge = false }: UndoRequest): Promise<void> {
    const at = this.tick()
    const challenge = this.challenges.get(nameOf(subject, id))
    if (repeated && challenge && challenge.resends > 0) challenge.resends -= 1
    if (!repeated && !keepChallenge) this.challenges.delete(nameOf(subject, id))
    const ledger = this.ledgerOf(subject, at)
    forgetText(ledger, textAt, unsent)
    this.keep(subject, ledger, at)
  }

  async reserve(budgets: readonly Budget[]): Promise<ReserveAnswer> {
    const answer = this.budgets.reserve(budgets, this.tick())
    if (!answer) throw full()
    return answer
  }

  async release(request: ReleaseRequest): Promise<void> {
    this.budgets.release(request, this.tick())
  }

  async settle(keys: readonly string[], outcome: 'verified' | 'lost'): Promise<void> {
    this.budgets.settle(keys, outcome, this.tick())
  }

  async enable(subject: string): Promise<void> {
    const at = this.tick()
    const ledger = this.ledgerOf(subject, at)
    clearFailures(ledger)
    this.keep(subject, ledger, at)
  }

  async remember(values: Readonly<Record<string, string>>): Promise<Readonly<Record<string, string>>> {
    for (const [name, value] of Object.entries(values)) this.remembered.set(name, value)
    return Object.fromEntries(this.remembered)
  }

  async retire({ subject, id }: ChallengeKey): Promise<void> {
    this.challenges.delete(nameOf(subject, id))
  }

  private begin(request: SendRequest, begin: NonNullable<SendRequest['begin']>, ledger: Ledger, at: number): SendAnswer {
    const refused = refusedText(ledger, request, at)
    if (refused) return refused
    this.makeRoom(request.subject, at)
    const { ttl, maxAttempts, maxResends } = begin
    const challenge = { expiresAt: at + ttl, maxAttempts, maxResends, attempts: 0, resends: 0, used: false }
    if (request.retire !== undefined) this.challenges.delete(nameOf(request.subject, request.retire))
    this.challenges.set(nameOf(request.subject, begin.id), challenge)
    return this.sent(request, { id: begin.id, repeated: false, challenge }, ledger, at)
  }

  private repeat(request: SendRequest, { id, challenge }: { id: string, challenge: Challenge }, ledger: Ledger, at: number): SendAnswer {
    if (challenge.resends >= challenge.maxResends) return { status: 'throttled', scope: 'resends', retryAt: challenge.expiresAt, at }
    const refused = refusedText(ledger, request, at)
    if (refused) return refused
    challenge.resends += 1
    return this.sent(request, { id, repeated: true, challenge }, ledger, at)
  }

  private sent(request: SendRequest, { id, repeated, challenge }: Text, ledger: Ledger, at: number): SendAnswer {
    addText(ledger, at, keptFor(request))
    this.keep(request.subject, ledger, at)
    const { expiresAt, maxAttempts, attempts, maxResends, resends } = challenge
    const resendAt = resends < maxResends ? at + delayOf(ledger, request.delays) : undefined
    return { status: 'sent', id, repeated, at, expiresAt, resendAt, attemptsLeft: maxAttempts - attempts }
  }

  private find(subject: string, id: string | undefined, at: number): Found {
    const challenge = id === undefined ? undefined : this.challenges.get(nameOf(subject, id))
    if (id === undefined || !challenge || at >= challenge.expiresAt + GRACE) return { state: 'unknown' }
    if (at >= challenge.expiresAt) return { state: 'expired' }
    if (challenge.used) return { state: 'used' }
    return { state: challenge.attempts >= challenge.maxAttempts ? 'exhausted' : 'live', id, challenge }
  }

  private ledgerOf(subject: string, at: number): Ledger {
    const ledger = this.ledgers.get(subject)
    return ledger && !isForgotten(ledger, at) ? ledger : emptyLedger()
  }

  private keep(subject: string, ledger: Ledger, at: number): void {
    if (isForgotten(ledger, at)) this.ledgers.delete(subject)
    else this.ledgers.set(subject, ledger)
  }

  private tick(): number {
    const at = readClock(this.now)
    this.sweepChallenges(2, ({ expiresAt }) => at >= expiresAt + GRACE)
    this.sweepLedgers(2, (ledger) => isForgotten(ledger, at))
    return at
  }

  private makeRoom(subject: string, at: number): void {
    if (this.challenges.size >= this.capacity) this.sweepChallenges(100, ({ expiresAt }) => at >= expiresAt)
    const newSubjects = this.ledgers.has(subject) ? 0 : 1
    if (this.challenges.size >= this.capacity || this.ledgers.size + newSubjects > this.capacity) throw full()
  }
}

const full = () => new SmsOtpError('store_unavailable', 'The memory store is full.')
