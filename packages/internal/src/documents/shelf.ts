import { AgingDocument, LatestObjects, type TextForm } from './aging-documents.js'
import type { Expiring } from './documents.js'

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
   * For documents of which there are many, and most are left unfinished: the latest of them stay objects, and older
   * ones turn into text of this form, which takes half of the room.
   * @default all stay objects
   */
  readonly textForm?: TextForm | undefined
  /**
   * So many of the latest, 1 at the least.
   * @default 1024, which are more than are under way in most processes
   */
  readonly objects?: number | undefined
}

/** Looks of a new document at others that may have ended. More than it adds, so that ended ones cannot pile up. */
const LOOKS_OF_A_NEW_ONE = 2
const LOOKS_WHEN_FULL = 64

/**
 * So many documents a map may have. A map that grows moves all of its entries at once, which takes 100 ms for a million
 * of them, and 1 ms for these.
 */
const MOST_IN_MAP = 8192

/** What lies under a key: a record, or one that turns into text as it gets older. */
type Kept = Expiring

/** Where a document is, or would be, and what lies there: it may have ended. */
export interface Place {
  readonly shelf: Shelf
  readonly map: Map<string, Kept>
  readonly key: string
  readonly kept: Kept | undefined
}

/** The documents of one kind, in several maps. */
export class Shelf {
  size = 0
  readonly capacity: number
  /** In each map the one that was written longest ago comes first. */
  private readonly oldestYields: boolean
  private readonly latest: LatestObjects | undefined
  private readonly maps: readonly Map<string, Kept>[]
  /** Where the sweep has come to. */
  private swept = 0
  private sweeper: Iterator<[string, Kept]>

  constructor({ capacity, whenFull = 'refuses', textForm, objects = 1024 }: Capacity) {
    this.capacity = capacity
    this.oldestYields = whenFull === 'oldest yields'
    this.latest = textForm && new LatestObjects(textForm, objects)
    const count = 2 ** Math.max(0, Math.ceil(Math.log2(capacity / MOST_IN_MAP)))
    this.maps = Array.from({ length: count }, () => new Map<string, Kept>())
    this.sweeper = this.nextMap()
  }

  placeOf(key: string): Place {
    const map = this.mapOf(key)
    return { shelf: this, map, key, kept: map.get(key) }
  }

  read({ kept }: Place, now: number): Expiring | undefined {
    if (kept === undefined || now >= kept.expiresAt) return undefined
    return kept instanceof AgingDocument ? kept.read() : kept
  }

  write({ map, key, kept }: Place, record: Expiring, now: number): void {
    if (kept instanceof AgingDocument) kept.forget()
    if (this.oldestYields) {
      if (map.delete(key)) this.size -= 1
      if (this.size >= this.capacity) this.yieldOldest(map)
    }
    const before = map.size
    map.set(key, this.latest ? this.latest.add(record) : record)
    if (map.size === before) return
    this.size += 1
    this.sweep(now, LOOKS_OF_A_NEW_ONE)
  }

  delete(map: Map<string, Kept>, key: string, kept: Kept | undefined): void {
    if (kept instanceof AgingDocument) kept.forget()
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
      else if (now >= next.value[1].expiresAt) this.delete(this.sweptMap, next.value[0], next.value[1])
    }
    return before - this.size
  }

  /** By FNV-1a. */
  private mapOf(key: string): Map<string, Kept> {
    const { length } = this.maps
    if (length === 1) return this.maps[0] as Map<string, Kept>
    let hash = 0x811c9dc5
    for (let index = 0; index < key.length; index += 1) hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193)
    return this.maps[(hash ^ hash >>> 15) & (length - 1)] as Map<string, Kept>
  }

  private yieldOldest(map: Map<string, Kept>): void {
    const crowded = map.size > 0 ? map : this.maps.find((other) => other.size > 0)
    const oldest = crowded?.entries().next().value
    if (crowded && oldest) this.delete(crowded, ...oldest)
  }

  private nextMap(): Iterator<[string, Kept]> {
    this.swept = (this.swept + 1) % this.maps.length
    return this.sweptMap.entries()
  }

  private get sweptMap(): Map<string, Kept> {
    return this.maps[this.swept] as Map<string, Kept>
  }
}
