import type { TextForm } from '#internal/documents/aging-documents'
import type { Flow } from '../flow-store.js'
import type { PendingFlow } from '../rules/flows.js'
import { packFlow, unpackFlow } from '../rules/packed-flow.js'
import type { PersonRecord } from '../rules/person.js'

type PackedPerson = Omit<PersonRecord, 'flows'> & { readonly flows?: readonly (readonly [...unknown[]])[] }

/** A person's record as text: with its flows packed, because there are more of them than of anything else. */
export const personText: TextForm = {
  pack: (record) => {
    const person = record as PersonRecord
    return person.flows ? { ...person, flows: person.flows.map(asRow) } : person
  },
  unpack: (text) => {
    const person = text as PackedPerson
    return person.flows ? { ...person, flows: person.flows.map(unpacked) } : person
  },
}

const asRow = ([name, version, expiresAt, waits, flow]: PendingFlow): unknown[] =>
  [name, version, expiresAt, waits, packFlow(flow)]

const unpacked = (pending: readonly unknown[]): PendingFlow => {
  const [name, version, expiresAt, waits, flow] = pending as [string, number, number, number, unknown]
  // Nobody else has written it.
  return [name, version, expiresAt, waits, unpackFlow(flow) as Flow]
}
