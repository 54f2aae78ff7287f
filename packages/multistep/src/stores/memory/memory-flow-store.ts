import { callback, checkOptions, whole } from '../../lib/option-checks.js'
import { ExpiringMap } from './expiring-map.js'
import { frozen, thawed } from './frozen.js'
import { mostFlows, waitsUntil, type AttemptAnswer, type Flow, type FlowStore, type KeptFlow, type LedgerKey, type LockoutPolicy, type Login, type NewLogin, type Settled } from '../flow-store.js'
import { failed, takenBack, type Ledger } from './ledger.js'
import { MemoryDevices } from './memory-devices.js'
import { MemoryNames } from './memory-names.js'
import { shardOf, shardsFor } from './shards.js'
import { StepUps } from './memory-step-ups.js'
import type { KeptRequirement, Met, NewRequirement, Requirement } from '../step-up-store.js'
import type { NewTombstone } from '../tombstone-store.js'
import { isNobodys, parseId, requireId, requireLedger, requirePartition, requireShared, requireWord } from '../keys.js'

export interface MemoryFlowStoreOptions {
  /** The clock, in epoch milliseconds: `Date.now`. */
  readonly now?: () => number
  /**
   * How many flows are kept, and as many logins, ledgers, presented tokens and people with devices: 100 000. Beyond it a new one is
   * `store_unavailable`. What strangers make (flows of nobody, ledgers of names) is kept apart: there, and among tombstones,
   * the oldest yields.
   */
  readonly capacity?: number
}

/** Until when it lives, and in which generation of its partition it was made. */
interface Dated { readonly expiresAt: number, readonly generation: number }
interface LoginRecord extends Dated { readonly login: Login, stepUps: StepUps | undefined }
interface FlowRecord extends Dated { readonly flow: Flow, readonly version: number }

/**
 * Keeps flows, logins, ledgers and devices in this process: for development, tests, and apps of one process that may forget them at a restart.
 * Values are kept as frozen copies. Under `NODE_ENV=production` it warns, once.
 */
export class MemoryFlowStore extends MemoryDevices implements FlowStore {
  protected readonly now: () => number
  private readonly flows: ExpiringMap<FlowRecord>
  /** By partition, the ids of its flows, oldest first. */
  private readonly orders: ExpiringMap<{ readonly ids: readonly string[], readonly expiresAt: number }>
  private readonly logins: ExpiringMap<LoginRecord>
  private readonly ledgers: ExpiringMap<Ledger>
  /** The oldest yields: nobody is kept from a login because there are many. */
  private readonly tombstones: ExpiringMap<{ readonly to: string, readonly expiresAt: number }>
  private readonly names: readonly MemoryNames[]
  /** Of nobody: the oldest yields. */
  private readonly nobodysFlows: ExpiringMap<FlowRecord>
  private readonly nobodysTokens: ExpiringMap<{ readonly expiresAt: number }>
  private readonly tokens: ExpiringMap<{ readonly expiresAt: number }>
  /** By partition, what `endAll` began: flows and logins made in an earlier one are over. */
  private readonly generations: ExpiringMap<{ readonly value: number, readonly expiresAt: number }>

  /** @throws TypeError for options that can not work. */
  constructor(options: MemoryFlowStoreOptions = {}) {
    checkOptions('MemoryFlowStore ', options, { now: callback('() => Date.now()'), capacity: whole(1, 2 ** 24) })
    const capacity = options.capacity ?? 100_000
    super(capacity)
    this.now = options.now ?? Date.now
    this.flows = new ExpiringMap(capacity)
    this.orders = new ExpiringMap(capacity)
    this.logins = new ExpiringMap(capacity)
    this.ledgers = new ExpiringMap(capacity)
    this.tombstones = new ExpiringMap(capacity, 'oldest yields')
    const shards = shardsFor(capacity)
    this.names = Array.from({ length: shards }, () => new MemoryNames(Math.ceil(capacity / shards)))
    this.nobodysFlows = new ExpiringMap(capacity, 'oldest yields')
    this.nobodysTokens = new ExpiringMap(capacity, 'oldest yields')
    this.tokens = new ExpiringMap(capacity)
    this.generations = new ExpiringMap(capacity)
    warnInProduction()
  }

  async time(): Promise<number> {
    return this.now()
  }

  async createFlow(id: string, flow: Flow, ttl: number): Promise<boolean> {
    const { partition } = requireId(id)
    const now = this.now()
    if (this.current(this.flowsOf(id), id, now) !== undefined) return false
    if (!isNobodys(partition)) this.makeRoom(partition, id, now, ttl)
    this.flowsOf(id).set(id, { flow: frozen(flow), version: 1, expiresAt: now + ttl, generation: this.newborn(partition, now) }, now)
    return true
  }

  async readFlow(id: string): Promise<{ at: number, flow?: KeptFlow }> {
    const at = this.now()
    const kept = this.current(this.flowsOf(id), id, at)
    return kept === undefined ? { at } : { at, flow: told(kept) }
  }

