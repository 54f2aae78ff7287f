import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { IncomingMessage, ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Duplex } from 'node:stream'
import { buildSync } from 'esbuild'
import express from 'express'
import { Passport } from 'passport'
import { MemoryChallengeStore, SmsOtpError, Strategy, type SmsSender, type StrategyOptions } from '../src/index.js'
import { createApp } from './support/app.js'
import { ADA, BOB, codeIn, issued, SECRET, service, wrong } from './support/kit.js'

const late = () => {
  const texts: string[] = []
  let taken = 0
  const sender: SmsSender = {
    name: 'gateway', development: true,
    async send({ to }) {
      texts.push(to)
      await new Promise((resolve) => { setTimeout(resolve, 20) })
      taken += 1
      return {}
    },
  }
  return { sender, texts, taken: () => taken }
}

/** A request as a host of functions makes it: without a connection. Resolves when the response is finished. */
async function invoke(options: Partial<StrategyOptions>): Promise<number> {
  const passport = new Passport()
  passport.use(new Strategy({ secret: SECRET, challengeIn: 'client', ...options }, async (phone) => ({ id: phone })))
  const app = express()
  app.post('/send', passport.authenticate('sms-otp', { action: 'send', session: false }), (req, res) => { res.json(req.smsOtp) })
  // eslint-disable-next-line @typescript-eslint/no-unused-vars -- Express tells an error handler by its four parameters
  app.use(((error: { status?: number }, _req, res, _next) => { res.status(error.status ?? 500).end() }) as express.ErrorRequestHandler)
  const socket = new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => { done() } })
  const req = new IncomingMessage(socket as never)
  Object.assign(req, { method: 'POST', url: '/send', body: { phone: ADA }, headers: { host: 'localhost' } })
  const res = new ServerResponse(req)
  res.assignSocket(socket as never)
  const finished = once(res, 'finish')
  app(req as never, res as never)
  await finished
  return res.statusCode
}

describe('A host that stops with the response (L-07)', () => {
  afterEach(() => {
    jest.restoreAllMocks()
    for (const name of ['@vercel/request-context', '@next/request-context']) Reflect.deleteProperty(globalThis, Symbol.for(name))
    Reflect.deleteProperty(globalThis, 'Netlify')
  })

  it('a host that stops with the response is handed a promise of the text before the response has left, and it is kept', async () => {
    const line = late()
    const pending: Promise<unknown>[] = []
    expect(await invoke({ sender: line.sender, waitUntil: (promise) => { pending.push(promise) } })).toBe(200)
    expect([pending.length, line.taken()]).toEqual([1, 0])
    await Promise.all(pending)
    expect(line.taken()).toBe(1)
  })

  it.each<[string, (waitUntil: (promise: Promise<unknown>) => void) => object]>([
    ['Vercel', (waitUntil) => ({ [Symbol.for('@vercel/request-context')]: { get: () => ({ waitUntil }) } })],
    ['Next.js', (waitUntil) => ({ [Symbol.for('@next/request-context')]: { get: () => ({ waitUntil }) } })],
    ['Netlify', (waitUntil) => ({ Netlify: { context: { waitUntil } } })],
  ])('a host that stops with the response is found where it is %s', async (_, platform) => {
    const line = late()
    const pending: Promise<unknown>[] = []
    Object.assign(globalThis, platform((promise) => { pending.push(promise) }))
    await invoke({ sender: line.sender, mayText: () => true })
    await Promise.all(pending)
    expect([pending.length, line.taken()]).toEqual([1, 1])
  })

  it('a text leaves before the response where no host waits and no number is to be told apart', async () => {
    const line = late()
    expect(await invoke({ sender: line.sender })).toBe(200)
    expect(line.taken()).toBe(1)
    const refusing: SmsSender = { name: 'gateway', development: true, send: () => Promise.reject(new SmsOtpError('undeliverable', 'No.')) }
    expect(await invoke({ sender: refusing })).toBe(502)
  })

  it('a warning says once that no host waits and numbers must not be told apart', async () => {
    const warned = jest.spyOn(process, 'emitWarning').mockImplementation()
    const line = late()
    for (let asked = 0; asked < 2; asked += 1) expect(await invoke({ sender: line.sender, mayText: () => true })).toBe(200)
    expect(warned.mock.calls.filter(([, options]) => (options as { code?: string } | undefined)?.code === 'SMS_OTP_NO_WAIT')).toHaveLength(1)
    expect(line.taken()).toBe(0)
  })

  it('a host is handed nothing for a known user, whose text comes first, and is handed what is told to the store after a code', async () => {
    const pending: Promise<unknown>[] = []
    const waitUntil = (promise: Promise<unknown>) => { pending.push(promise) }
    const store = new MemoryChallengeStore()
    jest.spyOn(store, 'settle').mockRejectedValue(new Error('down'))
    const kit = service({ waitUntil, store })
    const known = await issued(kit, { known: true })
    await kit.otp.verify({ ...known, purpose: 'login' })
    expect(pending).toHaveLength(0)
    const stranger = await issued(kit, { to: BOB })
    await kit.otp.verify({ ...stranger, purpose: 'login' })
    expect(pending).toHaveLength(1)
    await expect(pending[0]).resolves.toBeUndefined()
  })

  it('a host that cannot wait stops no text', async () => {
    const warned = jest.spyOn(process, 'emitWarning').mockImplementation()
    const line = late()
    expect(await invoke({ sender: line.sender, waitUntil: () => { throw new RangeError('no context') } })).toBe(200)
    while (line.taken() === 0) await new Promise((resolve) => { setImmediate(resolve) })
    expect(warned).toHaveBeenCalledWith('waitUntil failed with RangeError.')
  })

  it('a host that fails later is a warning, too, and no unhandled rejection', async () => {
    const warned = jest.spyOn(process, 'emitWarning').mockImplementation()
    await invoke({ sender: late().sender, waitUntil: () => Promise.reject(new RangeError('no context')) as never })
    await new Promise((resolve) => { setImmediate(resolve) })
    expect(warned).toHaveBeenCalledWith('waitUntil failed with RangeError.')
  })

  it('a host whose context throws outside of its own requests is no host that waits', async () => {
    Object.assign(globalThis, { [Symbol.for('@vercel/request-context')]: { get: () => { throw new Error('outside') } } })
    const line = late()
    expect(await invoke({ sender: line.sender })).toBe(200)
    expect(line.taken()).toBe(1)
  })

  it.each<[string, Error, boolean]>([['never answers', new Error('ECONNRESET'), false], ['refuses', new SmsOtpError('undeliverable', 'No.'), true], ['refuses', new SmsOtpError('undeliverable', 'No.'), false]])(
    'a host waits by that one promise also for what the limits have back from a gateway that %s', async (_, error, discreet) => {
      const store = new MemoryChallengeStore()
      let told = 0
      for (const name of ['settle', 'release'] as const) {
        jest.spyOn(store, name).mockImplementation(async () => {
          await new Promise((resolve) => { setTimeout(resolve, 20) })
          told += 1
        })
      }
      const pending: Promise<unknown>[] = []
      const sender: SmsSender = { name: 'gateway', development: true, send: () => Promise.reject(error) }
      await invoke({ sender, store, waitUntil: (promise) => { pending.push(promise) }, ...discreet ? { mayText: () => true } : {} })
      await Promise.all(pending)
      expect([pending.length, told]).toEqual([1, 1])
    })

  it('a host is a server as a rule, and then nothing waits for the gateway', async () => {
    const line = late()
    await createApp({ strategy: { sender: line.sender } }).agent().post('/send').send({ phone: ADA }).expect(200)
    expect(line.taken()).toBe(0)
    while (line.taken() === 0) await new Promise((resolve) => { setImmediate(resolve) })
  })
})

