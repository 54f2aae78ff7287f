import { checkDecision, checkKeys, unlessEnded, type Decide, type Documents, type Expiring, type Found } from './documents.js'
import { kindOf } from './document-key.js'

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

export interface Capacity {
  /** A new document beyond these is refused, unless `whenFull` says otherwise. */
  readonly capacity: number
  /**
   * `'refuses'`: the whole change rejects, and keeps nothing. `'oldest yields'`: of those beside it the one that was
   * written longest ago is forgotten.
   * @default 'refuses'
   */
  readonly whenFull?: 'refuses' | 'oldest yields' | undefined
  /**
   * `'text'` takes half of the room that objects take, and the time of reading and writing JSON: for documents of which
   * there are many, and which are seldom read.
   * @default 'objects'
   */
  readonly keptAs?: 'objects' | 'text' | undefined
}

/** Looks of each write at documents that may have ended. More than it adds, so that ended ones cannot pile up. */
const LOOKS_OF_A_WRITE = 2
const LOOKS_WHEN_FULL = 64

/**
 * Documents in the memory of this process: for memory stores and for tests. It has no timer: writes remove what has
 * ended, a few at a time. Each operation is one step that awaits nothing, so that changes never meet. Records that are
 * kept as objects are kept as they are given, so that a store that keeps an object of its caller keeps a copy.
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
    const { places, records: before, now } = this.find<Kept>(keys)
    const decision = decide(before, now)
    checkDecision(keys, decision)
    const { records } = decision
    this.makeRoom(places.filter((_, index) => records[index] !== undefined), now)
    for (const [index, { shelf, map, key }] of places.entries()) {
      const record = records[index]
      if (record === undefined) shelf.delete(map, key)
      else if (record !== before[index]) shelf.write(map, key, record, now)
    }
    return decision.answer
  }

  async read<Kept extends Expiring>(keys: readonly string[]): Promise<Found<Kept>> {
    const { records, now } = this.find<Kept>(keys)
    return { records, now }
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

  private find<Kept extends Expiring>(keys: readonly string[]): Found<Kept> & { readonly places: readonly Place[] } {
    checkKeys(keys)
    const now = this.now()
    const places = keys.map((key) => this.placeOf(key))
    // What lies under a key is what its store has put there.
    const records = places.map(({ shelf, map, key }) => shelf.read(map, key, now) as Kept | undefined)
    return { places, records, now }
  }

  /** Before anything is written, for a change keeps all or nothing. */
  private makeRoom(places: readonly Place[], now: number): void {
    const added = places.filter(({ map, key }) => !map.has(key))
    for (const { shelf } of added) {
      if (!shelf.hasRoom(added.filter((one) => one.shelf === shelf).length, now)) {
        throw this.unavailable(`The memory store is full: it keeps ${shelf.capacity} of a kind.`)
      }
    }
  }

  private placeOf(key: string): Place {
    const shelf = this.shelves.get(kindOf(key))
    if (!shelf) throw new TypeError(`There is no kind of documents "${kindOf(key)}".`)
    return { shelf, map: shelf.mapOf(key), key }
  }

  private now(): number {
    const now = Math.floor(this.clock())
    if (!Number.isSafeInteger(now)) throw this.unavailable('The clock of the memory store gives no time.')
    return now
  }
}

/**
 * So many documents a map may have. A map that grows moves all of its entries at once, which takes 100 ms for a million
 * of them, and 1 ms for these.
 */
const MOST_IN_MAP = 8192

/** Where a document is, or would be. */
interface Place {
  readonly shelf: Shelf
  readonly map: Map<string, Expiring>
  readonly key: string
}

/** The documents of one kind, in several maps. In each the one that was written longest ago comes first. */
class Shelf {
  size = 0
  readonly capacity: number
  private readonly oldestYields: boolean
  private readonly isText: boolean
  private readonly maps: readonly Map<string, Expiring>[]
  /** Where the sweep has come to. */
  private swept = 0
  private sweeper: Iterator<[string, Expiring]>

  constructor({ capacity, whenFull = 'refuses', keptAs = 'objects' }: Capacity) {
    this.capacity = capacity
    this.oldestYields = whenFull === 'oldest yields'
    this.isText = keptAs === 'text'
    const count = 2 ** Math.max(0, Math.ceil(Math.log2(capacity / MOST_IN_MAP)))
    this.maps = Array.from({ length: count }, () => new Map<string, Expiring>())
    this.sweeper = this.nextMap()
  }

  /** By FNV-1a. */
  mapOf(key: string): Map<string, Expiring> {
    const { length } = this.maps
    if (length === 1) return this.maps[0] as Map<string, Expiring>
    let hash = 0x811c9dc5
    for (let index = 0; index < key.length; index += 1) hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193)
    return this.maps[(hash ^ hash >>> 15) & (length - 1)] as Map<string, Expiring>
  }

  read(map: Map<string, Expiring>, key: string, now: number): Expiring | undefined {
    const kept = unlessEnded(map.get(key), now)
    return kept && this.isText ? unpacked(kept as Packed) : kept
  }

  write(map: Map<string, Expiring>, key: string, given: Expiring, now: number): void {
    const record = this.isText ? packed(given) : given
    this.delete(map, key)
    if (this.size >= this.capacity) this.yieldOldest(map)
    map.set(key, record)
    this.size += 1
    this.sweep(now, LOOKS_OF_A_WRITE)
  }

  delete(map: Map<string, Expiring>, key: string): void {
    if (map.delete(key)) this.size -= 1
  }

  hasRoom(added: number, now: number): boolean {
    if (this.size + added > this.capacity) this.sweep(now, LOOKS_WHEN_FULL)
    return this.size + added <= this.capacity || (this.oldestYields && added <= this.capacity)
  }

  /** @returns how many it removed. */
  sweep(now: number, looks: number): number {
    const before = this.size
    for (let look = 0; look < looks; look += 1) {
      const next = this.sweeper.next()
      if (next.done) this.sweeper = this.nextMap()
      else if (now >= next.value[1].expiresAt) this.delete(this.sweptMap, next.value[0])
    }
    return before - this.size
  }

  private yieldOldest(map: Map<string, Expiring>): void {
    const crowded = map.size > 0 ? map : this.maps.find((other) => other.size > 0)
    const oldest = crowded?.keys().next().value
    if (crowded && oldest !== undefined) this.delete(crowded, oldest)
  }

  private nextMap(): Iterator<[string, Expiring]> {
    this.swept = (this.swept + 1) % this.maps.length
    return this.sweptMap.entries()
  }

  private get sweptMap(): Map<string, Expiring> {
    return this.maps[this.swept] as Map<string, Expiring>
  }
}

interface Packed extends Expiring {
  readonly json: string
}

function packed({ expiresAt, ...others }: Expiring): Packed {
  return { expiresAt, json: narrow(JSON.stringify(others)) }
}

function unpacked({ expiresAt, json }: Packed): Expiring {
  return Object.assign(JSON.parse(json) as object, { expiresAt })
}

/**
 * The text in one byte a character. One wide character makes a text twice as large, and a masked phone number has some:
 * so they are escaped, and what was wide is written anew.
 */
function narrow(json: string): string {
  const escaped = json.replace(/[\u0100-\uffff]/g, (wide) => `\\u${wide.charCodeAt(0).toString(16).padStart(4, '0')}`)
  return Buffer.from(escaped, 'latin1').toString('latin1')
}
