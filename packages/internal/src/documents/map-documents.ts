import {
  checkDecision, checkDistinct, checkKey, type Decide, type Documents, type Expiring, type Found,
} from './documents.js'
import { kindOf } from './document-key.js'
import { Shelf, type Capacity, type Place } from './shelf.js'

export type { Capacity } from './shelf.js'

export interface MapDocumentsOptions<Kind extends string> {
  /** How many documents of each kind are kept. The kind is what their keys begin with, before the first colon. */
  readonly kinds: Readonly<Record<Kind, Capacity>>
  /**
   * Milliseconds since 1970.
   * @default Date.now
   */
  readonly now?: (() => number) | undefined
  /**
   * The error for what does not fit any more, and for a clock that gives no time.
   * @default an Error of this message
   */
  readonly unavailable?: ((message: string) => Error) | undefined
}

/**
 * Documents in the memory of this process: for memory stores and for tests. It has no timer: new documents remove what
 * has ended, a few at a time. Each operation is one step that awaits nothing, so that changes never meet. Records are
 * kept as they are given and given as they are kept, so that a store that keeps an object of its caller keeps a copy.
 */
export class MapDocuments<Kind extends string = string> implements Documents {
  private readonly shelves: ReadonlyMap<string, Shelf>
  private readonly clock: () => number
  private readonly unavailable: (message: string) => Error

  constructor({ kinds, now = Date.now, unavailable = (message) => new Error(message) }: MapDocumentsOptions<Kind>) {
    this.clock = now
    this.unavailable = unavailable
    const capacities: [string, Capacity][] = Object.entries(kinds)
    this.shelves = new Map(capacities.map(([kind, capacity]) => [kind, new Shelf(capacity)]))
  }

  async change<Kept extends Expiring, Answer>(keys: readonly string[], decide: Decide<Kept, Answer>): Promise<Answer> {
    const now = this.now()
    const places = this.find(keys)
    const before = recordsAt<Kept>(places, now)
    const decision = decide(before, now)
    checkDecision(keys, decision)
    const { records } = decision
    this.makeRoom(places, records, now)
    for (let index = 0; index < places.length; index += 1) {
      const place = places[index] as Place
      const record = records[index]
      if (record === before[index]) continue
      if (record === undefined) place.shelf.delete(place.map, place.key, place.kept)
      else place.shelf.write(place, record, now)
    }
    return decision.answer
  }

  async read<Kept extends Expiring>(keys: readonly string[]): Promise<Found<Kept>> {
    const now = this.now()
    return { records: recordsAt<Kept>(this.find(keys), now), now }
  }

  async sweep(limit: number): Promise<number> {
    const now = this.now()
    let [left, removed] = [limit, 0]
    for (const shelf of this.shelves.values()) {
      const looks = Math.min(left, shelf.size)
      removed += shelf.sweep(now, looks)
      left -= looks
    }
    return removed
  }

  /** How many documents of this kind are kept, ended ones that were not swept included. */
  sizeOf(kind: Kind): number {
    return this.shelves.get(kind)?.size ?? 0
  }

  private find(keys: readonly string[]): readonly Place[] {
    checkDistinct(keys)
    return keys.map((key) => {
      const place = this.shelfOf(key).placeOf(key)
      // A key under which something lies was looked at when it came there.
      if (place.kept === undefined) checkKey(key)
      return place
    })
  }

  /** Before anything is written, for a change keeps all or nothing. */
  private makeRoom(places: readonly Place[], records: readonly unknown[], now: number): void {
    for (let index = 0; index < places.length; index += 1) {
      const { shelf, kept } = places[index] as Place
      if (records[index] === undefined || kept !== undefined) continue
      const added = places.filter((one, at) => one.shelf === shelf && !one.kept && records[at] !== undefined)
      if (!shelf.hasRoom(added.length, now)) {
        throw this.unavailable(`The memory store is full: it keeps ${shelf.capacity} of a kind.`)
      }
    }
  }

  private shelfOf(key: string): Shelf {
    const shelf = this.shelves.get(kindOf(key))
    if (!shelf) throw new TypeError(`There is no kind of documents "${kindOf(key)}".`)
    return shelf
  }

  private now(): number {
    const now = Math.floor(this.clock())
    if (!Number.isSafeInteger(now)) throw this.unavailable('The clock of the memory store gives no time.')
    return now
  }
}

/** What lies under a key is what its store has put there. */
const recordsAt = <Kept extends Expiring>(places: readonly Place[], now: number): (Kept | undefined)[] =>
  places.map((place) => place.shelf.read(place, now) as Kept | undefined)
