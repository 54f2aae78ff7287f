import { createHmac } from 'node:crypto'
import { Strategy as TotpStrategy } from 'passport-totp'
import type { FactorOptions } from '../../src/index.js'
import { MemoryRecoveryCodeStore, RecoveryCodeStrategy } from '../../src/recovery-codes.js'
import { typedCode } from '../../src/lib/typed-code.js'
import { browser, buildApp, Scripted, type Person } from '../support/app.js'
import { describeWithBackends } from '../support/stores.js'

jest.mock('node:timers/promises', () => jest.requireActual<typeof import('../support/short-pauses.js')>('../support/short-pauses.js').shortPauses())

const digits = (zero: number) => (code: string) => code.replace(/[0-9]/g, (digit) => String.fromCodePoint(zero + Number(digit)))
const spellings: [string, (code: string) => string][] = [
  ['a space in the middle', (code) => `${code.slice(0, 3)} ${code.slice(3)}`],
  ['a dash', (code) => `${code.slice(0, 3)}-${code.slice(3)}`],
  ['a dash of typography', (code) => `${code.slice(0, 3)}–${code.slice(3)}`],
  ['a line\'s end behind it', (code) => `${code}\r\n`],
  ['no-break spaces', (code) => `\u00a0${code.slice(0, 3)}\u202f${code.slice(3)}`],
  ['marks of direction', (code) => `\u2066${code}\u2069`],
  ['Arabic digits', digits(0x660)],
  ['Persian digits', digits(0x6f0)],
  ['Devanagari digits', digits(0x966)],
  ['full width', digits(0xff10)],
  ['mathematical digits', digits(0x1d7d8)],
]

describe('typedCode', () => {
  it.each(spellings)('typedCode() reads %s', (_, write) => {
    expect(typedCode(write('0123456789'))).toBe('0123456789')
  })

  it('typedCode() knows the value of every decimal digit of Unicode', () => {
    for (let point = 0; point <= 0x10ffff; point += 1) {
      const digit = String.fromCodePoint(point)
      if (!/^\p{Nd}$/u.test(digit)) continue
      expect(typedCode(digit)).toMatch(/^[0-9]$/)
      const plain = digit.normalize('NFKC')
      if (/^[0-9]$/.test(plain)) expect(typedCode(digit)).toBe(plain)
    }
    expect(['٩', '९', '๙', '᠙', '𑛣'].map(typedCode)).toEqual(['9', '9', '9', '9', '9'])
  })

  it('typedCode() leaves letters and other signs, and writes letters large and narrow', () => {
    expect(typedCode(' 7g3km–Ｑ2xpt\n')).toBe('7G3KMQ2XPT')
    expect(typedCode('1.2_3')).toBe('1.2_3')
  })
})

