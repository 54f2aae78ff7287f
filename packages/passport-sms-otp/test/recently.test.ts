import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { recently } from '../src/lib/recently.js'

describe('What a function answered lately', () => {
  it('a function that answered lately is not asked again, and its answer is held for a bounded number of texts', () => {
    const asked: string[] = []
    const shout = recently(4, (text) => { asked.push(text); return { loud: text.toUpperCase() } })
    expect([shout('a'), shout('a'), shout('b'), shout('a')]).toEqual([{ loud: 'A' }, { loud: 'A' }, { loud: 'B' }, { loud: 'A' }])
    expect(asked).toEqual(['a', 'b'])
    for (const text of ['c', 'd', 'e', 'f', 'a']) expect(shout(text)).toEqual({ loud: text.toUpperCase() })
    expect(asked).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'a'])
  })

  it('a kept answer holds no body of a request that a text was cut out of', () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const held = recently(1000, (text) => ({ text }))
    const heap = () => { collect(); return process.memoryUsage().heapUsed }
    const before = heap()
    for (let index = 0; index < 300; index += 1) held(`no-number-at-all-${index}&${'x'.repeat(100_000)}`.slice(0, 20))
    // 300 bodies would be 30 MB.
    expect(heap() - before).toBeLessThan(10_000_000)
    expect(held('no-number-at-all-0&xx').text).toBe('no-number-at-all-0&xx')
  })
})
