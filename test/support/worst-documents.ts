import { checkDecision, checkKeys, unlessEnded, type Decide, type Documents, type Expiring, type Found } from '#internal/documents/documents'

/**
 * Documents as the port allows them at the worst. Each decision is made twice: first over what was there before the last change,
 * as after a conflict, and then over what is there. Records are read from JSON each time, and frozen.
 */
export class WorstDocuments implements Documents {
  private readonly texts = new Map<string, string>()
  private readonly earlier = new Map<string, string | undefined>()
  private readonly now: () => number

  constructor({ now }: { readonly now: () => number }) {
    this.now = now
  }

  async change<Kept extends Expiring, Answer>(keys: readonly string[], decide: Decide<Kept, Answer>): Promise<Answer> {
    checkKeys(keys)
    const now = this.now()
    const earlier = keys.map((key) => (this.earlier.has(key) ? this.earlier.get(key) : this.texts.get(key)))
    decide(earlier.map((text) => read(text, now) as Kept | undefined), now)
    const before = keys.map((key) => read(this.texts.get(key), now) as Kept | undefined)
    const decision = decide(before, now)
    checkDecision(keys, decision)
    for (const [place, key] of keys.entries()) {
      const record = decision.records[place]
      if (record === before[place]) continue
      this.earlier.set(key, this.texts.get(key))
      if (record) this.texts.set(key, JSON.stringify(record))
      else this.texts.delete(key)
    }
    return decision.answer
  }

  async read<Kept extends Expiring>(keys: readonly string[]): Promise<Found<Kept>> {
    const now = this.now()
    return { records: keys.map((key) => read(this.texts.get(key), now) as Kept | undefined), now }
  }

  async sweep(): Promise<number> {
    return 0
  }
}

const read = (text: string | undefined, now: number): Expiring | undefined =>
  (text === undefined ? undefined : unlessEnded(frozen(JSON.parse(text) as Expiring), now))

function frozen<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(frozen)
  return value
}
