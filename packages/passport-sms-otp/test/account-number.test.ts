import { getCountries, getExampleNumber, parsePhoneNumberFromString } from 'libphonenumber-js/max'
import examples from 'libphonenumber-js/mobile/examples'
import { numberOfAccount, parseNumber, refusalOf, type NumberRules } from '../src/numbers/phone-number.js'
import { sharedCodes } from '../src/numbers/shared-codes.js'
import { createApp, type AppOptions } from './support/app.js'
import { ADA, BOB, codeIn, issued, SECRET, service } from './support/kit.js'

const rules = (more: Partial<NumberRules> = {}): NumberRules =>
  ({ countries: new Set(['GB', 'MX', 'AR', 'BR', 'VN', 'BJ', 'CI', 'US']), types: new Set(['MOBILE', 'FIXED_LINE_OR_MOBILE']), defaultCountry: undefined, acceptNumber: undefined, ...more })

/** What becomes of the number of an account: the number that is texted, or why none is. */
function judge(input: unknown, more: Partial<NumberRules> = {}): string {
  const number = numberOfAccount(input, rules(more))
  return number ? refusalOf(number, rules(more)) ?? number.e164 : 'phone'
}

describe('A number of an older plan', () => {
  it.each([
    ['Mexico, with the 1 of mobile numbers', '+52 1 55 4163 7145', '+525541637145'],
    ['Brazil, without the ninth digit', '+55 11 8765-4321', '+5511987654321'],
    ['Benin, of eight digits', '+229 97 12 34 56', '+2290197123456'],
    ['Côte d\'Ivoire, Orange', '+225 47 12 34 56', '+2250747123456'],
    ['Côte d\'Ivoire, MTN', '+225 05 12 34 56', '+2250505123456'],
    ['Côte d\'Ivoire, Moov', '+225 01 12 34 56', '+2250101123456'],
    ['Vietnam, Viettel', '+84 162 123 4567', '+84321234567'],
    ['Vietnam, MobiFone', '+84 120 123 4567', '+84701234567'],
    ['Vietnam, Vinaphone', '+84 125 123 4567', '+84851234567'],
    ['Vietnam, Vietnamobile', '+84 188 123 4567', '+84581234567'],
    ['Vietnam, Gmobile', '+84 199 123 4567', '+84591234567'],
    ['Argentina, with the 15 of national calls', '+54 11 15 2345 6789', '+5491123456789'],
  ])('a number of an older plan becomes the number of today, in an account and typed: %s (N-07)', (_, old, now) => {
    expect(judge(old)).toBe(now)
    expect(parseNumber(old)?.e164).toBe(now)
    expect(parseNumber(now)?.e164).toBe(now)
  })

  it.each([
    ['Mexico, a digit short', '+52 1 55 4163 714'], ['Mexico, a digit long', '+52 1 55 4163 71450'], ['Brazil, no such area', '+55 20 8765-4321'],
    ['Brazil, an older landline of São Paulo', '+55 11 6191-2345'], ['Côte d\'Ivoire, a landline', '+225 20 21 23 45'],
    ['Vietnam, no such range', '+84 187 123 4567'], ['Benin, a digit short', '+229 97 12 34 5'],
  ])('a number of an older plan is followed by the published rule only: %s (N-07)', (_, spelling) => {
    expect(judge(spelling)).toBe('phone')
  })

  it('a number of an older plan is never taken where it is a number today (N-07)', () => {
    // Trunking numbers of Brazil kept their eight digits.
    expect(judge('+551177654321')).toBe('+551177654321')
    // A landline of Buenos Aires: with a 9 it would be another person's mobile.
    expect(judge('+541123456789')).toBe('number-type')
  })
})