  async readFlows(partition: string): Promise<{ at: number, flows: (KeptFlow & { id: string })[] }> {
    const at = this.now()
    return { at, flows: this.flowsIn(requirePartition(partition), at).map(({ id, kept }) => ({ ...told(kept), id })).reverse() }
  }

  async advanceFlow(id: string, version: number, flow: Flow, passed?: LedgerKey): Promise<boolean> {
    const now = this.now()
    if (passed) this.clearShared(id, passed)
    const kept = this.current(this.flowsOf(id), id, now)
    if (kept?.version !== version) return false
    this.flowsOf(id).set(id, { ...kept, flow: frozen(flow), version: version + 1 }, now)
    return true
  }

  async finishFlow(id: string, version: number, login: NewLogin, passed?: LedgerKey, tombstone?: NewTombstone): Promise<boolean> {
    const now = this.now()
    requireId(login.id)
    if (tombstone) requireWord(tombstone.session)
    if (passed) this.clearShared(id, passed)
    if (this.current(this.flowsOf(id), id, now)?.version !== version) return false
    this.keepLogin(login, now)
    this.flowsOf(id).delete(id)
    if (tombstone) await this.leaveTombstone(tombstone.session, tombstone.to, tombstone.ttl)
    return true
  }

  async dropFlow(id: string): Promise<void> {
    this.flowsOf(id).delete(id)
  }

  async createLogin(login: NewLogin): Promise<void> {
    requireId(login.id)
    this.keepLogin(login, this.now())
  }

  async readLogin(id: string): Promise<{ at: number, login?: Login }> {
    const at = this.now()
    const kept = this.current(this.logins, id, at)
    if (kept === undefined) return { at }
    const { login, stepUps } = kept
    if (!stepUps || stepUps.retired.length === 0) return { at, login }
    return { at, login: { ...login, proofs: [...login.proofs, ...stepUps.proofs], retired: stepUps.retired } }
  }

  async endLogin(id: string): Promise<void> {
    this.logins.delete(id)
  }

  async openRequirement(login: string, requirement: NewRequirement): Promise<{ at: number, requirement?: KeptRequirement }> {
    for (const word of [requirement.id, requirement.key]) requireWord(word)
    const at = this.now()
    const stepUps = this.stepUps(login, at)
    return stepUps ? { at, requirement: stepUps.openRequirement(requirement, at) } : { at }
  }

  async readRequirements(login: string): Promise<{ at: number, requirements: KeptRequirement[] }> {
    const at = this.now()
    return { at, requirements: this.stepUps(login, at)?.requirements(at) ?? [] }
  }

  async advanceRequirement(login: string, id: string, version: number, requirement: Requirement): Promise<boolean> {
    const now = this.now()
    return this.stepUps(login, now)?.advance(id, version, requirement, now) ?? false
  }

  async dropRequirement(login: string, id: string): Promise<void> {
    this.stepUps(login, this.now())?.drop(id)
  }

  async meetRequirement(login: string, id: string, version: number, met: Met): Promise<boolean> {
    for (const word of [met.retires, ...met.grant ? [met.grant.key] : []]) requireWord(word)
    if (met.passed) this.clearShared(login, met.passed)
    const now = this.now()
    return this.stepUps(login, now)?.meet(id, version, met, now) ?? false
  }

  async retireSession(login: string, retires: string): Promise<void> {
    this.stepUps(login, this.now())?.retire(requireWord(retires))
  }

  async takeGrant(login: string, grant: string): Promise<boolean> {
    const now = this.now()
    return this.stepUps(login, now)?.take(grant, now) ?? false
  }

  async stepDown(login: string): Promise<void> {
    this.stepUps(login, this.now())?.down()
  }

  async leaveTombstone(session: string, to: string, ttl: number): Promise<boolean> {
    const now = this.now()
    if (this.tombstones.get(requireWord(session), now) !== undefined) return false
    this.tombstones.set(session, { to, expiresAt: now + ttl }, now)
    return true
  }

  async changeTombstone(session: string, to: string | undefined): Promise<void> {
    const now = this.now()
    const kept = this.tombstones.get(requireWord(session), now)
    if (to === undefined) this.tombstones.delete(session)
    else if (kept) this.tombstones.set(session, { ...kept, to }, now)
  }

  async readTombstone(session: string): Promise<string | undefined> {
    return this.tombstones.get(requireWord(session), this.now())?.to
  }

