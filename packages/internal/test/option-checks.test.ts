import { checkFunctions, checkList, checkOptionNames, checkTable, checkType, hasMethods, requireSecret, requireText, suggestion } from '#internal/option-checks'

describe('A name that is not known', () => {
  it.each([
    ['a letter too many', 'ttll', 'Did you mean ttl?'],
    ['two letters the wrong way round', 'appNaem', 'Did you mean appName?'],
    ['another case', 'APPNAME', 'Did you mean appName?'],
    ['three errors in a long name', 'sucesRedirct', 'Did you mean successRedirect?'],
    ['as many errors as right letters', 'ttxx', 'Did you mean ttl?'],
    ['more errors than right letters', 'xyz', 'There are ttl, appName, successRedirect.'],
    ['four errors in a long name', 'sucesRedrc', 'There are ttl, appName, successRedirect.'],
  ])('an unknown name with %s is answered by what to write', (_, unknown, answer) => {
    expect(suggestion(unknown, ['ttl', 'appName', 'successRedirect'])).toBe(answer)
  })

  it('an unknown name is answered in a sentence of its own where there are no names', () => {
    expect(suggestion('ttl', [])).toBe('It takes none.')
  })

  it('an unknown name is an error, and a known name is none', () => {
    expect(() => checkOptionNames('Strategy', { ttll: '5m' }, ['ttl'])).toThrow(new TypeError('Strategy has no option ttll. Did you mean ttl?'))
    expect(checkOptionNames('Strategy', { ttl: '5m' }, ['ttl'])).toBeUndefined()
  })
})

describe('A secret', () => {
  it('a secret is the text that its bytes spell, whatever holds them', () => {
    for (const given of ['pä55', Buffer.from('pä55'), new Uint8Array(Buffer.from('pä55'))]) expect(requireSecret('clientSecret', given)).toBe('pä55')
  })

  it.each<[string, unknown, string]>([
    ['nothing', undefined, 'clientSecret is required'], ['no bytes', Buffer.alloc(0), 'clientSecret is required'],
    ['a list of numbers', [112], 'clientSecret is required'], ['bytes that spell no text', Buffer.from([0xc3, 0x28, 0x41]), 'these bytes spell none'],
  ])('a secret that is %s is refused, and not told', (_, given, message) => {
    expect(() => requireSecret('clientSecret', given)).toThrow(message)
    expect(() => requireSecret('clientSecret', given)).not.toThrow('A')
  })
})

describe('Options', () => {
  it.each([null, undefined, 'text', []])('options are an object, and not %p', (options) => {
    expect(() => checkOptionNames('Strategy', options, [])).toThrow(new TypeError('Strategy takes an object of options.'))
  })

  it('required options are texts with something in them', () => {
    expect(requireText('secret', ' a ')).toBe(' a ')
    for (const value of [undefined, '', ' ', 5]) expect(() => requireText('secret', value)).toThrow('secret is required: a text that is not empty.')
  })

  it('options that are called are functions, or left out', () => {
    expect(checkFunctions({ now: Date.now }, ['now', 'verify'])).toBeUndefined()
    expect(() => checkFunctions({ now: null }, ['now'])).toThrow(new TypeError('now is a function, or left out, not null.'))
    expect(() => checkFunctions({ now: [] }, ['now'])).toThrow(new TypeError('now is a function, or left out, not a list.'))
  })

  it('options of another type are refused with the types that fit', () => {
    expect(checkType('scope', 'openid', ['string'])).toBeUndefined()
    expect(checkType('scope', undefined, ['string'])).toBeUndefined()
    expect(() => checkType('scope', 2, ['string'])).toThrow(new TypeError('scope is a text, not 2.'))
    expect(() => checkType('locale', null, ['boolean', 'function']))
      .toThrow(new TypeError('locale is true or false, or a function, not null.'))
  })

  it('options that are lists and options that are tables are told apart', () => {
    expect(checkList('countries', ['GB'], '[\'GB\']')).toEqual(['GB'])
    expect(() => checkList('countries', { GB: 1 }, '[\'GB\']')).toThrow(new TypeError('countries is a list such as [\'GB\'], not object.'))
    expect(checkTable('limits', {}, '{ phone: 5 }')).toBeUndefined()
    expect(() => checkTable('limits', [], '{ phone: 5 }')).toThrow(new TypeError('limits is an object such as { phone: 5 }, not a list.'))
  })

  it('options may inherit the methods that they must have', () => {
    class Store { read() { return 1 } }
    expect([new Store(), { read: () => 1 }, { read: 1 }, null, 'text'].map((value) => hasMethods(value, ['read']))).toEqual([true, true, false, false, false])
  })
})
