import { random } from '../src/lib/random.js'
import { recently } from '../src/lib/recently.js'

describe('What a function answered lately', () => {
  it('is not asked for again, and is held for a bounded number of texts', () => {
    const asked: string[] = []
    const shout = recently(4, (text) => { asked.push(text); return { loud: text.toUpperCase() } })
    expect([shout('a'), shout('a'), shout('b'), shout('a')]).toEqual([{ loud: 'A' }, { loud: 'A' }, { loud: 'B' }, { loud: 'A' }])
    expect(asked).toEqual(['a', 'b'])
    for (const text of ['c', 'd', 'e', 'f', 'a']) expect(shout(text)).toEqual({ loud: text.toUpperCase() })
    expect(asked).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'a'])
  })
})

describe('Random bytes that are drawn in blocks', () => {
  it('are handed out once only, of any length up to a block', () => {
    const drawn = Array.from({ length: 5000 }, () => random(16).toString('hex'))
    expect(new Set(drawn).size).toBe(5000)
    expect(random(4096)).toHaveLength(4096)
    expect(random(12).equals(random(12))).toBe(false)
  })
})
