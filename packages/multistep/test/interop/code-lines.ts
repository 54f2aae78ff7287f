import { generateKeyPairSync, randomInt, randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json, text } from 'node:stream/consumers'
import twilio from 'twilio'
import { startSimulator } from 'mobileconnect-simulator'
import { camaraOtp, twilioVerify, vonageVerify, type CodeProvider } from 'passport-sms-otp/providers'
import { twilioVerifySender, type SmsSender } from 'passport-sms-otp/senders'

/** A provider of codes in loopback, with the phone that its texts arrive at. */
export interface CodeLine {
  readonly options: { readonly provider: CodeProvider } | { readonly sender: SmsSender }
  /** The code of the last text. */
  readonly code: () => string
  /** What the last text says beside the code. */
  readonly shown: () => string
  /** Requests to the provider so far. */
  readonly asked: () => number
  /** Nothing works, until it does again. */
  readonly down: (isDown: boolean) => void
  readonly close: () => Promise<void>
}

interface Verification { readonly code: string, readonly shown: string, guesses: number }
/** All that any of the providers is asked. */
type Fields = Readonly<Record<string, string>> & { readonly channel_timeout?: number }
interface Asked { readonly method: string, readonly path: string, readonly body: Fields }
type Answer = readonly [status: number, body?: object]

/** A server of loopback that answers as a provider does, and 503 while it is down. */
async function serve(answer: (asked: Asked) => Answer) {
  let isDown = false
  let asked = 0
  const server = createServer((req, res) => void (async () => {
    asked += 1
    const isJson = req.headers['content-type']?.includes('json') === true
    const body = (isJson ? await json(req) : Object.fromEntries(new URLSearchParams(await text(req)))) as Fields
    const [status, told] = isDown ? [503] : answer({ method: req.method!, path: req.url!, body })
    res.writeHead(status, { 'content-type': 'application/json' }).end(told && JSON.stringify(told))
  })())
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: () => asked,
    down: (value: boolean) => { isDown = value },
    close: () => new Promise<void>((resolve) => { server.close(() => resolve()).closeAllConnections() }),
  }
}

/** The verifications of a provider, the newest last. */
function verifications() {
  const known = new Map<string, Verification>()
  const newest = () => [...known.values()].at(-1)!
  return {
    known,
    add: (id: string, code: string, shown = '') => { known.set(id, { code, shown, guesses: 0 }) },
    code: () => newest().code,
    shown: () => newest().shown,
  }
}

const newCode = () => String(randomInt(1_000_000)).padStart(6, '0')

/** Twilio Verify, by its published document: five guesses of a verification, and PSD2 of a Service of its own. */
async function startTwilio() {
  const [service, psd2] = [`VA${'01'.repeat(16)}`, `VA${'02'.repeat(16)}`]
  const { known, ...line } = verifications()
  const server = await serve(({ path, body }): Answer => {
    const { Amount: amount, Payee: payee } = path.includes(psd2) ? body : {}
    if (path.endsWith('/Verifications')) {
      const sid = `VE${randomUUID().replaceAll('-', '')}`
      line.add(sid, body.CustomCode ?? newCode(), amount === undefined ? '' : `${amount} ${payee}`)
      return [201, { sid, status: 'pending', amount, payee }]
    }
    const one = known.get(body.VerificationSid ?? '')
    if (!one || one.shown !== (amount === undefined ? '' : `${amount} ${payee}`)) return [404, { status: 404, code: 20404, message: 'not found' }]
    one.guesses += 1
    if (one.guesses > 5) return [429, { status: 429, code: 60202, message: 'max check attempts' }]
    if (one.code !== body.Code) return [201, { status: 'pending', amount, payee }]
    known.delete(body.VerificationSid ?? '')
    return [201, { status: 'approved', amount, payee }]
  })
  const client = twilio(`AC${'0'.repeat(32)}`, 'token')
  client.verify.baseUrl = server.url
  return { client, service, psd2, line: { ...line, asked: server.asked, down: server.down, close: server.close } }
}

async function twilioVerifyLine(): Promise<CodeLine> {
  const { client, service, psd2, line } = await startTwilio()
  return { ...line, options: { provider: twilioVerify({ client, serviceSid: service, psd2ServiceSid: psd2 }) } }
}

async function twilioVerifySenderLine(): Promise<CodeLine> {
  const { client, service, line } = await startTwilio()
  return { ...line, options: { sender: twilioVerifySender({ client, serviceSid: service }) } }
}

/** Vonage Verify v2, by its API reference: three guesses of a request, and one request for a number until it ends. */
async function vonageVerifyLine(_: string, now: () => number): Promise<CodeLine> {
  const { known, ...line } = verifications()
  let ends = 0
  const server = await serve(({ method, path, body }): Answer => {
    const id = path.split('/')[3]
    if (id === undefined) {
      const open = now() < ends ? [...known.keys()].at(-1) : undefined
      if (open !== undefined) return [409, { title: 'Conflict', request_id: open }]
      const made = randomUUID()
      line.add(made, newCode())
      ends = now() + (body.channel_timeout ?? 0) * 1000
      return [202, { request_id: made }]
    }
    const one = known.get(id)
    if (!one) return [404, { title: 'Not Found' }]
    if (method === 'DELETE') return known.delete(id) ? [204] : [404, {}]
    one.guesses += 1
    if (one.guesses > 3) return [410, { title: 'Invalid Code' }]
    if (one.code !== body.code) return [400, { title: 'Invalid Code' }]
    known.delete(id)
    return [200, { request_id: id, status: 'completed' }]
  })
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const provider = vonageVerify({ applicationId: 'app', privateKey, brand: 'Acme', baseUrl: server.url })
  return { ...line, options: { provider }, asked: server.asked, down: server.down, close: server.close }
}

/** OTP SMS of CAMARA, at the simulated operator: three guesses of a code. */
async function camaraOtpLine(phone: string): Promise<CodeLine> {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'client', alg: 'ES256' }
  const sim = await startSimulator({ subscribers: [{ msisdn: phone, operator: 'a' }], clients: [{ jwks: { keys: [jwk] } }] })
  const { issuer, apiRoot, clientId } = sim.camara
  const last = () => sim.handset(phone).texts().at(-1)!.text
  return {
    options: { provider: camaraOtp({ apiRoot, clientId, tokenUrl: `${issuer}/token`, clientKey: privateKey, keyId: 'client' }) },
    code: () => /\b\d{6}\b/.exec(last())![0],
    shown: last,
    asked: () => sim.camara.requests('send-code') + sim.camara.requests('validate-code'),
    down: (isDown) => {
      sim.camara.restore()
      if (isDown) sim.camara.fail('token', { status: 503 })
    },
    close: () => sim.close(),
  }
}

/** Each provider of codes, with what it can: whether its texts show bound values, and how many guesses it takes. */
export const codeLines = [
  { name: 'twilioVerify', start: twilioVerifyLine, showsDetails: true, guesses: 5 },
  { name: 'vonageVerify', start: vonageVerifyLine, showsDetails: false, guesses: 3 },
  { name: 'camaraOtp', start: camaraOtpLine, showsDetails: true, guesses: 3 },
  { name: 'twilioVerifySender', start: twilioVerifySenderLine, showsDetails: false, guesses: Infinity },
] as const satisfies readonly {
  name: string
  start: (phone: string, now: () => number) => Promise<CodeLine>
  showsDetails: boolean
  guesses: number
}[]
