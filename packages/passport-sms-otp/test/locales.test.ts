import { segmentsOf, type MessageTemplate, type SmsOtpOptions } from '../src/index.js'
import { locales, textFor } from '../src/texts/locales/index.js'
import { compose, defaultMessage } from '../src/texts/message.js'
import { createApp } from './support/app.js'
import { ADA, service } from './support/kit.js'

const bodyFor = async (locale: string | undefined, options: Partial<SmsOtpOptions> = {}, details = {}) => {
  const { otp, inbox } = service({ appName: 'Acme', origin: 'acme.example', ...options })
  await otp.issue({ to: ADA, purpose: 'login', locale, details })
  return inbox.messages[0]!.body.replace(/\b\d{6}\b/g, '123456')
}

describe('The text in the language of the person', () => {
  it.each([
    ['en', '123456 is your Acme code. Do not share it.'],
    ['de', '123456 ist Ihr Code von Acme. Bitte nicht weitergeben.'],
    ['fr', '123456 est votre code Acme. Ne le partagez pas.'],
    ['es', '123456 es su clave de Acme. No la comparta.'],
  ])('the text in the language of the person is right in %s', async (locale, sentence) => {
    expect(await bodyFor(locale)).toBe(`${sentence}\n\n@acme.example #123456`)
  })

  it.each([
    ['de-AT', 'Ihr Code'], ['DE', 'Ihr Code'], ['de-Latn-CH', 'Ihr Code'], ['de_DE', 'Ihr Code'], ['fr-CA', 'votre code'], ['es-419', 'su clave'],
    [undefined, 'your Acme'], ['ja', 'your Acme'], ['deutsch', 'your Acme'], ['', 'your Acme'], ['de-DE,de;q=0.9', 'your Acme'], ['constructor', 'your Acme'], ['-', 'your Acme'],
  ])('the text is in the language of the tag %j', async (locale, words) => {
    expect(await bodyFor(locale)).toContain(words)
  })

  it('the text in a login is in the language of the request, and stays in it when it is sent again', async () => {
    const kit = createApp({ strategy: { locale: (req) => req.get('accept-language'), delays: [] } })
    const browser = kit.agent()
    await browser.post('/send').set('Accept-Language', 'fr-FR').send({ phone: ADA }).expect(200)
    await browser.post('/send').send({ phone: ADA }).expect(200)
    expect(kit.inbox.messages.map(({ body }) => body)).toEqual([expect.stringContaining('votre code'), expect.stringContaining('votre code')])
  })

  it.each([
    ['en', 'code for payee: "Bob".'], ['de', 'Code von Acme für payee: "Bob".'], ['fr', 'code Acme pour payee: "Bob".'], ['es', 'clave de Acme para payee: "Bob".'],
  ])('the text names what it confirms: %s', async (locale, words) => {
    expect(await bodyFor(locale, {}, { payee: 'Bob' })).toContain(words.replace('code for', 'Acme code for').replace('Acme Acme', 'Acme'))
  })

  it('the default text is one text in every language, with the longest name and code (R-29, S-19)', async () => {
    for (const locale of Object.keys(locales)) {
      const parts = { code: '1234567890', appName: 'x'.repeat(20), origin: `${'h'.repeat(60)}.example`, minutes: 5, locale, details: {}, confirms: undefined }
      expect([locale, segmentsOf(await compose(defaultMessage, parts))]).toEqual([locale, { segments: 1, alphabet: 'GSM-7' }])
    }
  })

  it('the default text has no name where the app has none', () => {
    for (const locale of Object.keys(locales)) expect(textFor(locale)({ code: '123456', name: undefined, confirms: undefined })).toMatch(/^123456 [^.]+[a-z]\. [^.]+\.$/)
  })
})

describe('What a text costs', () => {
  it.each([
    ['a'.repeat(160), 1, 'GSM-7'], ['a'.repeat(161), 2, 'GSM-7'], ['à'.repeat(160), 1, 'GSM-7'], ['€'.repeat(80), 1, 'GSM-7'], ['€'.repeat(81), 2, 'GSM-7'],
    ['ó'.repeat(70), 1, 'UCS-2'], ['ó'.repeat(71), 2, 'UCS-2'], [`${'a'.repeat(71)}ê`, 2, 'UCS-2'], ['😀'.repeat(35), 1, 'UCS-2'], ['😀'.repeat(36), 2, 'UCS-2'], ['', 1, 'GSM-7'],
  ])('the number of texts is told before a text is sent: %#', (text, segments, alphabet) => {
    expect(segmentsOf(text)).toEqual({ segments, alphabet })
  })
})

describe('A message of the app that takes more than one text (S-19)', () => {
  const long: MessageTemplate = ({ code }) => `${'x'.repeat(155)} ${code}`
  const foreign: MessageTemplate = ({ code }) => `${code} es tu código. ${'x'.repeat(60)}`

  it('a message that takes more than one text throws at start-up, and says why', () => {
    expect(() => service({ message: long })).toThrow('message makes 2 texts (GSM-7: 160 characters fit one). Shorten it, or pay for each: allowMultiSegment: true.')
    expect(() => service({ message: foreign })).toThrow(/UCS-2: 70 characters fit one, because "ó" is not in the GSM alphabet/)
  })

  it('a message counts with its last line', () => {
    const message: MessageTemplate = ({ code }) => `${'x'.repeat(150)} ${code}`
    expect(() => service({ message })).not.toThrow()
    expect(() => service({ message, origin: 'acme.example' })).toThrow(/2 texts/)
  })

  it('a message that takes more than one text is allowed where the app agrees to pay for it', async () => {
    const { otp, inbox } = service({ message: foreign, allowMultiSegment: true })
    expect(await otp.issue({ to: ADA, purpose: 'login' })).toMatchObject({ status: 'sent' })
    expect(segmentsOf(inbox.messages[0]!.body)).toEqual({ segments: 2, alphabet: 'UCS-2' })
    expect(() => service({ message: long, allowMultiSegment: 'yes' as never })).toThrow(/true or false/)
  })

  it('a message that takes more than one text is warned of once where only texts themselves show it, and leaves all the same', async () => {
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    for (const message of [async (parts: Parameters<MessageTemplate>[0]) => long(parts), (parts: Parameters<MessageTemplate>[0]) => (parts.locale === 'es' ? foreign(parts) : parts.code)]) {
      const { otp } = service({ message })
      expect(await otp.issue({ to: ADA, purpose: 'login', locale: 'es' })).toMatchObject({ status: 'sent' })
    }
    expect(warn.mock.calls).toEqual([[expect.stringMatching(/^message made 2 texts \(GSM-7\)/), { code: 'SMS_OTP_LONG_TEXT' }]])
    warn.mockRestore()
  })

  it('a message is not judged at start-up by what it confirms', async () => {
    const { otp, inbox } = service({ appName: 'Acme' })
    await otp.issue({ to: ADA, purpose: 'transfer', details: { payee: 'ł'.repeat(40), amount: '100.00 EUR', on: '24/12/2026' } })
    expect(segmentsOf(inbox.messages[0]!.body).segments).toBeGreaterThan(1)
  })
})
