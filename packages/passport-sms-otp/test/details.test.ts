import { faultIn, leftOut, listed, readDetailRules, shownDetails, type DetailsMayHold } from '../src/texts/details.js'
import { isIban } from '../src/texts/iban.js'
import type { MessageParts, MessageTemplate } from '../src/texts/message.js'
import { createApp } from './support/app.js'
import { ADA, codeIn, issued, service } from './support/kit.js'

const fault = (details: unknown, mayHold?: DetailsMayHold) => faultIn(details, readDetailRules(mayHold))
const refused = (payee: string, mayHold?: DetailsMayHold) => fault({ amount: '20', payee }, mayHold)?.name

describe('A value is shown as it is', () => {
  it.each([
    'Bob', 'Zoë Müller-Lüdenscheidt', 'O\'Neill & Sons', 'Smith, John', 'Łukasz Żółć', 'Nguyễn Thị Ánh', 'Ștefan', 'Café No. 7', 'c/o Ada (Kiel)', 'J. R. R. Tolkien', '50% off',
    'DE89 3704 0044 0532 0130 00', 'GB82WEST12345698765432', '24.12.2026 10:30', '2026-12-24', '24/12/2026', 'Visa **** 4242', 'O2 UK', 'Room 800 Hotel', 'Studio 54 Club', '10 Downing St', '7', 'alice_smith',
  ])('a value is shown as it is when it is %s (N-01)', (payee) => {
    expect(refused(payee)).toBeUndefined()
    expect(listed({ payee })).toBe(`payee: "${payee}"`)
  })

  it.each([
    '20', '0.50', '-1.234,50 €', '1.234.567,00', '£1,234,567.00', '1\'234.50 CHF', '1\u202f234,50\u00a0€', 'EUR 20', 'US$ 20.00', '1,00,000.00 INR', '12 500,00 kr', '20 points', '0.00012345 coins',
  ])('a value is shown as it is when it is the amount %s (N-01)', (amount) => {
    expect(fault({ amount })).toBeUndefined()
    expect(listed({ amount })).toBe(`amount: "${amount.replace(/[\u00a0\u202f]/g, ' ')}"`)
  })
})

