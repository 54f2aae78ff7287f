import { hash } from 'node:crypto'
import { documentKey } from '#internal/documents/document-key'
import type { Expiring } from '#internal/documents/documents'
import { isNobodys, type IdParts } from '../keys.js'

/**
 * Which documents a `DocumentFlowStore` keeps. What is changed together lies together, because a database locks each
 * document of a change by itself:
 *
 * | kind | of whom | what it holds |
 * |---|---|---|
 * | `person` | a partition | the pending flows, ledgers, presented tokens, and the generation of the logins |
 * | `login` | a login | the login, its requirements and grants |
 * | `devices` | a partition | the remembered devices; apart, because the other two are read with every request |
 * | `name` | a submitted name | since when an account was found for it, and its ledgers |
 * | `strangers` | some of the other names | their ledgers |
 * | `nobody` | some of the flows of nobody | the flows |
 * | `tombstone` | a session | where a request went that renewed it |
 * | `salt` | the store | by which names are shared out |
 *
 * What strangers make is shared out to so many documents, each with so many places and no more: so there is a bound to
 * it, whatever the database, and a flood of it locks no person's document. A flow of nobody is placed by its random
 * word, and a name by a digest with a secret salt: a stranger cannot choose names that push out that of somebody else.
 *
 * The documents of a change are named in the order of this table. An adapter may lock them in another one.
 */
export type DocumentKind = 'person' | 'login' | 'devices' | 'name' | 'strangers' | 'nobody' | 'tombstone' | 'salt'

const key = (kind: DocumentKind, ...parts: readonly string[]): string => documentKey(kind, ...parts)

export const personKey = (partition: string): string => key('person', partition)
export const loginKey = ({ partition, random }: IdParts): string => key('login', partition, random)
export const devicesKey = (partition: string): string => key('devices', partition)
export const nameKey = (partition: string): string => key('name', partition)
export const tombstoneKey = (session: string): string => key('tombstone', session)
export const saltKey = key('salt', 'names')

/** So many places a document has for what strangers make: for flows, for ledgers of each kind, and for tokens. */
const mostPlaces = 32

/** How a store of so many strangers is laid out. */
export interface Places {
  readonly documents: number
  readonly each: number
}

export const placesFor = (strangers: number): Places =>
  ({ documents: Math.ceil(strangers / mostPlaces), each: Math.min(strangers, mostPlaces) })

/** Where a flow lies, and its name there. */
export const flowPlace = (id: IdParts, { documents }: Places): { readonly key: string, readonly name: string } =>
  (isNobodys(id.partition)
    ? { key: key('nobody', placeOf(id.random, documents)), name: `${id.partition}.${id.random}` }
    : { key: personKey(id.partition), name: id.random })

/** Where the ledgers of a name lie for as long as it is a stranger's. */
export const strangersKey = (salt: string, partition: string, { documents }: Places): string =>
  key('strangers', placeOf(salt + partition, documents))

const placeOf = (text: string, documents: number): string =>
  (Number.parseInt(hash('sha256', text).slice(0, 8), 16) % documents).toString(36)

export interface Salt extends Expiring {
  readonly salt: string
}
