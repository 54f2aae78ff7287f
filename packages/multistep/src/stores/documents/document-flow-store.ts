import { changeOne, type Documents, type Expiring } from '#internal/documents/documents'
import { keepAnswer, type Memo } from '../../lib/memo.js'
import { checkOptions, whole, withMethods } from '../../lib/option-checks.js'
import { mostFlows, type Flow, type FlowStore, type KeptFlow, type Login, type NewLogin } from '../flow-store.js'
import {
  isNobodys, parseId, randomWord, requireId, requireLedger, requirePartition, requireShared, requireWord, type IdParts,
} from '../keys.js'
import type { AttemptAnswer, LedgerKey, LockoutPolicy, PresentedToken, Settled } from '../ledger-store.js'
import {
  flowNamed, livingFlows, toldFlow, withMovedFlow, withNewFlow, withoutFlow, type PendingFlow,
} from '../rules/flows.js'
import { newLogin, toldLogin, type KeptLogin } from '../rules/logins.js'
import { attemptByName, settledName, type NameRecords } from '../rules/names.js'
import { attemptOfPerson, personWith, settledPerson, type PersonRecord } from '../rules/person.js'
import { tombstoneLeft, type KeptTombstone } from '../rules/tombstones.js'
import type { NewTombstone } from '../tombstone-store.js'
import { changeTogether, type Desk } from './change-together.js'
import { DocumentStepUps } from './document-step-ups.js'
import {
  flowPlace, loginKey, nameKey, personKey, placesFor, saltKey, strangersKey, tombstoneKey, type Salt,
  type StrangersPlaces,
} from './flow-documents.js'

/** The options of a `DocumentFlowStore`. */
export interface DocumentFlowStoreOptions {
  /** Where the documents are kept. */
  readonly documents: Documents
  /**
   * How many flows of nobody are kept, and as many ledgers of names that no account was found for, locked ones and
   * others. Beyond it an old one yields, and sooner where many share a document.
   * @default 131_072
   */
  readonly strangers?: number
}

const adapter = withMethods(['change', 'read', 'sweep'], 'an adapter of a database')

/**
 * Keeps flows, logins, ledgers and devices as documents that expire, on any database with an adapter for `Documents`.
 * Each operation is one change or one read. `flow-documents.ts` says which documents there are.
 *
 * @example
 * const store = new DocumentFlowStore({ documents })
 */
export class DocumentFlowStore extends DocumentStepUps implements FlowStore {
  private readonly places: StrangersPlaces
  /** By the partition of a name: an attempt is settled a moment later, and needs the same digest. */
  private readonly strangersKeys: Memo<string> = new Map()
  private salt: Promise<string> | undefined

  /** @throws TypeError for options that cannot work. */
  constructor(options: DocumentFlowStoreOptions) {
    const { documents, strangers = 131_072 } = options as Partial<DocumentFlowStoreOptions>
    checkOptions('DocumentFlowStore ', options, { documents: adapter, strangers: whole(1, 2 ** 24) })
    if (!documents) {
      throw new TypeError('DocumentFlowStore needs documents: write new DocumentFlowStore({ documents }).')
    }
    super(documents)
    this.places = placesFor(strangers)
  }

  async time(): Promise<number> {
    return (await this.documents.read([])).now
  }

  async createFlow(id: string, flow: Flow, ttl: number): Promise<boolean> {
    const parts = requireId(id)
    const most = isNobodys(parts.partition) ? this.places.flows.each : mostFlows
    return this.changeFlows(parts, (flows, name, now) => withNewFlow(flows, { name, flow, ttl, most }, now))
  }

  async readFlow(id: string): Promise<{ at: number, flow?: KeptFlow }> {
    const parts = parseId(id)
    if (parts === undefined) return { at: await this.time() }
    const { key, name } = flowPlace(parts, this.places)
    const { records, now: at } = await this.documents.read<PersonRecord>([key])
    const kept = flowNamed(livingFlows(records[0]?.flows, at), name)
    const flow = kept && toldFlow(kept)
    return flow ? { at, flow } : { at }
  }

  async readFlows(partition: string): Promise<{ at: number, flows: (KeptFlow & { id: string })[] }> {
    const key = personKey(requirePartition(partition))
    const { records: [person], now: at } = await this.documents.read<PersonRecord>([key])
    const flows = livingFlows(person?.flows, at).flatMap((kept) => {
      const flow = toldFlow(kept)
      return flow ? [{ ...flow, id: `${partition}.${kept[0]}` }] : []
    })
    return { at, flows: flows.reverse() }
  }

  async advanceFlow(id: string, version: number, flow: Flow, passed?: LedgerKey): Promise<boolean> {
    const parts = parseId(id)
    if (parts === undefined) return this.nothingButPassed(passed)
    const ledger = passed && requireShared(id, passed)
    return this.changeFlows(parts, (flows, name) => withMovedFlow(flows, name, version, flow), ledger)
  }

  async finishFlow(
    id: string, version: number, login: NewLogin, passed?: LedgerKey, tombstone?: NewTombstone,
  ): Promise<boolean> {
    const to = requireId(login.id)
    if (tombstone) requireWord(tombstone.session)
    const parts = parseId(id)
    if (parts === undefined) return this.nothingButPassed(passed)
    const ledger = passed && requireShared(id, passed)
    const from = flowPlace(parts, this.places)
    const [madeKey, ownerKey] = [loginKey(to), personKey(to.partition)]
    const leftKey = tombstone && tombstoneKey(tombstone.session)
    const keys = [from.key, ledger && personKey(ledger.partition), ownerKey, madeKey, leftKey]
    return changeTogether(this.documents, keys, (desk, now) => {
      if (ledger) clear(desk, ledger, now)
      const person = desk.get(from.key)
      const flows = livingFlows(person?.flows, now)
      if (flowNamed(flows, from.name)?.[1] !== version) return false
      desk.set(from.key, personWith(person, { flows: withoutFlow(flows, from.name) }, now))
      desk.set(madeKey, newLogin(login, desk.get(ownerKey), now))
      if (tombstone && leftKey) desk.set(leftKey, desk.get(leftKey) ?? tombstoneLeft(tombstone, now))
      return true
    })
  }