describe('A value is refused, and named', () => {
  it.each([
    ['is empty', ''], ['has no letter and no digit', '***'], ['is longer than a line of a preview', `B${' a'.repeat(20)}`], ['breaks the line', 'Bob\namount 5'],
    ['breaks the line as only some do', 'Bob\u2028x'], ['has a tab', 'Bob\tx'], ['ends in a space', 'Bob '], ['has two spaces in a row', 'Bob  Jr'], ['has a no-break space', 'Bob\u00a0Jr'],
    ['has a sign that writes backwards', 'Bob\u202e5'], ['has an invisible sign', 'Bo\u200bb'], ['has a soft hyphen', 'Bo\u00adb'], ['has a variation selector', 'Bob\ufe0f'], ['has a tag', 'Bob\u{e0041}'],
    ['mixes scripts', '\u0412ob'], ['is of another script', '\u0410\u0441\u0435'], ['is Greek that reads like Latin', '\u0391\u0392'], ['has mathematical letters', '𝐁𝐨𝐛'], ['has full-width letters', 'Ｂｏｂ'],
    ['has small capitals', 'B\u1d0fb'], ['has phonetic letters', 'B\u0251b'], ['has a click that reads like a stroke', 'Bo\u01c0'], ['has a ligature', '\ufb01ne'], ['has Arabic digits', '\u0661\u0662'],
    ['has a superscript', 'x²'], ['has a Roman numeral of one sign', 'Ⅷ'], ['has a loose accent that a letter could have', 'Zoe\u0308'], ['has accents in a heap', 'B\u0335\u0336\u0337ob'], ['has an emoji', 'Bob 🙂'],
    ['ends the quotation', 'Bob", amount: "5'], ['ends it by typographic marks', 'Bob”, amount “5'], ['ends it by two apostrophes', 'Bob\'\', \'\'x'], ['names another value', 'Bob, amount 5.00'],
    ['names another value in capitals', 'Bob, AMOUNT 5'], ['names another value, with words between', 'Bob. Amount is now 5'], ['has a colon as lists have', 'Bob: x'], ['has a currency sign', 'Bob 5 €'],
    ['has money', 'Bob 5.00 EUR'], ['has money the other way round', 'Bob GBP 5'],
    ['is a number to call', '+44 7911 123456'], ['says to call', 'FRAUD ALERT call 0800 123 456'], ['has a number in pieces', '0.8.0.0.1.2'], ['has a number with other signs', '0_8_0_0_1'],
    ['has a number between times of day', '08:00:12:34:56'], ['is a service number', 'text STOP to 80080'], ['reads like a code', '123456 is your code'], ['has a call for a currency', 'Call 447911123456'],
    ['has a number for groups', '800 123 456 now'], ['is an IBAN with a wrong digit', 'DE89 3704 0044 0532 0130 01'], ['has a date that is none', '99.99.9912'],
    ['spells a number by the letters of its keys', 'FRAUD call 1-800-HELPNOW'], ['spells one without dashes', '0800 REVERSE'], ['spells one with its area code alone', '800-FLOWERS'],
    ['imitates digits by letters', 'call O2O 7946 O958'], ['imitates ones', 'call 0l9 4I8'],
    ['is a link', 'https://evil.example/x'], ['is a host', 'evil.example'], ['is a host in a sentence', 'see evil.example now'], ['is an address by numbers', '185.1.2.3'], ['is e-mail', 'alice@bank.example'],
    ['begins the last line', '@evil.example #999999'], ['begins with www', 'www evil'], ['has an IDN', 'evil.xn--p1ai'],
  ])('a value is refused, and named, when it %s (N-01, N-02, N-03, S-17, R-29)', (_, payee) => {
    expect(refused(payee)).toBe('payee')
  })

  it.each([
    'or you lose 9999', '20.5e6', '0x270F', `20.${'0'.repeat(44)}e6`, '+44 7911 123456', '0800 123456', 'Call 4479', '1,2,3', '2 0', '1 000 000 000 000 000 000 000 000 000 000 000 000', '', 'NaN', '٢٠', '--5',
    'Tel 447911',
  ])('a value is refused, and named, when it is called amount, and is %s (N-01)', (amount) => {
    expect(fault({ amount, payee: 'Bob' })?.name).toBe('amount')
  })

  it.each<[string, unknown, string]>([
    ['is no text', { payee: 5 }, 'payee'], ['is null', { payee: null }, 'payee'], ['is a list', { payee: ['Bob'] }, 'payee'], ['is missing', { payee: undefined }, 'payee'],
    ['has a name that reads like another', { payee: 'Bob', 'pa-yee': 'Eve' }, 'pa-yee'], ['has the same name in capitals', { payee: 'Bob', Payee: 'Eve' }, 'Payee'],
    ['has a name with signs', { 'payee: Bob, x': '1' }, 'payee: Bob, x'], ['has an empty name', { '': 'x' }, ''], ['has a long name', { ['x'.repeat(21)]: '1' }, 'x'.repeat(21)],
    ['has a name of two scripts', { pаyee: 'Bob' }, 'p\u0430yee'],
    ['no longer fits', { a: 'x'.repeat(40), b: 'x'.repeat(40), c: 'x'.repeat(40), d: 'x' }, 'c'],
    ['is one too many', Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`v${String.fromCharCode(97 + index)}`, '1'])), 'vn'],
    ['is pushed out by an amount that is shown first', { note: 'x'.repeat(40), payee: 'y'.repeat(40), amount: '100.00 EUR' }, 'payee'],
  ])('a detail is refused, and named, when it %s (N-01)', (_, details, name) => {
    expect(fault(details)?.name).toBe(name)
  })

  it('the reason why a value is refused is told without what the value holds (N-01)', async () => {
    const { otp } = service()
    const denied: unknown[] = []
    otp.on('send-denied', (event) => denied.push(event))
    const told = { name: 'SmsOtpError', code: 'details_invalid', status: 400, expose: false, message: expect.stringMatching(/^details\.payee cannot be shown as it is: .*detailsMayHold\.numbers/) }
    await expect(otp.issue({ to: ADA, purpose: 'transfer', details: { payee: 'ring 0800 5551234' } })).rejects.toMatchObject(told)
    expect(denied).toEqual([{ purpose: 'transfer', reason: 'details', detail: expect.stringMatching(/^details\.payee/) }])
    expect(JSON.stringify(denied)).not.toContain('555')
  })

  it('details that are no object of values are a mistake of the program', () => {
    for (const details of ['x', ['x'], null, 5]) expect(() => fault(details)).toThrow(TypeError)
    expect(fault(undefined)).toBeUndefined()
    expect(fault({})).toBeUndefined()
  })
})

