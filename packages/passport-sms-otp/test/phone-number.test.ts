import { maskNumber, parseNumber, refusalOf } from '../src/numbers/phone-number.js'

const rules = { countries: new Set(['US', 'GB', 'DE']), types: new Set(['MOBILE', 'FIXED_LINE_OR_MOBILE']), defaultCountry: undefined, acceptNumber: undefined }

/** What becomes of an input: a number, or why not. */
function judge(input: unknown): string {
  const number = parseNumber(input)
  return number ? refusalOf(number, rules) ?? number.e164 : 'phone'
}

describe('A number', () => {
  it.each([
    '+14155552671', '+1 415 555 2671', '+1 (415) 555-2671', '+1.415.555.2671', ' +1-415-555-2671 ', '+1  415 5552671',
  ])('the spelling %j is the one number (I-20)', (spelling) => {
    expect(judge(spelling)).toBe('+14155552671')
  })

  it.each(['+447400123456', '+4407400123456', '+44 0 7400 123456', '+44 (0) 7400-123456'])('the spelling %j is the one number, with or without the trunk zero (I-20)', (spelling) => {
    expect(judge(spelling)).toBe('+447400123456')
  })

  it.each([
    ['bidi marks of an address book', '\u202d+1 415 555 2671\u202c'], ['isolates', '\u2066+14155552671\u2069'], ['a mark of direction', '\u200e+14155552671'],
    ['no-break spaces', '+1\u00a0415\u00a05552671'], ['narrow no-break spaces', '+1\u202f415\u202f5552671'], ['ideographic spaces', '+1\u3000415\u30005552671'],
    ['no-break hyphens', '+1\u2011415\u20115552671'], ['an en dash', '+1 415\u20135552671'], ['a minus sign', '+1\u22124155552671'], ['the dash of a Japanese keyboard', '+1\u30fc415\u30fc5552671'],
    ['a byte order mark', '\ufeff+14155552671'], ['a zero-width space', '+1415\u200b5552671\u200b'], ['a word joiner', '+1\u20604155552671'], ['a soft hyphen', '+1415\u00ad5552671'],
    ['a tab', '+1\t4155552671\t'], ['a line break behind it', '+14155552671\r\n'], ['middle dots', '+1·415·5552671'], ['a slash', '+1 415/5552671'], ['a slash between spaces', '+1 415 / 555-2671'],
    ['its country code in brackets', '(+1) 415 555 2671'], ['full-width signs', '＋１（４１５）５５５－２６７１'], ['a full-width plus', '＋14155552671'], ['Arabic digits', '+١٤١٥٥٥٥٢٦٧١'], ['Persian digits', '+۱۴۱۵۵۵۵۲۶۷۱'], ['Devanagari digits', '+१४१५५५५२६७१'],
  ])('a number with %s is the one number (N-06, I-20)', (_, spelling) => {
    expect(judge(spelling)).toBe('+14155552671')
  })

  it.each([
    ['without +', '14155552671'], ['with 00', '0014155552671'], ['nationally', '07400 123456'], ['with slashes', '+1/415/555/2671'],
    ['as a tel: URI', 'tel:+14155552671'], ['with a phone-context', 'tel:4155552671;phone-context=+1'], ['with NUL', '+14155552671\u0000'],
    ['over two lines', '+1 415\n5552671'], ['in a sentence', 'call +14155552671'], ['as vanity letters', '+1415KLMNOPQ'], ['as full-width letters', '+1415ＫＬＭＮＯＰＱ'],
    ['with circled digits', '+①④①⑤⑤⑤⑤②⑥⑦①'], ['with a superscript', '+1415555267¹'], ['with two ways to end', '+49 172 1547608/09'], ['with two ways to end, after a space', '+49 172 1547608 / 9'],
    ['with two pluses', '++14155552671'], ['with a comma', '+1,4155552671'],
  ])('a number written %s is refused, and never read as a second number (I-20)', (_, spelling) => {
    expect(judge(spelling)).toBe('phone')
  })

  it.each(['+14155552671;ext=5', '+14155552671 x5', '+14155552671 ext 5', '+14155552671#5', '+14155552671,5'])('a number with an extension is refused: %s (I-21)', (spelling) => {
    expect(judge(spelling)).toBe('phone')
  })

  it.each([
    ['+14155552671,+14155552672'], ['+14155552671 +14155552672'], ['+14155552671+14155552672'], [['+14155552671']], [{ toString: () => '+14155552671' }],
    [14155552671], [null], [undefined], [true], [''],
  ])('the value %j is not one number (I-22)', (input) => {
    expect(judge(input)).toBe('phone')
  })

  it.each([
    ['Jamaica', '+18765550123'], ['Anguilla', '+12642355555'], ['Guernsey', '+447781123456'], ['Kazakhstan', '+77012345678'],
  ])('a number of %s is not of the country whose calling code it shares (R-21, I-23)', (_, spelling) => {
    expect(judge(spelling)).toBe('country')
  })

  it.each([['premium rate', '+19002345678'], ['premium rate', '+449090123456'], ['personal', '+447012345678'], ['shared cost', '+448431234567'], ['free', '+18002345678']])(
    'a number of %s is refused: %s (R-21, I-25)', (_, spelling) => {
      expect(judge(spelling)).toBe('number-type')
    })

  it.each([['international premium', '+979123456789'], ['satellite', '+881612345678'], ['international networks', '+883510012345'], ['+882', '+88216123456']])(
    'a number of no country is refused: %s (I-25, I-26)', (_, spelling) => {
      const number = parseNumber(spelling)
      if (number) expect(refusalOf(number, { ...rules, countries: undefined })).toBe('country')
      expect(judge(spelling)).not.toBe(spelling)
    })

  it.each(['112', '911', '12345', '+112', '+911', '+12345'])('the short code %s is refused (I-27)', (spelling) => {
    expect(judge(spelling)).toBe('phone')
  })

  it.each(['+442079460123', '+493012345678'])('the landline %s is refused (I-28)', (spelling) => {
    expect(judge(spelling)).toBe('number-type')
  })

  it.each(['+'.repeat(500), '+' + '1'.repeat(500), ' '.repeat(10_000) + '+14155552671', '(((((((((((((((((((((((((((((((((('])('junk is refused unread: %# (I-29)', (junk) => {
    expect(judge(junk)).toBe('phone')
  })

  it('a number may be of any country where there is no list, and of no country where the list is empty (R-22)', () => {
    const number = parseNumber('+33612345678')!
    expect(refusalOf(number, { ...rules, countries: undefined })).toBeUndefined()
    expect(refusalOf(number, { ...rules, countries: new Set() })).toBe('country')
  })
})

describe('A masked number', () => {
  it.each([['+447400123456', '+44 •••• •••456'], ['+14155552671', '+1 •••• •••671'], ['+35312345678', '+353 •••• •••678']])('the number %s is masked as %s (R-15, W-14)', (number, masked) => {
    expect(maskNumber(number)).toBe(masked)
  })
})