  async dropFlow(id: string): Promise<void> {
    const parts = parseId(id)
    if (parts !== undefined) await this.changeFlows(parts, withoutFlow)
  }

  async createLogin(login: NewLogin): Promise<void> {
    const to = requireId(login.id)
    const keys = [personKey(to.partition), loginKey(to)]
    await this.documents.change<PersonRecord | KeptLogin, undefined>(keys, ([kept], now) =>
      ({ records: [kept, newLogin(login, kept as PersonRecord | undefined, now)], answer: undefined }))
  }

  async readLogin(id: string): Promise<{ at: number, login?: Login }> {
    const { at, kept } = await this.findLogin(id)
    return kept ? { at, login: toldLogin(kept) } : { at }
  }

  async endLogin(id: string): Promise<void> {
    const parts = parseId(id)
    if (parts === undefined) return
    await changeOne(this.documents, loginKey(parts), () => ({ record: undefined, answer: undefined }))
  }

  async leaveTombstone(session: string, to: string, ttl: number): Promise<boolean> {
    return changeOne<KeptTombstone, boolean>(this.documents, tombstoneKey(requireWord(session)), (kept, now) =>
      ({ record: kept ?? tombstoneLeft({ to, ttl }, now), answer: kept === undefined }))
  }

  async changeTombstone(session: string, to: string | undefined): Promise<void> {
    await changeOne<KeptTombstone, undefined>(this.documents, tombstoneKey(requireWord(session)), (kept) =>
      ({ record: to === undefined ? undefined : kept && { ...kept, to }, answer: undefined }))
  }

  async readTombstone(session: string): Promise<string | undefined> {
    const { records: [kept] } = await this.documents.read<KeptTombstone>([tombstoneKey(requireWord(session))])
    return kept?.to
  }

  async attempt(ledger: LedgerKey, policy: LockoutPolicy, once?: PresentedToken): Promise<AttemptAnswer> {
    const { partition, factor, of } = requireLedger(ledger)
    if (once) requireWord(once.token)
    const attempt = { factor, policy, once }
    if (of === 'name') {
      const { each: most } = this.places.names
      return this.changeName(partition, (records, now) =>
        attemptByName(records, { ...attempt, name: `${partition}:${factor}`, most }, now))
    }
    return changeOne<PersonRecord, AttemptAnswer>(this.documents, personKey(partition), (kept, now) =>
      attemptOfPerson(kept, attempt, now))
  }

  async settle(ledger: LedgerKey, outcome: Settled): Promise<void> {
    const { partition, factor, of } = requireLedger(ledger)
    if (of === 'name') {
      const name = `${partition}:${factor}`
      return this.changeName(partition, (records, now) =>
        ({ records: settledName(records, { factor, name }, outcome, now), answer: undefined }))
    }
    return changeOne<PersonRecord, undefined>(this.documents, personKey(partition), (kept, now) =>
      ({ record: settledPerson(kept, factor, outcome, now), answer: undefined }))
  }

  protected async nothingButPassed(passed: LedgerKey | undefined): Promise<false> {
    if (passed) await this.settle(passed, 'passed')
    return false
  }

  /**
   * `undefined`: they stay, and the answer is `false`. @param passed a ledger of their partition, cleared in any case.
   */
  private changeFlows(
    id: IdParts,
    decide: (flows: readonly PendingFlow[], name: string, now: number) => readonly PendingFlow[] | undefined,
    passed?: LedgerKey,
  ): Promise<boolean> {
    const { key, name } = flowPlace(id, this.places)
    return changeTogether(this.documents, [key, passed && personKey(passed.partition)], (desk, now) => {
      if (passed) clear(desk, passed, now)
      const person = desk.get(key)
      const flows = decide(livingFlows(person?.flows, now), name, now)
      if (flows) desk.set(key, personWith(person, { flows }, now))
      return flows !== undefined
    })
  }

  private async changeName<Answer>(
    partition: string, decide: (records: NameRecords, now: number) => { records: NameRecords, answer: Answer },
  ): Promise<Answer> {
    const strangersKeyHere = this.strangersKeys.get(partition)
      ?? keepAnswer(this.strangersKeys, partition, strangersKey(await this.nameSalt(), partition, this.places))
    const keys = [nameKey(partition), strangersKeyHere]
    return this.documents.change<Expiring, Answer>(keys, (found, now) => {
      const { records, answer } = decide({ known: found[0], strangers: found[1] } as NameRecords, now)
      return { records: [records.known, records.strangers], answer }
    })
  }

  /** The first of all processes draws it. It never ends. */
  private async nameSalt(): Promise<string> {
    const drawn: Salt = { salt: randomWord(), expiresAt: Number.MAX_SAFE_INTEGER }
    this.salt ??= changeOne<Salt, string>(this.documents, saltKey, (kept = drawn) =>
      ({ record: kept, answer: kept.salt }))
    try {
      return await this.salt
    } catch (error) {
      this.salt = undefined
      throw error
    }
  }
}

function clear(desk: Desk, { partition, factor }: LedgerKey, now: number): void {
  const key = personKey(partition)
  desk.set(key, settledPerson(desk.get(key), factor, 'passed', now))
}
