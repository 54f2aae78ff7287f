import { MemoryChallengeStore, RedisChallengeStore, SmsOtp, Strategy, type StrategyOptions } from '../src/index.js'
import { consoleSender } from '../src/senders/index.js'
import { inboxSender } from '../src/testing.js'
import { deriveKeys } from '../src/codes/keys.js'
import { readOptions } from '../src/settings/read-options.js'
import { OTHER_SECRET, SECRET } from './support/kit.js'

const base = { sender: inboxSender(), secret: SECRET }
const build = (options: object) => () => new SmsOtp({ ...base, ...options })

describe('Construction throws', () => {
  it.each<[string, object, RegExp]>([
    ['no sender', { sender: undefined }, /sender is required.*consoleSender/],
    ['a sender that is a function', { sender: async () => ({}) }, /sender is required/],
    ['no secret (X-12)', { secret: undefined }, /secret is required.*openssl/],
    ['a short secret (X-12)', { secret: 'x7'.repeat(15) }, /32 bytes/],
    ['one character repeated (X-12)', { secret: 'x'.repeat(40) }, /guessed/],
    ['an example as a secret (X-12)', { secret: `${SECRET}-ChangeMe` }, /'changeme'/],
    ['the word secret', { secret: `my-${SECRET}-SECRET` }, /'secret'/],
    ['the word password', { secret: `${SECRET}password` }, /'password'/],
    ['keyboard cat', { secret: `keyboard cat ${SECRET}` }, /'keyboard cat'/],
    ['a weak secret anywhere in the list', { secret: [SECRET, 'short'] }, /32 bytes/],
    ['bytes that are too few (X-12)', { secret: Buffer.alloc(31, 7) }, /32 bytes/],
    ['one byte repeated (X-12)', { secret: Buffer.alloc(40) }, /guessed/],
    ['an example as bytes (X-12)', { secret: Buffer.from(`${SECRET}-ChangeMe`) }, /'changeme'/],
    ['a list of numbers', { secret: [1, 2, 3] }, /secret is required/],
    ['an empty list of secrets', { secret: [] }, /secret is required/],
    ['codes of 5 (R-01)', { codeLength: 5 }, /from 6 to 10/],
    ['codes of 11', { codeLength: 11 }, /from 6 to 10/],
    ['a ttl of more than ten minutes (R-02)', { ttl: '601s' }, /at most '10m'/],
    ['a ttl as a number', { ttl: 300 }, /string with its unit/],
    ['a ttl without a unit', { ttl: '300' }, /duration/],
    ['no attempts', { maxAttempts: 0 }, /from 1 to 10/],
    ['eleven attempts', { maxAttempts: 11 }, /from 1 to 10/],
    ['attempts as a string', { maxAttempts: '5' }, /whole number/],
    ['more than 100 failures (R-05)', { lockout: { disableAfter: 101 } }, /lockout.disableAfter is a whole number from 1 to 100/],
    ['a lockout option that is not known', { lockout: { duration: '1m' } }, /lockout has no option duration/],
    ['a lock that its maximum would cut short', { lockout: { for: '48h' } }, /lockout.max is at least as long as lockout.for.*"24h" with "48h"/],
    ['a lock that no clock can add', { lockout: { for: '9999999y', max: '9999999y' } }, /lockout.for is at most '100y'/],
    ['a window that no clock can add', { sendLimits: { phone: { '9999999y': 5 } } }, /at most '100y'/],
    ['a message without the code', { message: () => 'Hello' }, /must return a text that contains m.code/],
    ['a message without the code, of any length', { message: () => 'Hello', allowMultiSegment: true }, /must return a text that contains m.code/],
    ['a delay as a number', { delays: [30] }, /string with its unit/],
    ['an unknown alphabet', { alphabet: 'hex' }, /'alphanumeric'/],
    ['a country that is none (R-21)', { countries: ['UK'] }, /'GB'/],
    ['countries as a string', { countries: 'GB' }, /countries is required/],
    ['a window that is no duration', { sendLimits: { phone: { hour: 5 } } }, /window 'hour'/],
    ['a limit of nothing', { sendLimits: { phone: { '1h': 0 } } }, /at least 1/],
    ['a limit that is no number', { sendLimits: { ip: { '1h': '5' } } }, /at least 1/],
    ['an unknown scope of limits', { sendLimits: { user: { '1h': 5 } } }, /sendLimits.user/],
    ['a store that is a client', { store: { get: () => undefined } }, /RedisChallengeStore/],
    ...['message', 'beforeSend', 'now'].map((name): [string, object, RegExp] => [`${name} that is no function`, { [name]: 'x' }, new RegExp(`^${name} is a function, or left out, not string`)]),
    ['a message that is null', { message: null }, /^message is a function, or left out, not null/],
    ['kinds of numbers that are no list', { numberTypes: 'MOBILE' }, /^numberTypes is a list such as \['MOBILE'\], not string/],
    ['a kind of numbers that is none', { numberTypes: ['mobile'] }, /^numberTypes holds MOBILE, .*not "mobile"/],
    ['delays that are no list', { delays: '30s' }, /^delays is a list/],
    ['limits that are no object', { sendLimits: [] }, /^sendLimits is an object .*not a list/],
    ['limits of a scope that are no object', { sendLimits: { ip: 10 } }, /^sendLimits.ip is an object .*not number/],
    ['a store that lacks an operation', { store: { send: jest.fn(), verify: jest.fn() } }, /^store is a ChallengeStore/],
    ['a misspelt option', { maxAttempt: 3 }, /no option maxAttempt\. Did you mean maxAttempts\?/],
    ['an option of another library', { issuer: 'x' }, /no option issuer\. There are sender,/],
  ])('the service throws at start-up for %s', (_, options, message) => {
    expect(build(options)).toThrow(TypeError)
    expect(build(options)).toThrow(message)
  })

  it('the service throws at start-up without countries, unless the sender is for development (R-22)', () => {
    const real = { name: 'real', send: async () => ({}) }
    expect(build({ sender: real })).toThrow(/countries is required/)
    expect(build({ sender: real, countries: [] })).not.toThrow()
    expect(build({ sender: inboxSender() })).not.toThrow()
  })

  it.each<[string, object, RegExp]>([
    ['a misspelt option', { phoneFeild: 'tel' }, /Did you mean phoneField\?/],
    ['an unknown place for the challenge', { challengeIn: 'cookie' }, /'session' or 'client'/],
    ['a capture that saves nothing', { capture: {} }, /save\(user, phone\)/],
    ['a capture that is null', { capture: null }, /save\(user, phone\)/],
    ...['phone', 'userId', 'mayText', 'details', 'locale'].map((name): [string, object, RegExp] => [`${name} that is no function`, { [name]: 'x' }, new RegExp(`^${name} is a function`)]),
    ['a field without a name', { codeField: '' }, /^codeField is a string/],
    ['a field whose name is no text', { phoneField: 7 }, /^phoneField is a string/],
    ['two fields of one name', { codeField: 'phone' }, /four different names/],
    ['a purpose that is none', { purpose: '' }, /^purpose is a string/],
    ['passReqToCallback as a text', { passReqToCallback: 'true' }, /true or false/],
  ])('the strategy throws at start-up for %s', (_, options, message) => {
    expect(() => new Strategy({ ...base, ...options })).toThrow(message)
  })

  it.each([[{ otp: {} }, /new SmsOtp/], [{ otp: null }, /new SmsOtp/], [undefined, /object of options/], [() => undefined, /object of options/]])(
    'the strategy throws at start-up for %j in place of options', (options, message) => {
      expect(() => new Strategy(options as never)).toThrow(message)
    })

  it('the strategy throws at start-up for a verify that is no function', () => {
    expect(() => new Strategy(base, {} as never)).toThrow(/verify\(phone, done\)/)
  })

  it.each<[string, () => unknown, RegExp]>([
    ['the console sender', () => consoleSender({ wirte: () => undefined } as object), /consoleSender has no option wirte. Did you mean write\?/],
    ['the console sender, for what is no function', () => consoleSender({ write: 'stdout' as never }), /^write is a function/],
    ['the inbox, for a clock that is none', () => inboxSender({ now: 7 as never }), /^now is a function/],
    ['the memory store', () => new MemoryChallengeStore({ capasity: 5 } as object), /no option capasity. Did you mean capacity\?/],
    ['the memory store, for a clock that is none', () => new MemoryChallengeStore({ now: 7 as never }), /^now is a function/],
    ['the memory store, for null', () => new MemoryChallengeStore(null as never), /takes an object of options/],
    ['the Redis store', () => new RedisChallengeStore({ clinet: {} } as never), /no option clinet. Did you mean client\?/],
    ['the Redis store, for nothing', () => new RedisChallengeStore(undefined as never), /takes an object of options/],
    ['the Redis store, for the client itself', () => new RedisChallengeStore({ eval: () => undefined } as never), /new RedisChallengeStore\(\{ client \}\)/],
    ['the Redis store, for a prefix that is no text', () => new RedisChallengeStore({ client: { eval: async () => undefined }, prefix: 7 as never }), /^prefix is a text/],
  ])('a part throws at start-up for a mistake in %s', (_, make, message) => {
    expect(make).toThrow(TypeError)
    expect(make).toThrow(message)
  })

  it('the service throws at start-up for the console sender in production (X-08)', () => {
    const before = process.env.NODE_ENV
    process.env.NODE_ENV = 'production'
    try {
      expect(() => consoleSender()).toThrow(/production/)
    } finally {
      process.env.NODE_ENV = before
    }
  })
})