  async attempt(ledger: LedgerKey, policy: LockoutPolicy, once?: { readonly token: string, readonly ttl: number }): Promise<AttemptAnswer> {
    const key = ledgerKey(ledger)
    const names = this.namesOf(key)
    const ledgers = ledger.of === 'name' ? names : this.ledgers
    const token = once && { key: `${key}:${requireWord(once.token)}`, ttl: once.ttl }
    const at = this.now()
    const kept = ledgers.get(key, at)
    if (kept !== undefined && at < kept.lockedUntil) return { status: 'locked', retryAt: kept.lockedUntil, at }

    const tokens = ledger.of !== 'name' || names.isKnown(key, at) ? this.tokens : this.nobodysTokens
    const replayed = token !== undefined && (this.tokens.get(token.key, at) ?? this.nobodysTokens.get(token.key, at)) !== undefined
    if (token !== undefined && !replayed) tokens.assertRoom(token.key, at)
    const next = failed(kept, policy, at)
    ledgers.set(key, next, at)
    if (token !== undefined && !replayed) tokens.set(token.key, { expiresAt: at + token.ttl }, at)
    return { status: replayed ? 'replayed' : 'allowed', locks: next.lockedUntil > 0, at }
  }

  async settle(ledger: LedgerKey, outcome: Settled): Promise<void> {
    const key = ledgerKey(ledger)
    const now = this.now()
    if (ledger.of === 'name') return this.namesOf(key).settle(key, outcome, now)
    const kept = this.ledgers.get(key, now)
    const left = kept && outcome === 'uncounted' ? takenBack(kept) : undefined
    if (left === undefined) this.ledgers.delete(key)
    else this.ledgers.set(key, left, now)
  }

  async endAll(partition: string, ttl: number): Promise<string[]> {
    const now = this.now()
    const last = this.generations.get(requirePartition(partition), now)?.expiresAt ?? 0
    this.generations.set(partition, { value: this.newborn(partition, now) + 1, expiresAt: Math.max(now + ttl, last) }, now)
    return this.forgetDevices(partition)
  }

  private namesOf(key: string): MemoryNames {
    return shardOf(this.names, key)
  }

  private clearShared(id: string, ledger: LedgerKey): void {
    requireShared(id, ledger)
    this.ledgers.delete(ledgerKey(ledger))
  }

  private flowsIn(partition: string, now: number): { id: string, kept: FlowRecord }[] {
    return (this.orders.get(partition, now)?.ids ?? []).flatMap((id) => {
      const kept = this.current(this.flows, id, now)
      return kept === undefined ? [] : [{ id, kept }]
    })
  }

  private makeRoom(partition: string, id: string, now: number, ttl: number): void {
    const before = this.flowsIn(partition, now)
    const waits = ({ kept }: typeof before[number]): boolean => waitsUntil(kept.flow) > now
    const yields = [...before.filter((one) => !waits(one)), ...before.filter(waits)].slice(0, Math.max(0, before.length + 1 - mostFlows)).map((one) => one.id)
    const ids = [...before.map((one) => one.id).filter((one) => !yields.includes(one)), id]
    this.orders.set(partition, { ids, expiresAt: Math.max(now + ttl, ...before.map(({ kept }) => kept.expiresAt)) }, now)
    for (const one of yields) this.flows.delete(one)
  }

  private flowsOf(id: string): ExpiringMap<FlowRecord> {
    return isNobodys(parseId(id)?.partition ?? '') ? this.nobodysFlows : this.flows
  }

  /** Instants, so that they only grow even where the entry has ended in between. */
  private newborn(partition: string, now: number): number {
    return Math.max(now, this.generations.get(partition, now)?.value ?? 0)
  }

  private current<Kept extends Dated>(map: ExpiringMap<Kept>, id: string, now: number): Kept | undefined {
    const kept = map.get(id, now)
    const { partition = '' } = parseId(id) ?? {}
    return kept !== undefined && kept.generation >= (this.generations.get(partition, now)?.value ?? 0) ? kept : undefined
  }

  private keepLogin({ id, login, ttl }: NewLogin, now: number): void {
    const kept: Login = { ...login, createdAt: now }
    const generation = this.newborn(requireId(id).partition, now)
    this.logins.set(id, { login: frozen(kept), expiresAt: now + ttl, generation, stepUps: undefined }, now)
  }

  private stepUps(login: string, now: number): StepUps | undefined {
    const kept = this.current(this.logins, login, now)
    if (kept) kept.stepUps ??= new StepUps()
    return kept?.stepUps
  }
}

/** An app's `deserializeUser` may make of the user what it likes: it gets one of its own. */
const told = ({ flow, version, expiresAt }: FlowRecord): KeptFlow =>
  (flow.user === undefined ? { ...flow, version, expiresAt } : { ...flow, user: thawed(flow.user), version, expiresAt })

function ledgerKey(ledger: LedgerKey): string {
  const { partition, factor, of = 'person' } = requireLedger(ledger)
  return `${of}:${partition}:${factor}`
}

let warned = false

function warnInProduction(): void {
  if (warned || process.env.NODE_ENV !== 'production') return
  warned = true
  process.emitWarning('MemoryFlowStore forgets every login at a restart and shares nothing between processes: use RedisFlowStore in production.', {
    code: 'MULTISTEP_MEMORY_STORE',
  })
}
