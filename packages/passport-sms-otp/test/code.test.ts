import { deriveCode, readCode, sameCode, type CodeBinding, type CodeFormat } from '../src/codes/code.js'
import { open, seal, type Challenge } from '../src/codes/handle.js'
import { Handles } from '../src/codes/handles.js'
import { deriveKeys, digestOf, lengthPrefixed, tagOf } from '../src/codes/keys.js'
import { ADA, BOB, OTHER_SECRET, SECRET } from './support/kit.js'

const keys = deriveKeys([SECRET])
const digits: CodeFormat = { alphabet: 'digits', length: 6 }
const letters: CodeFormat = { alphabet: 'alphanumeric', length: 8 }
const binding: CodeBinding = { purpose: 'login', tag: 'tag', id: 'id', phone: ADA, details: digestOf({}) }

describe('A code', () => {
  it('a code is uniform at every place, keeps leading zeros, and owes nothing to Math.random (R-01)', () => {
    const random = jest.spyOn(Math, 'random')
    const many = 20_000
    const counts = Array.from({ length: 6 }, () => Array<number>(10).fill(0))
    for (let index = 0; index < many; index += 1) {
      const code = deriveCode(keys.current, { ...binding, id: String(index) }, digits)
      expect(code).toHaveLength(6)
      for (const [place, digit] of Array.from(code).entries()) counts[place]![Number(digit)]! += 1
    }
    // The 99.9999 % quantile of chi-square with 9 degrees of freedom is 44.8; the codes are derived, so this never
    // flickers.
    for (const place of counts) {
      expect(place.reduce((sum, count) => sum + (count - many / 10) ** 2 / (many / 10), 0)).toBeLessThan(44.8)
    }
    expect(random).not.toHaveBeenCalled()
    random.mockRestore()
  })

  it('a code is the same each time it is derived from the same challenge', () => {
    expect(deriveCode(keys.current, binding, digits)).toBe(deriveCode(keys.current, { ...binding }, digits))
  })

  it.each([
    ['the purpose', { purpose: 'reset' }],
    ['the subject', { tag: 'other' }],
    ['the challenge', { id: 'other' }],
    ['the destination', { phone: BOB }],
    ['the details', { details: digestOf({ amount: '1' }) }],
  ])('a code is another one when %s is another (R-08)', (_, change) => {
    const long: CodeFormat = { alphabet: 'digits', length: 10 }
    expect(deriveCode(keys.current, { ...binding, ...change }, long)).not.toBe(deriveCode(keys.current, binding, long))
  })

  it('a code is another one under another secret', () => {
    expect(deriveCode(deriveKeys([OTHER_SECRET]).current, binding, letters)).not.toBe(deriveCode(keys.current, binding, letters))
  })

  it('a code may be of letters and digits that cannot be mistaken for each other', () => {
    const seen = new Set(Array.from({ length: 500 }, (_, id) => deriveCode(keys.current, { ...binding, id: String(id) }, letters)).join(''))
    for (const pair of ['O0', 'I1', 'L1', 'B8', 'S5', 'Z2', 'G6']) expect(Array.from(pair).filter((character) => seen.has(character)).length).toBeLessThan(2)
    expect([...seen].join('')).toMatch(/^[A-Z0-9]+$/)
  })
})

describe('What a person typed', () => {
  it.each(['123456', '000000'])('the typed text %s is a code', (typed) => { expect(readCode(typed, digits)).toBe(typed) })

  it.each<unknown>([
    123456, ['123456'], { length: 6 }, { toString: () => '123456' }, null, undefined, true, Infinity,
    '', '12345', '1234567', '12345 ', '+12345', '-12345', '0x1234', '1e5000', '12345\n', '12345\u0000', '123.456', '123,456', '123_456', '①②③④⑤⑥', '²³¹²³¹', 'ⅠⅡⅢⅣⅤⅥ',
    '12345½', `123456${' '.repeat(100)}`, new String('123456'), [['123456']], Symbol('123456'), 123456n,
  ])('the typed value %j is no code (R-11, I-01, I-02, I-03, I-04, I-05, I-10)', (typed) => {
    expect(readCode(typed, digits)).toBeUndefined()
  })

  it.each([
    '123 456', '123-456', '12-34-56', ' 123456', '123456\n', '123\u00a0456', '123\u202f456', '123\u2011456', '123\u2013456', '\ufeff123456', '123\u200b456', '\u200e123456\u202c', '1\u00ad23456',
    '１２３４５６', '١٢٣٤٥٦', '۱۲۳۴۵۶', '१२३४५६', '๑๒๓๔๕๖', '𝟏𝟐𝟑𝟒𝟓𝟔', '𝟙𝟚𝟛𝟜𝟝𝟞', '１２3٤५6',
  ])('the code 123456 may be written %j (N-05)', (typed) => {
    expect(readCode(typed, digits)).toBe('123456')
  })

  it('a typed code may be in groups when codes have letters, too (N-05)', () => {
    for (const spelling of ['ACDE FGH3', 'acde-fgh3\r\n', 'ac de fg h३']) expect(readCode(spelling, letters)).toBe('ACDEFGH3')
  })

  it('a typed code has each decimal digit of Unicode by its value (N-05)', () => {
    const all = Array.from({ length: 0x110000 }, (_, point) => point).filter((point) => /\p{Nd}/u.test(String.fromCodePoint(point)))
    expect(all.length % 10).toBe(0)
    const tens = Array.from({ length: all.length / 10 }, (_, index) => String.fromCodePoint(...all.slice(index * 10, index * 10 + 10)))
    expect(tens.map((ten) => readCode(ten, { alphabet: 'digits', length: 10 }))).toEqual(tens.map(() => '0123456789'))
  })

  it('a typed code may be in lower case when codes have letters', () => {
    expect(readCode('acdefghj', letters)).toBe('ACDEFGHJ')
  })

  it.each(['ACDEFGHO', 'ACDEFGH0', 'ßßßß', 'ACDEFGH\u0131', 'ACDEFGH\u212A'])('the typed text %s is no code when codes have letters', (typed) => {
    expect(readCode(typed, letters)).toBeUndefined()
  })

  it('a code is compared over digests of equal length (R-10)', () => {
    expect(sameCode('123456', '123456')).toBe(true)
    expect(sameCode('123456', '123457')).toBe(false)
    expect(sameCode('123456', '1234567')).toBe(false)
  })
})

