import { minute, onBench, put, countAll, countOf, made, type DocumentsContractKit, type Text } from './bench.js'

export function severalDocuments(kit: DocumentsContractKit): void {
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
