import { randomBytes } from '#internal/random'

describe('Random bytes that are drawn in blocks', () => {
  it('random bytes that are drawn in blocks are handed out once only, of any length up to a block', () => {
    const drawn = Array.from({ length: 5000 }, () => randomBytes(16).toString('hex'))
    expect(new Set(drawn).size).toBe(5000)
    expect(randomBytes(4096)).toHaveLength(4096)
    expect(randomBytes(12).equals(randomBytes(12))).toBe(false)
  })
})