describe('Who looks for the reason (L-08)', () => {
  it('a subscriber finds every event in its channel, of all services, and no event is made where nobody listens', async () => {
    const heard: [string, unknown][] = []
    const listen = (event: unknown, name: string | symbol) => { heard.push([String(name), event]) }
    const names = ['sent', 'failed', 'verified'].map((name) => `passport-sms-otp:${name}`)
    for (const name of names) subscribe(name, listen)
    const kit = service()
    const { challenge, code } = await issued(kit)
    await kit.otp.verify({ challenge, code: wrong(code), purpose: 'login' })
    for (const name of names) unsubscribe(name, listen)
    await kit.otp.verify({ challenge, code: codeIn(kit.inbox), purpose: 'login' })
    expect(heard.map(([name]) => name)).toEqual(['passport-sms-otp:sent', 'passport-sms-otp:failed'])
    expect(heard[1]![1]).toMatchObject({ phone: '+44 •••• •••456', reason: 'wrong' })
    expect(JSON.stringify(heard)).not.toMatch(new RegExp(`${code}|${ADA.slice(1)}`))
  })

  it('a programmer reads events, refusals and reasons under NODE_DEBUG, without code or number, and nothing without it', async () => {
    const script = join(mkdtempSync(join(tmpdir(), 'debugged-')), 'debugged.cjs')
    buildSync({ entryPoints: [join(__dirname, 'support/debugged.ts')], outfile: script, bundle: true, platform: 'node', format: 'cjs' })
    const log = async (environment: object) => {
      const child = spawn(process.execPath, [script], { env: { ...process.env, ...environment } })
      let [out, said] = ['', '']
      child.stdout.on('data', (data: Buffer) => { out += data.toString() })
      child.stderr.on('data', (data: Buffer) => { said += data.toString() })
      await once(child, 'close')
      return { code: out.trim(), said }
    }
    const { code, said } = await log({ NODE_DEBUG: 'passport-sms-otp' })
    expect(code).toMatch(/^\d{6}$/)
    for (const words of ['sent {', 'failed {', '"reason":"wrong"', 'unknown: the handle is none', 'unknown: the challenge is for another']) expect(said).toContain(words)
    expect(said).not.toMatch(new RegExp(`${code}|${ADA.slice(1)}`))
    expect((await log({ NODE_DEBUG: '' })).said).toBe('')
  })
})
