import type { IssueRequest } from '../../src/index.js'

/** The rules as a reader of the documentation would write them down, with the time and every limit in plain sight. */
export const rules = {
  ttl: 5 * 60_000,
  maxAttempts: 3,
  maxResends: 2,
  delays: [20_000, 60_000],
  hourly: 6,
  inAll: 14,
  lockout: { after: 4, for: 60_000, max: 5 * 60_000, disableAfter: 6 },
}
const HOUR = 60 * 60_000

export const options = {
  // It has tests of its own: what it counts has nothing to do with one person's codes.
  conversion: false,
  ttl: '5m', maxAttempts: 3, maxResends: 2, delays: ['20s', '1m'], lockout: { after: 4, for: '1m', max: '5m', disableAfter: 6 },
  sendLimits: { phone: { '1h': 6 }, ip: {}, prefix: {}, country: {}, total: { '1h': 14 } },
  unsentLimits: { phone: { '1h': 6 } },
}
/**
 * Where several calls of one person come at once, only what one step of the store decides can be told in their order.
 */
export const withoutSharedLimits = { ...options, sendLimits: { ...options.sendLimits, total: {} } }

export type Person = Pick<IssueRequest, 'to' | 'subject'>
/** What becomes of a text: taken, definitely refused, or nobody knows. */
export type Fate = 'taken' | 'refused' | 'unknown'
export interface Answer {
  readonly status: string
  readonly [field: string]: unknown
}

interface Ledger { failures: number, lockedUntil: number, sinceSuccess: number, texts: number[], unsent: number[] }
interface Challenge { person: Person, purpose: string, expiresAt: number, attempts: number, resends: number, used: boolean }
interface Count { taken: number, endsAt: number }

const mask = (to: string) => `+44 •••• •••${to.slice(-3)}`
const keyOf = ({ to, subject }: Person) => (subject === undefined ? `number ${to}` : `account ${subject}`)

/** A service of codes without stores, secrets, senders or concurrency. */
export class Model {
  now = Date.UTC(2026, 0, 1)
  private ledgers: Record<string, Ledger> = {}
  private challenges: Record<string, Challenge> = {}
  private counts: Record<string, Count> = {}
  private readonly inAll: number | undefined

  constructor({ inAll }: { inAll?: number } = { inAll: rules.inAll }) {
    this.inAll = inAll
  }

  clone(): Model {
    const copy = new Model(this.inAll === undefined ? {} : { inAll: this.inAll })
    const { now, ledgers, challenges, counts } = this
    return Object.assign(copy, structuredClone({ now, ledgers, challenges, counts }))
  }

  issue(id: string, person: Person, purpose: string, fate: Fate): Answer {
    const challenge = { person, purpose, expiresAt: this.now + rules.ttl, attempts: 0, resends: 0, used: false }
    const refused = this.refusedToPerson(person) ?? this.refusedText(person)
    if (refused) return refused
    if (fate === 'refused') return this.countUnsent(person)
    this.countText(person)
    this.challenges[id] = challenge
    return this.sent(challenge)
  }

  /** @param same whether details are as they were issued */
  resend(id: string, same: boolean, fate: Fate): Answer {
    const challenge = this.challenges[id]
    if (!challenge || !same) return { status: 'unknown' }
    const state = this.stateOf(challenge)
    const refused = this.refusedToPerson(challenge.person)
    if (refused) return refused
    if (state === 'exhausted') return { status: state, retryAfter: this.secondsTo(challenge.expiresAt) }
    if (state !== 'live') return { status: state }
    if (challenge.resends >= rules.maxResends) return { status: 'throttled', scope: 'resends', retryAfter: this.secondsTo(challenge.expiresAt) }
    const delayed = this.refusedText(challenge.person)
    if (delayed) return delayed
    if (fate === 'refused') return this.countUnsent(challenge.person)
    this.countText(challenge.person)
    challenge.resends += 1
    return this.sent(challenge)
  }

  /** @param bound whether purpose, subject, details and number are as they were issued */
  verify(id: string, code: 'right' | 'wrong' | 'malformed', bound: boolean): Answer {
    if (code === 'malformed') return { status: 'malformed' }
    const challenge = this.challenges[id]
    if (!challenge || !bound) return { status: 'unknown' }
    const { person: { to, subject = to }, purpose } = challenge
    const refused = this.refusedToPerson(challenge.person)
    if (refused) return refused
    const state = this.stateOf(challenge)
    if (state !== 'live') return { status: state }
    challenge.attempts += 1
    if (code === 'wrong') return this.fail(challenge)
    challenge.used = true
    this.clear(challenge.person)
    this.ledger(challenge.person).sinceSuccess = 0
    return { status: 'ok', phone: to, subject, purpose, at: new Date(this.now) }
  }