describe('Construction accepts', () => {
  it.each<[string, object]>([
    ['a list of secrets', { secret: [OTHER_SECRET, SECRET] }],
    ['options that are undefined', { store: undefined, ttl: undefined, sendLimits: undefined, now: undefined }],
    ['no delays', { delays: [] }],
    ['a limit lifted', { sendLimits: { phone: {} } }],
    ['the edges', { codeLength: 10, ttl: '10m', maxAttempts: 10, maxResends: 0, lockout: { disableAfter: 100 } }],
  ])('the service accepts %s', (_, options) => { expect(build(options)).not.toThrow() })

  it('the service never changes the options that it was given', () => {
    const options = Object.freeze({ ...base, countries: Object.freeze(['GB']), delays: Object.freeze(['30s']), sendLimits: Object.freeze({ phone: Object.freeze({ '1h': 5 }) }) })
    expect(() => new Strategy(options as StrategyOptions)).not.toThrow()
  })
})

describe('Two spellings of one secret', () => {
  const idsOf = (secret: unknown) => [...readOptions({ ...base, secret } as never).keys.byId.keys()]

  it('the text of a secret, its bytes, and bytes within others are one secret (R-09)', () => {
    const within = Buffer.from(`..${SECRET}..`).subarray(2, -2)
    for (const secret of [Buffer.from(SECRET), new Uint8Array(Buffer.from(SECRET)), within]) expect(idsOf(secret)).toEqual(idsOf(SECRET))
    expect(idsOf(Buffer.from(OTHER_SECRET))).not.toEqual(idsOf(SECRET))
  })

  it('two spellings of one secret stand once in a list, and the oldest is still the last (R-09)', () => {
    const list = [OTHER_SECRET, SECRET, Buffer.from(OTHER_SECRET)]
    expect(idsOf(list)).toEqual(idsOf([OTHER_SECRET, SECRET]))
    expect(readOptions({ ...base, secret: list }).keys.firstTag.export()).toEqual(deriveKeys([SECRET]).firstTag.export())
  })

  it('secrets are kept by value: bytes that are written over afterwards change nothing (R-09)', () => {
    const bytes = Buffer.from(SECRET)
    const { keys } = readOptions({ ...base, secret: bytes })
    bytes.fill(0)
    expect(keys.current.id).toBe(deriveKeys([SECRET]).current.id)
  })
})
