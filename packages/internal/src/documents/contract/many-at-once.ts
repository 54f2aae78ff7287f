import { changeOne } from '../documents.js'
import {
  minute, onBench, put, countAll, countOf, readOne, parallel, upTo, inOrder,
  type DocumentsContractKit, type Counter, type Text,
} from './bench.js'

export function manyAtOnce(kit: DocumentsContractKit): void {
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