  /** Failures, lock and disablement; not what was texted. */
  clear(person: Person): void {
    Object.assign(this.ledger(person), { failures: 0, lockedUntil: 0 })
  }

  private fail({ person, attempts }: Challenge): Answer {
    const ledger = this.ledger(person)
    const { after, for: first, max, disableAfter } = rules.lockout
    ledger.failures += 1
    // Nobody is known here: in the end a stranger has one guess a day.
    if (ledger.failures >= disableAfter) ledger.lockedUntil = this.now + 24 * HOUR
    else if (ledger.failures % after === 0) ledger.lockedUntil = this.now + Math.min(max, first * 2 ** (ledger.failures / after - 1))
    return { status: 'wrong', attemptsLeft: rules.maxAttempts - attempts }
  }

  private refusedToPerson(person: Person) {
    const { lockedUntil } = this.ledger(person)
    return this.now < lockedUntil ? { status: 'locked', retryAfter: this.secondsTo(lockedUntil) } : undefined
  }

  private refusedText(person: Person) {
    const { texts, unsent } = this.ledger(person)
    const throttled = (scope: string, until: number) => ({ status: 'throttled', scope, retryAfter: this.secondsTo(until) })
    const next = (texts.at(-1) ?? 0) + this.delay(person)
    if (this.now < next) return throttled('delay', next)
    const opens = Math.max(...[texts, unsent].map((tried) => (tried.at(-rules.hourly) ?? -HOUR) + HOUR))
    if (this.now < opens) return throttled('phone', opens)
    const spent = this.countsOf(person).find(({ count, limit }) => count.taken >= limit)
    return spent && throttled(spent.scope, spent.count.endsAt)
  }

  private countText(person: Person): void {
    const ledger = this.ledger(person)
    ledger.texts.push(this.now)
    ledger.sinceSuccess += 1
    for (const { count } of this.countsOf(person)) count.taken += 1
  }

  /** A text that did not leave delays nobody. */
  private countUnsent(person: Person): Answer {
    this.ledger(person).unsent.push(this.now)
    return undeliverable
  }

  /**
   * What people share: a number, which may stand in several accounts, and the whole app. Their windows begin with their
   * first text.
   */
  private countsOf({ to }: Person): { scope: string, limit: number, count: Count }[] {
    const shared = [
      { scope: 'phone', limit: rules.hourly, key: to },
      ...this.inAll === undefined ? [] : [{ scope: 'total', limit: this.inAll, key: 'total' }],
    ]
    return shared.map(({ key, ...about }) => ({ ...about, count: this.running(key) }))
  }

  private running(key: string): Count {
    const count = this.counts[key]
    return count && count.taken > 0 && this.now < count.endsAt ? count : (this.counts[key] = { taken: 0, endsAt: this.now + HOUR })
  }

  private sent(challenge: Challenge): Answer {
    const { person, expiresAt, attempts, resends } = challenge
    const resendAt = resends < rules.maxResends ? { resendAt: new Date(this.now + this.delay(person)) } : {}
    return { status: 'sent', to: mask(person.to), expiresAt: new Date(expiresAt), ...resendAt, attemptsLeft: rules.maxAttempts - attempts }
  }

  private delay(person: Person): number {
    const { sinceSuccess } = this.ledger(person)
    return sinceSuccess === 0 ? 0 : rules.delays[Math.min(sinceSuccess, rules.delays.length) - 1]!
  }

  private stateOf({ expiresAt, used, attempts }: Challenge): 'live' | 'expired' | 'used' | 'exhausted' {
    if (this.now >= expiresAt) return 'expired'
    if (used) return 'used'
    return attempts >= rules.maxAttempts ? 'exhausted' : 'live'
  }

  /** Without failures, texts that no window holds any more are forgotten, and the delays begin anew. */
  private ledger(person: Person): Ledger {
    const ledger = this.ledgers[keyOf(person)] ??= { failures: 0, lockedUntil: 0, sinceSuccess: 0, texts: [], unsent: [] }
    const last = Math.max(ledger.texts.at(-1) ?? 0, ledger.unsent.at(-1) ?? 0)
    if (ledger.failures === 0 && this.now >= last + HOUR) Object.assign(ledger, { sinceSuccess: 0, texts: [], unsent: [] })
    return ledger
  }

  private secondsTo(until: number): number {
    return Math.max(1, Math.ceil((until - this.now) / 1000))
  }
}

const undeliverable = { status: 'undeliverable', provider: 'gateway', providerCode: '21614', temporary: false }
