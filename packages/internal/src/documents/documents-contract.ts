import { setTimeout as sleep } from 'node:timers/promises'
import { randomBytes } from '../random.js'
import { changeOne, type Documents, type Expiring } from './documents.js'

export interface DocumentsBench {
  readonly documents: Documents
  /** The same documents through a connection of another process. Default: `documents`. */
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

interface Counter extends Expiring { readonly count: number }
interface Text extends Expiring { readonly text: unknown }

interface Bench extends DocumentsBench {
  readonly others: Documents
  /** A key that no other test has. */
  readonly key: (name?: string) => string
  /** Sets the clock ahead. */
  readonly pass: (milliseconds: number) => void
  readonly now: () => number
}

const minute = 60_000

/**
 * Proves that an adapter keeps every promise of `Documents`.
 *
 *     const createDocuments = ({ now }) => ({ documents: new MyDocuments({ now }) })
 *     documentsContract({ describe, it, expect, createDocuments })
 */
export function documentsContract(kit: DocumentsContractKit): void {
  kit.describe('one document', () => oneDocument(kit))
  kit.describe('several documents', () => severalDocuments(kit))
  kit.describe('many at the same time', () => manyAtOnce(kit))
  kit.describe('what has ended', () => ended(kit))
  if (kit.hasConnections) kit.describe('connections that end', () => trouble(kit))
}

const onBench = (kit: DocumentsContractKit) => (title: string, body: (bench: Bench) => Promise<void>): void => {
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

const put = (documents: Documents, key: string, record: Text): Promise<undefined> =>
  changeOne<Text, undefined>(documents, key, () => ({ record, answer: undefined }))

/** Counts one under each of the keys, and answers how many there are under the first. */
const countAll = (documents: Documents, keys: readonly string[]): Promise<number> =>
  documents.change<Counter, number>(keys, (records, now) => {
    const counted = records.map((record) => ({ count: (record?.count ?? 0) + 1, expiresAt: now + minute }))
    return { records: counted, answer: counted[0]?.count ?? 0 }
  })

async function countOf(documents: Documents, key: string): Promise<number> {
  const { records: [record] } = await documents.read<Counter>([key])
  return record?.count ?? 0
}

async function readOne(documents: Documents, key: string): Promise<{ record: Text | undefined, now: number }> {
  const { records: [record], now } = await documents.read<Text>([key])
  return { record, now }
}

const made = (records: readonly Expiring[]) => ({ records, answer: undefined })
const parallel = <T>(times: number, work: (index: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: times }, (_, index) => work(index)))
const upTo = (last: number): number[] => Array.from({ length: last }, (_, index) => index + 1)
const inOrder = (counts: readonly number[]): number[] => [...counts].sort((one, other) => one - other)

function oneDocument(kit: DocumentsContractKit): void {
  const { expect } = kit
  const test = onBench(kit)

  test('a document is read as it was kept, with the time of the documents', async ({ documents, others, key, now }) => {
    const record = { expiresAt: now() + minute, text: { nested: [1, -2.5, true, null, 'text', { empty: {} }] } }
    await put(documents, key(), record)
    expect(await readOne(others, key())).toEqual({ record, now: now() })
  })

  test('a change sees what is there, and nothing where there is nothing', async ({ documents, others, key, now }) => {
    const seen: unknown[] = []
    const record = { expiresAt: now() + minute, text: 'one' }
    const look = (left: Text | undefined) => changeOne<Text, string>(others, key(), (before, at) => {
      seen.push(before, at)
      return { record: left, answer: 'answer' }
    })
    expect(await readOne(documents, key())).toEqual({ record: undefined, now: now() })
    expect(await look(record)).toBe('answer')
    expect(await look(record)).toBe('answer')
    expect(seen).toEqual([undefined, now(), record, now()])
  })

  test('a change replaces the whole document', async ({ documents, key, now }) => {
    await put(documents, key(), { expiresAt: now() + minute, text: 'x'.repeat(10_000) })
    await put(documents, key(), { expiresAt: now() + 2 * minute, text: 'short' })
    expect((await readOne(documents, key())).record).toEqual({ expiresAt: now() + 2 * minute, text: 'short' })
  })

  test('a record that a change gives back as it is stays', async ({ documents, key, now }) => {
    const record = { expiresAt: now() + minute, text: 'kept' }
    await put(documents, key(), record)
    await changeOne(documents, key(), (before) => ({ record: before, answer: undefined }))
    expect((await readOne(documents, key())).record).toEqual(record)
  })

  test('a change that leaves undefined forgets the document', async ({ documents, others, key, now }) => {
    await put(documents, key(), { expiresAt: now() + minute, text: 'gone soon' })
    await changeOne(documents, key(), () => ({ record: undefined, answer: undefined }))
    expect((await readOne(others, key())).record).toBe(undefined)
    await changeOne(documents, key(), () => ({ record: undefined, answer: undefined }))
    expect((await readOne(others, key())).record).toBe(undefined)
  })

  test('any text is kept, however odd', async ({ documents, others, key, now }) => {
    const texts = [
      'a\u0000b', '\ud800 alone', 'alone \udfff', '😀 ü ß 漢字', '\\u0000', '"\'`\\', '\r\n\t\b\u001b', '\u2028\u2029', '',
      '$1 ? :name %s', '\u007f\u0080\uffff',
    ]
    const record = { expiresAt: now() + minute, text: [texts, Object.fromEntries(texts.map((text) => [text, text]))] }
    await put(documents, key(), record)
    expect((await readOne(others, key())).record).toEqual(record)
  })

  test('a document of a hundred thousand characters is kept', async ({ documents, others, key, now }) => {
    const record = { expiresAt: now() + minute, text: 'ü'.repeat(100_000) }
    await put(documents, key(), record)
    expect((await readOne(others, key())).record).toEqual(record)
  })

  test('keys that differ in one letter, its case or their length are different keys', async ({ documents, key, now }) => {
    const keys = [key('a'), key('A'), key('a.'), key(`${'k'.repeat(200)}1`), key(`${'k'.repeat(200)}2`), key('%'), key('_'), key('\'"\\;--')]
    for (const [index, one] of keys.entries()) await put(documents, one, { expiresAt: now() + minute, text: index })
    const { records } = await documents.read<Text>(keys)
    expect(records.map((record) => record?.text)).toEqual(keys.map((_, index) => index))
  })

  test('a document that never ends is kept', async ({ documents, key, pass }) => {
    await put(documents, key(), { expiresAt: Number.MAX_SAFE_INTEGER, text: 'for ever' })
    pass(100 * 365 * 24 * 60 * minute)
    await documents.sweep(1000)
    expect((await readOne(documents, key())).record?.text).toBe('for ever')
  })

  test('the adapter refuses keys and records that the port does not allow', async ({ documents, key, now }) => {
    const refused = (keys: readonly string[], record: unknown = { expiresAt: now() + minute }) =>
      documents.change(keys, () => made(keys.map(() => record as Expiring)))
        .catch((error: unknown) => error instanceof TypeError)
    for (const wrong of ['', 'a b', 'ü', 'line\n', 'x'.repeat(256)]) expect([wrong, await refused([wrong])]).toEqual([wrong, true])
    expect(await refused([key(), key()])).toBe(true)
    for (const expiresAt of [NaN, Infinity, 1.5, '5', undefined]) {
      expect([expiresAt, await refused([key()], { expiresAt })]).toEqual([expiresAt, true])
    }
    expect((await readOne(documents, key())).record).toBe(undefined)
  })
}

function severalDocuments(kit: DocumentsContractKit): void {
  const { expect } = kit
  const test = onBench(kit)

  test('records come in the order of their keys', async ({ documents, key, now }) => {
    const keys = ['c', 'a', 'd', 'b'].map(key)
    await documents.change(keys, () => made(keys.map((text) => ({ expiresAt: now() + minute, text }))))
    const asked = [key('b'), key('nothing'), key('c')]
    const texts = (records: readonly (Text | undefined)[]) => records.map((record) => record?.text)
    expect(texts((await documents.read<Text>(asked)).records)).toEqual([key('b'), undefined, key('c')])
    const seen = await documents.change<Text, unknown>(asked, (records) => ({ records, answer: texts(records) }))
    expect(seen).toEqual([key('b'), undefined, key('c')])
  })

  test('no keys tell the time', async ({ documents, now }) => {
    expect(await documents.read([])).toEqual({ records: [], now: now() })
    expect(await documents.change([], (records, at) => ({ records, answer: at }))).toBe(now())
  })

  test('a change keeps nothing of what it decided when it throws', async ({ documents, key }) => {
    await countAll(documents, [key('a')])
    const broken = new RangeError('The rule is broken.')
    const outcome = await documents.change([key('a'), key('b')], () => { throw broken }).catch((error: unknown) => error)
    expect(outcome).toBe(broken)
    expect([await countOf(documents, key('a')), await countOf(documents, key('b'))]).toEqual([1, 0])
    expect(await countAll(documents, [key('a'), key('b')])).toBe(2)
  })

  test('a change may make one document, replace another, forget a third and leave a fourth', async ({ documents, others, key, now }) => {
    const keys = ['made', 'replaced', 'forgotten', 'left'].map(key)
    const record = (text: string) => ({ expiresAt: now() + minute, text })
    for (const one of keys.slice(1)) await put(documents, one, record('before'))
    await documents.change<Text, undefined>(keys, ([, , , left]) => ({
      records: [record('new'), record('after'), undefined, left], answer: undefined,
    }))
    expect((await others.read<Text>(keys)).records.map((kept) => kept?.text)).toEqual(['new', 'after', undefined, 'before'])
  })
}

function manyAtOnce(kit: DocumentsContractKit): void {
  const { expect } = kit
  const test = onBench(kit)

  test('of 50 calls that take a document at the same time exactly one gets it', async ({ documents, others, key, now }) => {
    await put(documents, key(), { expiresAt: now() + minute, text: 'taken once' })
    const taken = await parallel(50, (index) =>
      changeOne<Text, unknown>(index % 2 ? others : documents, key(), (record) => ({
        record: undefined, answer: record?.text,
      })))
    expect(taken.filter((text) => text !== undefined)).toEqual(['taken once'])
  })

  test('of 50 calls that make a document at the same time exactly one finds none', async ({ documents, others, key, now }) => {
    const first = await parallel(50, (index) =>
      changeOne<Text, boolean>(index % 2 ? others : documents, key(), (record) => ({
        record: record ?? { expiresAt: now() + minute, text: index }, answer: record === undefined,
      })))
    expect(first.filter(Boolean).length).toBe(1)
    expect((await readOne(documents, key())).record?.text).toBe(first.indexOf(true))
  })

  test('of 200 counts at the same time none is lost, and no two are the same', async ({ documents, others, key }) => {
    const counts = await parallel(200, (index) => countAll(index % 2 ? others : documents, [key()]))
    expect(inOrder(counts)).toEqual(upTo(200))
    expect(await countOf(documents, key())).toBe(200)
  })

  test('changes whose keys cross end all, and keep all or nothing', async ({ documents, others, key }) => {
    const [a, b, c] = ['a', 'b', 'c'].map(key) as [string, string, string]
    const orders = [[a, b], [b, a], [b, c], [c, a, b]]
    await parallel(120, (index) =>
      countAll(index % 2 ? others : documents, orders[index % orders.length] as string[]))
    const { records } = await documents.read<Counter>([a, b, c])
    expect(records.map((record) => record?.count)).toEqual([90, 120, 60])
  })

  test('who reads sees both documents of a change, or neither', async ({ documents, others, key }) => {
    const keys = [key('a'), key('b')]
    const counted = parallel(40, () => countAll(documents, keys))
    const read = await parallel(40, () => others.read<Counter>(keys))
    await counted
    expect(read.every(({ records: [one, other] }) => one?.count === other?.count)).toBe(true)
  })

  test('changes of different documents do not disturb each other', async ({ documents, others, key }) => {
    const counts = await parallel(60, (index) => countAll(index % 2 ? others : documents, [key(String(index))]))
    expect(counts.every((count) => count === 1)).toBe(true)
  })
}

function ended(kit: DocumentsContractKit): void {
  const { expect } = kit
  const test = onBench(kit)

  test('a document is there until its last millisecond, and gone at its end', async ({ documents, key, now, pass }) => {
    await put(documents, key(), { expiresAt: now() + 1000, text: 'short' })
    pass(999)
    expect((await readOne(documents, key())).record?.text).toBe('short')
    pass(1)
    expect((await readOne(documents, key())).record).toBe(undefined)
    expect(await changeOne(documents, key(), (record) => ({ record, answer: record }))).toBe(undefined)
  })

  test('a new document takes the place of one that has ended', async ({ documents, key, pass }) => {
    await countAll(documents, [key()])
    pass(minute)
    expect(await countAll(documents, [key()])).toBe(1)
    expect(await countAll(documents, [key()])).toBe(2)
  })

  test('a sweep removes what has ended, no more at a time than it is told, and nothing else', async ({ documents, key, now, pass }) => {
    const names = Array.from({ length: 20 }, (_, index) => key(`ended${index}`))
    for (const name of names) await put(documents, name, { expiresAt: now() + 1000, text: 'ended' })
    await put(documents, key('lives'), { expiresAt: now() + minute, text: 'lives' })
    pass(1000)
    const first = await documents.sweep(5)
    expect(first <= 5).toBe(true)
    let removed = first
    for (let round = 0; round < 1000 && removed < 20; round += 1) removed += await documents.sweep(50)
    expect(removed >= 20 || (await documents.read(names)).records.every((record) => record === undefined)).toBe(true)
    expect((await readOne(documents, key('lives'))).record?.text).toBe('lives')
  })

  test('a sweep beside changes loses no count', async ({ documents, others, key, pass }) => {
    await countAll(documents, [key()])
    pass(minute)
    const sweeps = Array.from({ length: 20 }, () => others.sweep(100))
    const counts = await parallel(40, () => countAll(documents, [key()]))
    await Promise.all(sweeps)
    expect(inOrder(counts)).toEqual(upTo(40))
  })
}

function trouble(kit: DocumentsContractKit): void {
  const { expect } = kit
  const test = onBench(kit)

  test('connections that end in the middle lose no change that was told, and all works afterwards', async ({ documents, others, key, cutConnections }) => {
    const keys = [key('a'), key('b')]
    const work = Promise.allSettled(Array.from({ length: 60 }, () => countAll(documents, keys)))
    await cutConnections?.()
    const kept = (await work).filter(({ status }) => status === 'fulfilled').length
    // A lock of a connection that ended may be held for a moment.
    let after: number | undefined
    for (let tries = 0; after === undefined && tries < 100; tries += 1) {
      after = await countAll(documents, keys).catch(() => undefined)
      if (after === undefined) await sleep(50)
    }
    const [a, b] = (await others.read<Counter>(keys)).records
    expect(a?.count).toBe(b?.count)
    expect(a !== undefined && a.count > kept && a.count <= 161).toBe(true)
  })

  test('an error tells no key and no record', async ({ documents, key, now, cutConnections }) => {
    const secret = 'a-secret-that-no-error-tells'
    const work = Array.from({ length: 60 }, (_, index) =>
      put(documents, key(`${secret}${index % 3}`), { expiresAt: now() + minute, text: secret }))
    const settled = Promise.allSettled(work)
    await cutConnections?.()
    for (const outcome of await settled) {
      if (outcome.status === 'rejected') expect(told(outcome.reason).includes(secret)).toBe(false)
    }
  })
}

/** All that a log may show of an error: its properties, and those of its causes. */
function told(error: unknown, depth = 0): string {
  if (typeof error !== 'object' || error === null || depth > 4) return String(error)
  const held = error as Record<string, unknown>
  return Object.getOwnPropertyNames(error).map((name) => told(held[name], depth + 1)).join('\n')
}
