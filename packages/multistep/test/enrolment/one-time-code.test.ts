import { fromBase32, isCodeOf, toBase32 } from '../../src/enrolment/one-time-code.js'

describe('a key in base 32 (RFC 4648 §10)', () => {
  it.each([['', ''], ['f', 'MY'], ['fo', 'MZXQ'], ['foo', 'MZXW6'], ['foob', 'MZXW6YQ'], ['fooba', 'MZXW6YTB'], ['foobar', 'MZXW6YTBOI']])(
    'the bytes of %j are written as %j', (bytes, text) => {
      expect(toBase32(Buffer.from(bytes))).toBe(text)
    })

  it.each([['MZXW6YTBOI======', 'foobar'], ['mzxw 6ytb oi', 'foobar'], ['MY', 'f']])('the text %j is read as the bytes of %j', (text, bytes) => {
    expect(fromBase32(text).toString()).toBe(bytes)
  })

  it('a single letter holds no whole byte', () => {
    expect(fromBase32('M')).toHaveLength(0)
  })

  it.each(['', ' ', '====', 'MZXW1', 'MZ-XW', 'мz'])('the text %j is refused, for it is no base 32', (text) => {
    expect(() => fromBase32(text)).toThrow(new TypeError('multistep: a key of TOTP is kept as base 32.'))
  })
})

describe('a code of a key (RFC 6238, Appendix B, its last six digits)', () => {
  const key = Buffer.from('12345678901234567890')

  it.each([[59, '287082'], [1111111109, '081804'], [1111111111, '050471'], [1234567890, '005924'], [2000000000, '279037']])(
    'at second %d the code %s is right', (seconds, code) => {
      expect(isCodeOf(key, code, seconds * 1000)).toBe(true)
    })

  it('a code is right for the step before and behind it, and wrong two steps away', () => {
    const at = (seconds: number) => isCodeOf(key, '279037', (2_000_000_000 + seconds) * 1000)
    expect([at(-60), at(-30), at(0), at(30), at(60)]).toEqual([false, true, true, true, false])
  })

  it.each(['', '27903', '2790370', '94279037'])('a code with another number of digits is wrong: %j', (code) => {
    expect(isCodeOf(key, code, 2_000_000_000_000)).toBe(false)
  })
})
