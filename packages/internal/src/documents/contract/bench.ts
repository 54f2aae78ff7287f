import { randomBytes } from '../../random.js'
import { changeOne, type Documents, type Expiring } from '../documents.js'

/** The documents that one test of the contract gets. */
export interface DocumentsBench {
  readonly documents: Documents
  /**
   * The same documents through a connection of another process.
   * @default documents
   */
  readonly others?: Documents | undefined
  /**
   * Ends the connections of `documents` while they are busy, as a network does. Needed where `hasConnections` is set.
   */
  readonly cutConnections?: (() => Promise<unknown>) | undefined
  /** Called when the test has ended. */
  readonly close?: (() => unknown) | undefined
}

/** What the contract needs of a test runner (Jest, Vitest or their like), and of the adapter under test. */
export interface DocumentsContractKit {
  readonly describe: (title: string, body: () => void) => unknown
  readonly it: (title: string, body: () => Promise<void>) => unknown
  readonly expect: (actual: unknown) => { toBe(expected: unknown): unknown, toEqual(expected: unknown): unknown }
  /**
   * Whether the documents are reached over connections, which can end in the middle of a change.
   * @default false
   */
  readonly hasConnections?: boolean | undefined
  /** Documents that read this clock. They may hold what other tests have left. */
  readonly createDocuments: (options: { readonly now: () => number }) => DocumentsBench | Promise<DocumentsBench>
}

export interface Counter extends Expiring { readonly count: number }
export interface Text extends Expiring { readonly text: unknown }

export interface Bench extends DocumentsBench {
  readonly others: Documents
  /** A key that no other test has. */
  readonly key: (name?: string) => string
  /** Sets the clock ahead. */
  readonly pass: (milliseconds: number) => void
  readonly now: () => number
}

export const minute = 60_000

export const onBench = (kit: DocumentsContractKit) => (title: string, body: (bench: Bench) => Promise<void>): void => {
  kit.it(title, async () => {
    const clock = { at: 1_700_000_000_000 }
    const now = () => clock.at
    const made = await kit.createDocuments({ now })
    const word = randomBytes(12).toString('base64url')
    const key = (name = 'a') => `test:${word}:${name}`
    const pass = (milliseconds: number) => { clock.at += milliseconds }
    try {
      await body({ ...made, others: made.others ?? made.documents, key, pass, now })
    } finally {
      await made.close?.()
    }
  })
}

export const put = (documents: Documents, key: string, record: Text): Promise<undefined> =>
  changeOne<Text, undefined>(documents, key, () => ({ record, answer: undefined }))

/** Counts one under each of the keys, and answers how many there are under the first. */
export const countAll = (documents: Documents, keys: readonly string[]): Promise<number> =>
  documents.change<Counter, number>(keys, (records, now) => {
    const counted = records.map((record) => ({ count: (record?.count ?? 0) + 1, expiresAt: now + minute }))
    return { records: counted, answer: counted[0]?.count ?? 0 }
  })

export async function countOf(documents: Documents, key: string): Promise<number> {
  const { records: [record] } = await documents.read<Counter>([key])
  return record?.count ?? 0
}

export async function readOne(documents: Documents, key: string): Promise<{ record: Text | undefined, now: number }> {
  const { records: [record], now } = await documents.read<Text>([key])
  return { record, now }
}

export const made = (records: readonly Expiring[]) => ({ records, answer: undefined })
export const parallel = <T>(times: number, work: (index: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: times }, (_, index) => work(index)))
export const upTo = (last: number): number[] => Array.from({ length: last }, (_, index) => index + 1)
export const inOrder = (counts: readonly number[]): number[] => [...counts].sort((one, other) => one - other)
