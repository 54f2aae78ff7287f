import type { Documents, Expiring } from 'passport-sql-stores'
import { unavailable } from '../errors.js'
import { changeOne, NEVER } from './change-one.js'
import { linkName, subsIn, type Links } from './links.js'
import type { Numbers } from './numbers.js'
import type { RecoverySheet } from './recovery-sheet.js'

/** A table of this small app: all its rows in one document. */
interface Table extends Expiring {
  readonly rows: Rows
}

type Rows = Readonly<Record<string, string>>

const failed = (error: unknown): never => { throw unavailable(error) }

function table(documents: Documents, key: string) {
  return {
    rows: async (): Promise<Rows> =>
      (await documents.read<Table>([key]).catch(failed)).records[0]?.rows ?? {},
    /** `undefined` leaves them as they are. */
    change: <Answer>(
      decide: (rows: Rows) => readonly [rows: Rows | undefined, answer: Answer],
    ): Promise<Answer> =>
      changeOne<Table, Answer>(documents, key, (kept) => {
        const [rows, answer] = decide(kept?.rows ?? {})
        return { record: rows ? { rows, expiresAt: NEVER } : kept, answer }
      }).catch(failed),
  }
}

const ownerIn = (phones: Rows, phone: string): string | undefined =>
  Object.entries(phones).find(([, taken]) => taken === phone)?.[0]

export function documentNumbers(documents: Documents): Numbers {
  const numbers = table(documents, 'example:numbers')
  const give = (id: string, phone: string, onlyFirst: boolean) => numbers.change<boolean>((phones) => {
    const isFree = (ownerIn(phones, phone) ?? id) === id && !(onlyFirst && id in phones)
    return isFree ? [{ ...phones, [id]: phone }, true] : [undefined, false]
  })
  return {
    of: async (id) => (await numbers.rows())[id],
    owner: async (phone) => ownerIn(await numbers.rows(), phone),
    claim: (id, phone) => give(id, phone, true),
    change: (id, phone) => give(id, phone, false),
  }
}

export function documentLinks(documents: Documents): Links {
  const links = table(documents, 'example:links')
  return {
    owner: async (issuer, sub) => (await links.rows())[linkName(issuer, sub)],
    subs: async (id, issuer) => subsIn(Object.entries(await links.rows()), id, issuer),
    add: (id, issuer, sub) => links.change((rows) => [{ ...rows, [linkName(issuer, sub)]: id }, undefined]),
    removeAll: (id) => links.change((rows) =>
      [Object.fromEntries(Object.entries(rows).filter(([, owner]) => owner !== id)), undefined]),
  }
}

interface KeptSheet extends Expiring {
  readonly codes: readonly string[]
}

export function documentSheet(documents: Documents): RecoverySheet {
  const key = 'example:recovery-sheet'
  return {
    codes: async () => (await documents.read<KeptSheet>([key]).catch(failed)).records[0]?.codes ?? [],
    write: (codes) => changeOne<KeptSheet, boolean>(documents, key, (kept) =>
      ({ record: kept ?? { codes, expiresAt: NEVER }, answer: kept === undefined })),
    tear: () => changeOne<KeptSheet, undefined>(documents, key, () =>
      ({ record: { codes: [], expiresAt: NEVER }, answer: undefined })).catch(failed),
  }
}