describe('What an app allows', () => {
  it('an app allows long numbers and addresses in the values that it names and in no other (N-03)', () => {
    const mayHold = { numbers: ['reference'], addresses: ['site'] }
    expect(fault({ reference: '2026-0042-77', site: 'https://acme.example/pay?x=1' }, mayHold)).toBeUndefined()
    expect(fault({ site: 'https://acme.example', payee: 'acme.example' }, mayHold)?.name).toBe('payee')
    expect(fault({ reference: '12345678', payee: '12345678' }, mayHold)?.name).toBe('payee')
    expect(fault({ site: '@evil.example #1234' }, mayHold)?.name).toBe('site')
    expect(fault({ reference: 'acme.example' }, mayHold)?.name).toBe('reference')
  })

  it('an app allows other scripts, one in a value (N-01)', () => {
    const scripts = ['Latn', 'Cyrl', 'Jpan', 'Arab']
    for (const payee of ['Иван Петров', '山田 たろう', 'محمد', 'Bob']) expect(refused(payee, { scripts })).toBeUndefined()
    for (const payee of ['\u0412ob', '山田 Bob', 'Αλέξης', 'Иван ٢']) expect(refused(payee, { scripts })).toBe('payee')
  })

  it.each([
    [{ scripts: ['Latin letters'] }], [{ scripts: [7] }], [{ scripts: 'Latn' }], [{ scripts: ['toString'] }], [{ numbers: 'reference' }], [{ numbers: [5] }], [{ addresses: {} }], [{ number: [] }],
  ])('an app must say in the right way what it allows: %j', (mayHold) => {
    expect(() => service({ detailsMayHold: mayHold as never })).toThrow(/detailsMayHold/)
  })
})

describe('The list of what is confirmed', () => {
  it('the list of what is confirmed begins with the amount, then other numbers, then words, each in the order given (N-02)', () => {
    expect(listed({ payee: 'Bob', fee: '1 EUR', to: 'Kiel', amount: '20' })).toBe('amount: "20", fee: "1 EUR", payee: "Bob", to: "Kiel"')
    expect(Object.keys(shownDetails({ payee: 'Bob', Amount: '20' }))).toEqual(['Amount', 'payee'])
  })

  it('the list of what is confirmed stands in the text before the sentence goes on, in every language (N-02)', async () => {
    for (const locale of ['en', 'de', 'fr', 'es']) {
      const { otp, inbox } = service({ appName: 'Acme', origin: 'acme.example' })
      await otp.issue({ to: ADA, purpose: 'transfer', locale, details: { payee: 'Bob', amount: '20' } })
      expect(inbox.messages[0]!.body.split('\n')[0]).toMatch(/^.{20,45}amount: "20", payee: "Bob"\. /)
    }
  })
})

/** The default message and one of the app must both find each value in their text. */
describe('A value that is not refused is texted', () => {
  it.each(Array.from('.,+-/&()_%#*!?', (sign) => `B${sign}b${sign}`).concat('Smith-Jones', '2026-12-24', '24/12/2026', '10:30', 'O\'Neill', '-5', '-1.234,50 €', '(x)'))('a value that is not refused is texted, such as %s (N-01, N-04)', async (note) => {
    for (const message of [undefined, ({ code, details }: MessageParts) => `${code}: ${details.note}`]) {
      const { otp, inbox } = service({ message })
      expect(await otp.issue({ to: ADA, purpose: 'transfer', details: { note } })).toMatchObject({ status: 'sent' })
      expect(inbox.messages[0]!.body).toContain(note)
    }
  })

  it.each(Array.from('@:=~;-+'))('a value with %s in an address that the app allows is texted (N-03, N-04)', async (sign) => {
    const { otp, inbox } = service({ detailsMayHold: { addresses: ['site'], numbers: ['site'] } })
    expect(await otp.issue({ to: ADA, purpose: 'transfer', details: { site: `https://acme.example/a${sign}b` } })).toMatchObject({ status: 'sent' })
    expect(inbox.messages[0]!.body).toContain(`/a${sign}b"`)
  })
})

