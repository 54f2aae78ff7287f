import {
  checkAppName, checkOrigin, compose, defaultMessage, type MessageParts, type MessageTemplate,
} from '../src/texts/message.js'

/** "Parse an origin-bound one-time code message" of https://wicg.github.io/sms-one-time-codes/#parsing */
function parseOriginBound(message: string): { host: string, code: string } | undefined {
  const line = message.split(/\r\n|\r|\n/).at(-1)!
  const [host, code, embedded, ...more] = line.split(/[ \t\f]/)
  if (!host?.startsWith('@') || host.length < 2 || !code?.startsWith('#') || code.length < 2 || more.length > 0) return undefined
  if (embedded !== undefined && !embedded.startsWith('@')) return undefined
  return { host: host.slice(1), code: code.slice(1) }
}

const parts = (given: Partial<MessageParts> = {}) =>
  ({ code: '123456', appName: 'Acme', origin: 'acme.example', minutes: 5, locale: undefined, details: {}, ...given })
const text = async (given: Partial<MessageParts> = {}, template: MessageTemplate = defaultMessage) => compose(template, parts(given))

describe('The text', () => {
  it('the default text is one sentence and the origin-bound line', async () => {
    expect(await text()).toBe('123456 is your Acme code. Do not share it.\n\n@acme.example #123456')
  })

  it('the default text has no origin-bound line without an origin', async () => {
    expect(await text({ origin: undefined, appName: undefined })).toBe('123456 is your code. Do not share it.')
  })

  it('the default text names the details, the amount first, each value in quotes (N-02)', async () => {
    expect(await text({ details: { payee: 'Bob', amount: '100.00 €' } })).toMatch(/^123456 is your Acme code for amount: "100.00 €", payee: "Bob"\. Do not share it\.\n/)
  })

  it.each<[string, MessageTemplate]>([
    ['the default', defaultMessage],
    ['one of the app without that line', ({ code }) => `Code: ${code}\n`],
    ['one of the app with that line', ({ code, origin }) => `Code: ${code}\n\n@${origin} #${code}`],
    ['one of the app with that line and an end', ({ code, origin }) => `Code: ${code}\n\n@${origin} #${code}\n`],
    ['one with another last line', ({ code }) => `Code: ${code}\n@evil.example #${code}`],
    ['one whose last line has no line break before it', ({ code, origin }) => `Code @${origin} #${code}`],
  ])('a text ends in our host and code, whatever the template is: %s (R-28)', async (_, template) => {
    const whole = await text({}, template)
    expect(parseOriginBound(whole)).toEqual({ host: 'acme.example', code: '123456' })
    expect(whole.match(/@acme\.example #123456/g)?.length).toBeLessThanOrEqual(2)
  })

  it('the default text fits one text of 160 GSM-7 characters with the longest name and code (R-29, S-19)', async () => {
    const longest = await text({ code: '1234567890', appName: 'x'.repeat(20), origin: `${'h'.repeat(60)}.example` })
    expect(longest.length).toBeLessThanOrEqual(160)
    expect(longest).toMatch(/^[\x20-\x7e\n]+$/)
  })

  it('a text is never without the code', async () => {
    await expect(text({}, () => 'Hello')).rejects.toThrow(/m\.code/)
    await expect(text({}, async () => 'Hello')).rejects.toThrow(/m\.code/)
    await expect(text({}, () => undefined as unknown as string)).rejects.toThrow(TypeError)
  })
})

describe('Construction refuses', () => {
  it.each(['x'.repeat(21), 'A\nB', 'A\r', 'A@B', 'A#1', '日本', '', 5, null])('the service refuses the name %j at start-up (S-17)', (name) => {
    expect(() => checkAppName(name)).toThrow(/appName/)
  })

  it.each([
    ['https://acme.example', 'acme.example'], ['acme.example:8443', 'acme.example'], ['acme.example/login', 'acme.example'], ['ACME.example', 'acme.example'],
    ['user@acme.example', 'acme.example'],
  ])('the service refuses the origin %s at start-up, and says to write %s', (origin, better) => {
    expect(() => checkOrigin(origin)).toThrow(`'${better}'`)
  })

  it.each(['', 'a b', 'acme.example #1', 7])('the service refuses the origin %j at start-up', (origin) => {
    expect(() => checkOrigin(origin)).toThrow(TypeError)
  })

  it('the service refuses an origin that would make two texts of the default text (S-19)', () => {
    expect(() => checkOrigin(`${'h'.repeat(63)}.${'h'.repeat(63)}.example`)).toThrow(/too long for one text/)
  })
})