describe('A number in an account', () => {
  it.each(['07400 123456', '07400\u00a0123456', '(07400) 123456', '0044 7400 123456', '+44 7400 123456', '\u202d07400 123456\u202c'])(
    'a number in an account written %j is read by defaultCountry, and a typed number is not (N-07)', (spelling) => {
      expect(judge(spelling, { defaultCountry: 'GB' })).toBe(ADA)
      if (!spelling.startsWith('+')) expect([judge(spelling), parseNumber(spelling)]).toEqual(['phone', undefined])
    })

  it.each(['none', '', '112', '07400', '07400 123456 x5', 'tel:07400 123456', 447400123456, null, ['07400 123456'], {}])('a number in an account written %j is no number, defaultCountry or not (N-07)', (spelling) => {
    expect(judge(spelling, { defaultCountry: 'GB', acceptNumber: () => true })).toMatch(/^phone$|^number-type$|^country$/)
  })

  it('a number that is newer than the metadata is texted if the app vouches for it, in its own country only (N-07)', () => {
    const asked: string[] = []
    const acceptNumber = (e164: string) => { asked.push(e164); return e164.startsWith('+44') || e164.startsWith('+1') || e164.startsWith('+33') }
    expect(judge('+44 7400 000 00', { acceptNumber })).toBe('+44740000000')
    expect(judge('+1 (999) 555-0123', { acceptNumber })).toBe('+19995550123')
    expect(judge('+33 7 00 00 00 00', { acceptNumber })).toBe('country')
    expect(judge('+52 55 0000', { acceptNumber })).toBe('phone')
    expect([...new Set(asked)]).toEqual(['+44740000000', '+19995550123', '+33700000000', '+52550000'])
  })

  it('a number that the metadata take for a landline may be vouched for, too (N-07)', () => {
    expect(judge('+541123456789', { acceptNumber: () => true })).toBe('+541123456789')
    expect(judge('+442079460123', { acceptNumber: () => true })).toBe('+442079460123')
  })

  it('a number is not vouched for where it costs more, by an answer that is not true, or unasked (N-07)', () => {
    const acceptNumber = jest.fn(() => true)
    expect(judge('+449090123456', { acceptNumber })).toBe('number-type')
    expect(judge(ADA, { acceptNumber })).toBe(ADA)
    expect(acceptNumber).not.toHaveBeenCalled()
    for (const answer of ['yes', 1, {}, Promise.resolve(true)]) expect(judge('+541123456789', { acceptNumber: () => answer })).toBe('number-type')
  })
})

describe('The service', () => {
  it('the service reads a known number as an account has it, and a stranger\'s number as it is typed (N-07)', async () => {
    const options = { countries: ['GB', 'MX'], defaultCountry: 'GB' }
    for (const to of ['07400 123456', '+52 1 55 4163 7145']) {
      const { otp, inbox } = service(options)
      expect(await otp.issue({ to, purpose: 'login', subject: 'ada', known: true })).toMatchObject({ status: 'sent' })
      expect(inbox.messages[0]!.to).toBe(to.startsWith('0') ? ADA : '+525541637145')
    }
    expect(await service(options).otp.issue({ to: '07400 123456', purpose: 'login' })).toEqual({ status: 'refused', reason: 'phone' })
  })

  it('the service texts a number that the app vouches for again, and takes its code for the account that holds it (N-07)', async () => {
    const kit = service({ countries: ['GB'], acceptNumber: (e164) => e164 === '+44740000000', delays: ['0s'] })
    const { challenge, code } = await issued(kit, { to: '+44740000000', known: true })
    expect(await kit.otp.resend({ challenge })).toMatchObject({ status: 'sent' })
    expect(await kit.otp.verify({ challenge, code, purpose: 'login', to: ADA })).toEqual({ status: 'unknown' })
    expect(await kit.otp.verify({ challenge, code, purpose: 'login', to: '+44 7400 0000-0' })).toMatchObject({ status: 'ok', phone: '+44740000000' })
  })

  it.each([[{ defaultCountry: 'UK' }, /defaultCountry is an ISO 3166/], [{ defaultCountry: 'DE' }, /defaultCountry is one of countries/], [{ acceptNumber: true }, /acceptNumber is a function/], [{ acceptNumber: async () => true }, /acceptNumber answers at once/]])(
    'the service refuses %j', (options, message) => {
      expect(() => service({ countries: ['GB'], ...options as object })).toThrow(message)
    })
})

