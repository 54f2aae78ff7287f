import type { Documents, Expiring } from '#internal/documents/documents'
import type { PersonRecord } from '../rules/person.js'

/** The documents of one change, by their keys. What `decide` leaves as it is stays. */
export class Desk {
  readonly keys: readonly string[]
  readonly records: (PersonRecord | undefined)[]

  constructor(keys: readonly string[], records: readonly (PersonRecord | undefined)[]) {
    this.keys = keys
    this.records = [...records]
  }

  get(key: string): PersonRecord | undefined {
    return this.records[this.keys.indexOf(key)]
  }

  set(key: string, record: Expiring | undefined): void {
    this.records[this.keys.indexOf(key)] = record
  }
}

/** A change of documents of which two may be the same. */
export function changeTogether<Answer>(
  documents: Documents, keys: readonly (string | undefined)[], decide: (desk: Desk, now: number) => Answer,
): Promise<Answer> {
  const distinct: string[] = []
  for (const key of keys) if (key !== undefined && !distinct.includes(key)) distinct.push(key)
  return documents.change<PersonRecord, Answer>(distinct, (found, now) => {
    const desk = new Desk(distinct, found)
    const answer = decide(desk, now)
    return { records: desk.records, answer }
  })
}
