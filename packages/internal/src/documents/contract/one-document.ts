import { changeOne, type Expiring } from '../documents.js'
import { minute, onBench, put, readOne, made, type DocumentsContractKit, type Text } from './bench.js'

export function oneDocument(kit: DocumentsContractKit): void {
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
