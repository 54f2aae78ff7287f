import type { Decide, Documents, Expiring, Found } from '#internal/documents/documents'

/** A record as text that one byte a character can hold, which takes half of the room that its objects take. */
interface Packed extends Expiring {
  readonly json: string
}

/**
 * Documents of which some are kept as text: the many that are seldom read. The others stay objects, for those are read
 * with every request.
 */
export class PackedDocuments implements Documents {
  private readonly inner: Documents
  private readonly isPacked: (key: string) => boolean

  constructor(inner: Documents, isPacked: (key: string) => boolean) {
    this.inner = inner
    this.isPacked = isPacked
  }

  change<Kept extends Expiring, Answer>(keys: readonly string[], decide: Decide<Kept, Answer>): Promise<Answer> {
    return this.inner.change<Kept | Packed, Answer>(keys, (kept, now) => {
      const before = keys.map((key, index) => this.unpacked(key, kept[index]) as Kept | undefined)
      const { records, answer } = decide(before, now)
      const after = keys.map((key, index) =>
        (records[index] === before[index] ? kept[index] : this.packed(key, records[index])))
      return { records: after, answer }
    })
  }

  async read<Kept extends Expiring>(keys: readonly string[]): Promise<Found<Kept>> {
    const { records, now } = await this.inner.read<Kept | Packed>(keys)
    return { records: keys.map((key, index) => this.unpacked(key, records[index]) as Kept | undefined), now }
  }

  sweep(limit: number): Promise<number> {
    return this.inner.sweep(limit)
  }

  private packed<Kept extends Expiring>(key: string, record: Kept | undefined): Kept | Packed | undefined {
    if (!record || !this.isPacked(key)) return record
    const { expiresAt, ...others } = record
    return { expiresAt, json: narrow(JSON.stringify(others)) }
  }

  private unpacked(key: string, kept: Expiring | undefined): Expiring | undefined {
    if (!kept || !this.isPacked(key)) return kept
    const { expiresAt, json } = kept as Packed
    return { ...JSON.parse(json) as object, expiresAt }
  }
}

/**
 * The text in one byte a character. One wide character makes a text twice as large, and a masked phone number has some:
 * so they are escaped, and what was wide is written anew.
 */
function narrow(json: string): string {
  const escaped = json.replace(/[\u0100-\uffff]/g, (wide) => `\\u${wide.charCodeAt(0).toString(16).padStart(4, '0')}`)
  return Buffer.from(escaped, 'latin1').toString('latin1')
}