const tagKey = keys.firstTag

describe('A digest', () => {
  it('a digest tells values apart that only look alike when joined', () => {
    expect(lengthPrefixed(['ab', 'c']).equals(lengthPrefixed(['a', 'bc']))).toBe(false)
    expect(digestOf({ a: 'b', c: 'd' })).not.toBe(digestOf({ a: 'bcd' }))
  })

  it('a digest does not depend on the order of the values', () => {
    expect(digestOf({ payee: 'Bob', amount: '1' })).toBe(digestOf({ amount: '1', payee: 'Bob' }))
  })

  it('a digest keeps a user whose id is a number apart from the limit of that number', () => {
    expect(tagOf(tagKey, 'subject', ADA)).not.toBe(tagOf(tagKey, 'limit phone', ADA))
    expect(tagOf(tagKey, 'subject', ADA)).toMatch(/^[A-Za-z0-9_-]{22}$/)
  })
})

describe('A handle', () => {
  const challenge: Challenge = {
    ...binding, id: 'A'.repeat(22), tag: 'B'.repeat(22), kid: keys.current.id, expiresAt: 1_767_225_600_000, subject: undefined, locale: undefined, decoy: false,
    known: false, capturing: false,
  }

  it.each([
    { decoy: true, known: false, capturing: false }, { decoy: false, known: true, capturing: false }, { decoy: false, known: false, capturing: true },
  ])('a handle opens to what was sealed: %j', (marks) => {
    const whole = { ...challenge, subject: 'user-7', locale: 'de', ...marks }
    expect(open(keys, seal(keys, whole))).toEqual(whole)
  })

  it('a handle is base64url of about 220 characters, and says neither number nor length of anything in it', () => {
    const handle = seal(keys, challenge)
    expect(handle).toMatch(/^[A-Za-z0-9_-]{200,240}$/)
    expect(Buffer.from(handle, 'base64url').toString('latin1')).not.toContain(ADA.slice(1))
    expect(seal(keys, { ...challenge, decoy: true })).toHaveLength(handle.length)
    expect(seal(keys, { ...challenge, phone: '+3725551234' })).toHaveLength(handle.length)
    expect(seal(keys, challenge)).not.toBe(handle)
  })

  it('a handle opens under every secret of the list, and under no other (O-21, R-09)', () => {
    const handle = seal(keys, challenge)
    expect(open(deriveKeys([OTHER_SECRET, SECRET]), handle)).toEqual(challenge)
    expect(open(deriveKeys([OTHER_SECRET]), handle)).toBeUndefined()
  })

  it('a handle does not open when any byte of it was changed (O-12)', () => {
    const bytes = Buffer.from(seal(keys, challenge), 'base64url')
    for (let index = 0; index < bytes.length; index += 1) {
      const forged = Buffer.from(bytes)
      forged[index]! ^= 1
      expect(open(keys, forged.toString('base64url'))).toBeUndefined()
    }
  })

  it('a handle opens in the process that sealed it as in any other, and nothing else does', () => {
    const [here, elsewhere] = [new Handles(keys), new Handles(keys)]
    const handle = here.seal(challenge)
    expect([here.open(handle), elsewhere.open(handle)]).toEqual([challenge, challenge])
    const forgedText = handle.slice(0, 60) + (handle[60] === 'A' ? 'B' : 'A') + handle.slice(61)
    for (const forged of [forgedText, handle.slice(1), { toString: () => handle }, [handle]]) expect(here.open(forged)).toBeUndefined()
    expect(new Handles(deriveKeys([OTHER_SECRET])).open(handle)).toBeUndefined()
  })

  it.each([undefined, null, 42, {}, ['x'], '', 'x', '%%%', 'A'.repeat(80), 'A'.repeat(1_000_000), '👍'.repeat(50)])('a handle that is garbage does not open, and does not throw: %#', (garbage) => {
    expect(open(keys, garbage)).toBeUndefined()
  })
})