describe('A message of the app', () => {
  const send = async (message: MessageTemplate, details = { payee: 'Bob', amount: '20' }) => service({ message }).otp.issue({ to: ADA, purpose: 'transfer', details })

  it.each<[string, MessageTemplate]>([
    ['each value', ({ code, details }) => `Pay ${details.amount} to ${details.payee}: ${code}`],
    ['the list', ({ code, confirms }) => `${code} for ${confirms}`],
    ['the values, answered later', async ({ code, details }) => `${code} (${Object.values(details).join(' / ')})`],
  ])('a message of the app that shows %s is sent (N-04)', async (_, message) => {
    expect(await send(message)).toMatchObject({ status: 'sent' })
  })

  it.each<[string, MessageTemplate]>([
    ['leaves out the amount', ({ code, details }) => `${code} for ${details.payee}`],
    ['leaves out all', ({ code }) => `${code} is your code`],
    ['shows only names', ({ code, details }) => `${code} for ${Object.keys(details).join()}`],
    ['writes an amount in another way', ({ code, details }) => `${code}: ${Number(details.amount).toFixed(2)} to ${details.payee}`],
    ['cuts a value', ({ code, details }) => `${code}: ${details.amount} to ${details.payee?.slice(0, 2)}`],
    ['has the amount in the code only', ({ code, details }) => `20${code} ${details.payee}`],
  ])('a message of the app that %s is refused (N-04)', async (_, message) => {
    await expect(send(message)).rejects.toMatchObject({ code: 'misconfigured', message: expect.stringMatching(/message left out details\.(amount|payee)/) })
  })

  it('a message of the app shows two equal values twice, also where one is equal to the code (N-04)', () => {
    expect(leftOut('5 and 5', '123456', { amount: '5', fee: '5' })).toBeUndefined()
    expect(leftOut('123456 for ref: "123456"', '123456', { ref: '123456' })).toBeUndefined()
    expect(leftOut('123456 for ref: ""', '123456', { ref: '123456' })).toBe('ref')
    expect(leftOut('5 and 15, 5.5', '123456', { amount: '5', fee: '5' })).toBe('fee')
  })

  it('a message of the app that was refused leaves no challenge and no delay behind (N-04)', async () => {
    let whole = false
    const { otp } = service({ message: ({ code, confirms }) => (whole ? `${code} ${confirms}` : code) })
    const asked = { to: ADA, purpose: 'transfer', details: { amount: '20' } }
    await expect(otp.issue(asked)).rejects.toMatchObject({ code: 'misconfigured' })
    whole = true
    expect(await otp.issue(asked)).toMatchObject({ status: 'sent' })
  })
})

describe('Details that cannot be shown', () => {
  const details = { payee: 'evil.example' }

  it('details that cannot be shown are refused by the service when a code is issued, resent and checked (N-01)', async () => {
    const kit = service()
    const { challenge, code } = await issued(kit)
    await expect(kit.otp.issue({ to: ADA, purpose: 'login', details })).rejects.toMatchObject({ code: 'details_invalid' })
    await expect(kit.otp.resend({ challenge, details })).rejects.toMatchObject({ code: 'details_invalid' })
    await expect(kit.otp.verify({ challenge, code, purpose: 'login', details })).rejects.toMatchObject({ code: 'details_invalid' })
    expect(kit.inbox.messages).toHaveLength(1)
    expect(await kit.otp.verify({ challenge, code, purpose: 'login' })).toMatchObject({ status: 'ok' })
  })

  it('details that cannot be shown are named by service and strategy before anything is sent (N-01)', () => {
    const { strategy } = createApp()
    expect(strategy.checkDetails({ amount: '20', payee: 'Bob' })).toBeUndefined()
    expect(strategy.checkDetails({ amount: '20', payee: 'FRAUD ALERT: call +44 7911 123456 now' })).toBe('payee')
    expect(service({ detailsMayHold: { addresses: ['payee'] } }).otp.checkDetails(details)).toBeUndefined()
  })

  it('details that cannot be shown are a refusal by the strategy, whether the app or a browser wrote them, and cost nothing (N-01)', async () => {
    const user = { id: 'ada', phone: ADA }
    const { agent, inbox, errors } = createApp({ user, strategy: { details: (req) => ({ payee: req.body.payee }) } })
    const browser = agent()
    for (const payee of ['evil.example', ['Bob'], undefined, { $ne: '' }]) {
      const { body } = await browser.post('/send').send({ payee }).expect(400)
      expect(body).toEqual({ code: 'details_invalid', message: expect.stringMatching(/cannot be shown in a text/) })
    }
    expect(inbox.messages).toEqual([])
    await browser.post('/send').send({ payee: 'Bob' }).expect(200)
    await browser.post('/resend').send({ payee: '@' }).expect(400)
    expect((await browser.post('/verify').send({ payee: '@', code: codeIn(inbox) }).expect(400)).body.code).toBe('details_invalid')
    await browser.post('/verify').send({ payee: 'Bob', code: codeIn(inbox) }).expect(200)
    expect(errors.every((error) => (error as { status: number }).status === 400)).toBe(true)
  })
})

describe('An IBAN', () => {
  it.each(['DE89 3704 0044 0532 0130 00', 'DE89370400440532013000', 'GB82 WEST 1234 5698 7654 32', 'NO93 8601 1117 947', 'FR14 2004 1010 0505 0001 3M02 606'])('the text %s is an IBAN', (iban) => {
    expect(isIban(iban)).toBe(true)
  })

  it.each(['DE88 3704 0044 0532 0130 00', 'de89370400440532013000', 'DE89 37040044 0532013000', 'DE89', '', 'x DE89370400440532013000', 'DE89370400440532013000\n'])('the text %j is no IBAN', (text) => {
    expect(isIban(text)).toBe(false)
  })
})