/** The code of RFC 6238 (SHA-1, 6 digits, 30 s). */
function codeOf(key: string, seconds = 0): string {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor((Date.now() / 1000 + seconds) / 30)))
  const digest = createHmac('sha1', key).update(counter).digest()
  return String((digest.readUInt32BE(digest[19]! & 0xf) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}

const device: FactorOptions = { sees: 'pending', kind: 'possession', channel: 'device', fields: ['code'] }

describeWithBackends('a code typed as it is shown', (create) => {
  const setup = async (strategies: any[], factors: Record<string, FactorOptions>) => {
    const backend = await create()
    const names = Object.keys(factors)
    const built = buildApp({
      strategies,
      session: { store: backend.sessions },
      options: { steps: ['local', ...names] as any, factors, store: backend.flows, lockout: { after: 3 } },
      routes: (app, login) => { app.post('/by-hand', login.authenticate(names[0] as never)) },
    })
    const pending = async () => {
      const browsing = browser(built.app)
      await browsing.password().expect(200)
      return browsing
    }
    return { ...built, pending, close: () => backend.close() }
  }

  it.each(spellings)('passport-totp takes a code with %s, as JSON, as a form and by hand (L-03 at router and hand-mounted)', async (_, write) => {
    const totp = new TotpStrategy({}, (user, done) => done(null, Buffer.from((user as Person).key ?? ''), 30))
    const { pending, close } = await setup([totp], { totp: { enrolled: () => true } })
    const json = await pending()
    expect((await json.post('/login/totp', { code: write(codeOf('key-of-ada-1815')) })).body).toMatchObject({ status: 'complete' })
    const form = await pending()
    await form.form('/login/totp', { code: write(codeOf('key-of-ada-1815', -60)) })
    expect(await form.who()).toMatchObject({ authenticated: true })
    const byHand = await pending()
    await byHand.post('/by-hand', { code: write(codeOf('key-of-ada-1815', 60)) })
    expect(await byHand.who()).toMatchObject({ authenticated: true })
    await close()
  })

  it('a code that is spent in one spelling is spent in all, and each try is one attempt (L-03)', async () => {
    let runs = 0
    const strategy = new Scripted('key', function () {
      runs += 1
      this.fail(undefined as never)
    })
    const { pending, close } = await setup([strategy], { key: { ...device, once: (req) => (req.body as { code?: string }).code } })
    const ada = await pending()
    for (const code of ['123456', '123 456', '123-456']) expect((await ada.post('/login/key', { code })).status).toBe(401)
    expect(runs).toBe(1)
    expect((await ada.post('/login/key', { code: '654321' })).status).toBe(429)
    await close()
  })

  it('a recovery code is taken as it is shown (L-03)', async () => {
    const strategy = new RecoveryCodeStrategy({ store: new MemoryRecoveryCodeStore() })
    const { pending, users, close } = await setup([strategy], { 'recovery-code': { enrolled: () => true } })
    const codes = await strategy.generate(users.ada as never)
    const write = [(code: string) => ` ${code.toLowerCase()}\n`, (code: string) => code.replace('-', ' – '), (code: string) => code.replace(/[0-9A-Z]/g, (one) => String.fromCharCode(one.charCodeAt(0) + 0xfee0))]
    for (const [index, spelt] of write.entries()) expect((await (await pending()).post('/login/recovery-code', { code: spelt(codes[index]!) })).body).toMatchObject({ status: 'complete' })
    await close()
  })

  it('a strategy gets a code as its digits where the code proves possession, and the request keeps what was sent (L-03)', async () => {
    const seen: unknown[] = []
    const strategy = new Scripted('key', function (req) {
      seen.push(req.body)
      this.fail(undefined as never)
    })
    const { pending, close } = await setup([strategy], { key: { ...device, fields: ['code', 'note', 'token'] } })
    const ada = await pending()
    const body = { code: '12 34 56', note: '12 34 56', token: 'ab-12 cd', ['__proto__x']: '1' }
    await ada.post('/login/key', body)
    expect(seen).toEqual([{ ...body, code: '123456' }])
    await close()
  })

  it('a password, an answer from another site and a value that is no text reach the strategy as they were sent', async () => {
    const seen: unknown[] = []
    const record = (name: string) => new Scripted(name, function (req) {
      seen.push(req.body?.code ?? req.query?.code)
      this.fail(undefined as never)
    })
    const factors = { phrase: { kind: 'knowledge' as const, fields: ['code'], sees: 'pending' as const }, elsewhere: { ...device, fields: [], redirects: true, state: 'own' as const } }
    const backend = await create()
    const { app } = buildApp({ strategies: Object.keys(factors).map(record), session: { store: backend.sessions }, options: { steps: ['local', { type: 'anyOf', factors: ['phrase', 'elsewhere'] }] as any, factors, store: backend.flows } })
    const ada = browser(app)
    await ada.password().expect(200)
    await ada.post('/login/phrase', { code: '12 34' })
    await ada.get('/login/elsewhere/callback?code=1234-5678&state=s')
    expect(seen).toEqual(['12 34', '1234-5678'])
    expect((await ada.post('/login/phrase', { code: ['1234'] })).status).toBe(400)
    await backend.close()
  })
})
