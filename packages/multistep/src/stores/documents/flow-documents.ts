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
 * word, and a name by a digest with a secret salt: a stranger cannot choose names that push out the name of another
 * person.
 *
 * A change names its documents in any order, and the adapter locks them in an order of its own.
 */
export type DocumentKind = 'person' | 'login' | 'devices' | 'name' | 'strangers' | 'nobody' | 'tombstone' | 'salt'

const key = (kind: DocumentKind, ...parts: readonly string[]): string => documentKey(kind, ...parts)

export const personKey = (partition: string): string => key('person', partition)
export const loginKey = ({ partition, random }: IdParts): string => key('login', partition, random)
export const devicesKey = (partition: string): string => key('devices', partition)
export const nameKey = (partition: string): string => key('name', partition)
export const tombstoneKey = (session: string): string => key('tombstone', session)
export const saltKey = key('salt', 'names')

/** They are large, and which of them share a document is chance: so few will do. */
const flowsInDocument = 16

/** Of each kind. Who has found by trial which names share a document opens a lock there by as many locked ones. */
const namesInDocument = 64

/** So many documents, and in each so many places. */
interface Places {
  readonly documents: number
  readonly each: number
}

/** How what strangers make is laid out. */
export interface StrangersPlaces {
  readonly flows: Places
  readonly names: Places
}

export const placesFor = (strangers: number): StrangersPlaces =>
  ({ flows: shared(strangers, flowsInDocument), names: shared(strangers, namesInDocument) })

const shared = (count: number, most: number): Places =>
  ({ documents: Math.ceil(count / most), each: Math.min(count, most) })

/** Where a flow lies, and its name there. */
export const flowPlace = (id: IdParts, { flows }: StrangersPlaces): { readonly key: string, readonly name: string } =>
  (isNobodys(id.partition)
    ? { key: key('nobody', placeOf(id.random, flows)), name: `${id.partition}.${id.random}` }
    : { key: personKey(id.partition), name: id.random })

/** Where the ledgers of a name lie for as long as it is a stranger's. */
export const strangersKey = (salt: string, partition: string, { names }: StrangersPlaces): string =>
  key('strangers', placeOf(salt + partition, names))

const placeOf = (text: string, { documents }: Places): string =>
  (Number.parseInt(hash('sha256', text).slice(0, 8), 16) % documents).toString(36)

export interface Salt extends Expiring {
  readonly salt: string
}