describe('A user whose number cannot be texted', () => {
  const unusable = ['07400 123456', 'none', '+44 1', 447400123456 as unknown as string, '+4915112345678', '+442079460123']
  const withUser = (phone: string, more: AppOptions['strategy'] = {}) => createApp({ user: { id: 'user-7', phone }, strategy: { countries: ['GB'], ...more } })

  it.each(unusable)('a user whose number cannot be texted is not enrolled, and is refused in words instead of an error: %j (N-07)', async (phone) => {
    const { agent, strategy, inbox } = withUser(phone)
    expect(await strategy.enrolled({ id: 'user-7', phone })).toBe(false)
    const { body } = await agent().post('/send').expect(403)
    expect(body).toMatchObject({ code: 'send_refused' })
    expect(JSON.stringify(body)).not.toMatch(/7400|4911|2079/)
    expect(inbox.messages).toEqual([])
  })

  it('a user whose number cannot be texted is told to the app by an event (N-07)', async () => {
    const { agent, strategy } = withUser('none')
    const denied: unknown[] = []
    strategy.otp.on('send-denied', (event) => denied.push(event))
    await agent().post('/send').expect(403)
    expect(denied).toEqual([{ purpose: 'login', reason: 'number' }])
  })

  it.each(unusable)('a user whose number cannot be texted may give another one where capture saves it, like a user without a number: %j (N-07)', async (phone) => {
    const save = jest.fn(async () => undefined)
    const { agent, inbox } = withUser(phone, { capture: { save } })
    const browser = agent()
    expect((await browser.post('/send').expect(400)).body.code).toBe('phone_missing')
    await browser.post('/send').send({ phone: BOB }).expect(200)
    await browser.post('/verify').send({ code: codeIn(inbox, BOB) }).expect(200)
    expect(save).toHaveBeenCalledWith(expect.objectContaining({ id: 'user-7' }), BOB)
  })

  it('a user whose number can be texted may give no other, in whichever spelling their number is (N-07)', async () => {
    const save = jest.fn()
    for (const phone of [ADA, '+44 (0)7400 123456', '07400 123456']) {
      const { agent, inbox, strategy } = withUser(phone, { capture: { save }, defaultCountry: 'GB' })
      expect(await strategy.enrolled({ id: 'user-7', phone })).toBe(true)
      const browser = agent()
      await browser.post('/send').send({ phone: BOB }).expect(200)
      expect(inbox.messages.map(({ to }) => to)).toEqual([ADA])
      await browser.post('/verify').send({ code: codeIn(inbox) }).expect(200)
    }
    expect(save).not.toHaveBeenCalled()
  })

  it('an app whose accounts hold numbers without a country is warned, once and without the number', async () => {
    const warned = jest.spyOn(process, 'emitWarning').mockImplementation()
    await jest.isolateModulesAsync(async () => {
      const { Strategy: Fresh } = await import('../src/index.js')
      const { inboxSender } = await import('../src/senders/inbox.js')
      const strategy = new Fresh({ sender: inboxSender(), secret: SECRET })
      for (const phone of [undefined, '', ADA]) await strategy.enrolled({ id: 'user-7', phone })
      expect(warned).not.toHaveBeenCalled()
      for (let times = 0; times < 2; times += 1) expect(await strategy.enrolled({ id: 'user-7', phone: '07400 123456' })).toBe(false)
    })
    const unread = 'passport-sms-otp cannot read the number that stands in an account, so its user is not texted: keep numbers with their country code, such as +447400123456, or set defaultCountry.'
    expect(warned.mock.calls).toEqual([[unread, { code: 'SMS_OTP_NUMBER_UNREAD' }]])
    warned.mockRestore()
  })

  it('a user without a number, or with one that cannot be texted, is not enrolled, whatever phone(user) is (N-07)', async () => {
    const { strategy } = createApp({ strategy: { phone: async (user) => (user as { mobile?: string }).mobile } })
    for (const mobile of [undefined, null, '']) expect(await strategy.enrolled({ mobile })).toBe(false)
    expect(await strategy.enrolled({ mobile: ADA })).toBe(true)
  })
})

describe('Countries that share a calling code', () => {
  it.each([
    [['GB'], ['GB shares +44 with GG, IM, JE']], [['GB', 'JE', 'GG', 'IM'], []], [['DE'], []], [['GP'], []], [['CA', 'JM', 'RU'], []], [['US'], ['US shares +1 with AS, GU, MP, PR, VI']], [['RE', 'YT'], []], [['RE'], ['RE shares +262 with YT']], [['MF'], ['mobile numbers of MF count as GP, which is not on the list']],
    [['MF', 'GP'], []], [['IT'], []], [[], []],
  ])('the countries that share a calling code are told of: %j (N-08)', (countries, told) => {
    expect(sharedCodes(new Set(countries))).toEqual(told)
  })

  it('the countries that share a calling code are told of once at start-up (N-08)', () => {
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    jest.isolateModules(() => {
      const { tellSharedCodes } = jest.requireActual<typeof import('../src/numbers/shared-codes.js')>('../src/numbers/shared-codes.js')
      tellSharedCodes(undefined)
      tellSharedCodes(new Set(['DE']))
      tellSharedCodes(new Set(['GB', 'MF']))
      tellSharedCodes(new Set(['US']))
    })
    expect(warn.mock.calls).toEqual([[expect.stringMatching(/^countries: GB shares \+44 with GG, IM, JE; mobile numbers of MF count as GP/), { code: 'SMS_OTP_SHARED_CODE' }]])
    warn.mockRestore()
  })

  it('the countries that count as another one are those countries that the metadata resolve so (N-08)', () => {
    // The Isle of Man's example is one of a range that Great Britain has, too; other numbers of it resolve to it.
    const moved = getCountries().filter((country) => country !== 'IM' && parsePhoneNumberFromString(getExampleNumber(country, examples)?.number ?? '')?.country !== country)
    expect(moved.filter((country) => sharedCodes(new Set([country]))[0]?.includes('count as') !== true && getExampleNumber(country, examples) !== undefined)).toEqual([])
  })
})
