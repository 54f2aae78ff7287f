import { plainText } from '#internal/documents/aging-documents'
import { documentKey, kindOf } from '#internal/documents/document-key'
import { changeOne, type Documents } from '#internal/documents/documents'
import { documentsContract } from '#internal/documents/documents-contract'
import { MapDocuments } from '#internal/documents/map-documents'

const minute = 60_000

describe.each([['objects', undefined], ['text, all but the latest', plainText]])('the contract of documents, kept in a map as %s', (_, textForm) => {
  const createDocuments = ({ now }: { now: () => number }) =>
    ({ documents: new MapDocuments({ kinds: { test: { capacity: 1000, textForm, objects: 1 } }, now }) })
  documentsContract({ describe, it, expect, createDocuments })
})

const put = (documents: Documents, key: string, expiresAt: number) =>
  changeOne(documents, key, () => ({ record: { expiresAt }, answer: undefined }))
const has = async (documents: Documents, key: string) => (await documents.read([key])).records[0] !== undefined

describe('MapDocuments', () => {
  it('MapDocuments keeps the latest documents as objects, and older ones as text of their form', async () => {
    const textForm = {
      pack: (record: object) => [(record as { word: string }).word],
      unpack: (packed: object) => ({ word: (packed as string[])[0] }),
    }
    const documents = new MapDocuments({ kinds: { test: { capacity: 10, textForm, objects: 2 } }, now: () => 0 })
    const written = ['•one', 'ü', 'three'].map((word) => ({ word, expiresAt: minute }))
    for (const [index, record] of written.entries()) await changeOne(documents, `test:${index}`, () => ({ record, answer: undefined }))
    const { records } = await documents.read(['test:0', 'test:1', 'test:2'])
    expect(records).toEqual(written)
    expect(records.map((record, index) => record === written[index])).toEqual([false, true, true])
  })

  it('MapDocuments makes no text of documents that were replaced or forgotten', async () => {
    const packed: object[] = []
    const pack = (record: object) => {
      packed.push(record)
      return record
    }
    const textForm = { pack, unpack: (text: object) => text }
    const documents = new MapDocuments({ kinds: { test: { capacity: 10, textForm, objects: 2 } }, now: () => 0 })
    for (let round = 1; round <= 9; round += 1) await put(documents, 'test:again', round * minute)
    await changeOne(documents, 'test:again', () => ({ record: undefined, answer: undefined }))
    for (const key of ['a', 'b', 'c']) await put(documents, `test:${key}`, minute)
    expect(packed).toHaveLength(1)
  })

  it('MapDocuments refuses a new document of a kind that is full, and keeps nothing of that change', async () => {
    const documents = new MapDocuments({ kinds: { few: { capacity: 2 }, many: { capacity: 10 } }, now: () => 0 })
    await put(documents, 'few:a', minute)
    await put(documents, 'few:b', minute)
    const added = documents.change(['many:a', 'few:c'], () => ({ records: [{ expiresAt: minute }, { expiresAt: minute }], answer: undefined }))
    await expect(added).rejects.toThrow('The memory store is full: it keeps 2 of a kind.')
    expect(documents.sizeOf('many')).toBe(0)
    await put(documents, 'few:a', 2 * minute)
    expect(await has(documents, 'few:a')).toBe(true)
  })

  it('MapDocuments has room again when documents have ended', async () => {
    let now = 0
    const documents = new MapDocuments({ kinds: { few: { capacity: 2 } }, now: () => now })
    await put(documents, 'few:a', minute)
    await put(documents, 'few:b', minute)
    now = minute
    await put(documents, 'few:c', 2 * minute)
    expect(await has(documents, 'few:c')).toBe(true)
  })

  it('MapDocuments forgets the document that was written longest ago where the kind lets the oldest yield', async () => {
    const documents = new MapDocuments({ kinds: { few: { capacity: 2, whenFull: 'oldest yields' } }, now: () => 0 })
    await put(documents, 'few:a', minute)
    await put(documents, 'few:b', minute)
    await put(documents, 'few:a', 2 * minute)
    await put(documents, 'few:c', minute)
    expect(await Promise.all(['few:a', 'few:b', 'few:c'].map((key) => has(documents, key)))).toEqual([true, false, true])
    expect(documents.sizeOf('few')).toBe(2)
  })

  it('MapDocuments rejects with the error that its store makes', async () => {
    class Unavailable extends Error {}
    const unavailable = (message: string) => new Unavailable(message)
    const full = new MapDocuments({ kinds: { few: { capacity: 1 } }, now: () => 0, unavailable })
    await put(full, 'few:a', minute)
    await expect(put(full, 'few:b', minute)).rejects.toThrow(Unavailable)
    const timeless = new MapDocuments({ kinds: { few: { capacity: 1 } }, now: () => NaN, unavailable })
    await expect(put(timeless, 'few:a', minute)).rejects.toThrow(Unavailable)
  })

  it('MapDocuments holds little of what has ended, without a timer', async () => {
    let now = 0
    const documents = new MapDocuments({ kinds: { short: { capacity: 100_000 } }, now: () => now })
    for (let round = 0; round < 10_000; round += 1) {
      await put(documents, `short:${round}`, now + 1000)
      now += 10
    }
    expect(documents.sizeOf('short')).toBeLessThan(1000)
  })

  it('MapDocuments keeps a million documents in maps of some eight thousand, none of which is long in growing', async () => {
    const documents = new MapDocuments({ kinds: { many: { capacity: 1_000_000 } }, now: () => 0 })
    for (let index = 0; index < 100_000; index += 1) await put(documents, `many:${index}`, minute)
    const { maps } = [...(documents as any).shelves.values()][0]
    const sizes = maps.map((map: Map<string, unknown>) => map.size)
    expect(sizes).toHaveLength(128)
    expect(Math.max(...sizes)).toBeLessThan(2 * 100_000 / 128)
  })

  it('MapDocuments takes a kind that it was not told of for a mistake', async () => {
    const documents = new MapDocuments({ kinds: { known: { capacity: 1 } } })
    await expect(put(documents, 'other:a', minute)).rejects.toThrow(TypeError)
    await expect(put(documents, 'no-kind', minute)).rejects.toThrow(TypeError)
  })
})

describe('documentKey', () => {
  it('documentKey() is readable where the parts are plain', () => {
    expect(documentKey('transaction', 'Jq8-_x')).toBe('transaction:Jq8-_x')
    expect(kindOf(documentKey('ledger', 'a', 'b'))).toBe('ledger')
  })

  it('documentKey() holds any text as a digest, and different texts in different keys', () => {
    const texts = ['', ' ', 'a:b', '~', 'ü', '\u0000', '\n', 'x'.repeat(65), 'x'.repeat(1e5), documentKey('k', 'a:b').slice(2)]
    const keys = texts.map((text) => documentKey('k', text))
    expect(new Set(keys).size).toBe(texts.length)
    for (const key of keys) expect(key).toMatch(/^k:[!-~]{44}$/)
    expect(documentKey('k', 'a', 'b')).not.toBe(documentKey('k', 'a:b'))
  })
})
