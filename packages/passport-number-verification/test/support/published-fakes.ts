import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json, text } from 'node:stream/consumers'
import { exportJWK, generateKeyPair, SignJWT, type JWTPayload } from 'jose'

export interface Asked {
  readonly method: string
  readonly path: string
  readonly body: any
  readonly authorization: string | undefined
}

type Reply = readonly [status: number, body: unknown]

/** A provider of loopback: it remembers what it was asked, and answers as it is told. */
export async function startFake(answer: (asked: Asked) => Reply | Promise<Reply>) {
  const asked: Asked[] = []
  const server = createServer((req, res) => void (async () => {
    const isJson = req.headers['content-type']?.includes('json') === true
    const body: unknown = isJson ? await json(req) : Object.fromEntries(new URLSearchParams(await text(req)))
    const { method = '', url = '', headers: { authorization } } = req
    const one = { method, path: url, body, authorization }
    asked.push(one)
    const [status, told] = await answer(one)
    res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(told))
  })())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const close = async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  }
  return { base: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, close }
}

export type Fake = Awaited<ReturnType<typeof startFake>>

/** Firebase's keys, and what its SDK gets (Firebase's page "Verify Firebase PNV tokens"). */
export async function startFirebase(project = '123456789') {
  const { publicKey, privateKey } = await generateKeyPair('ES256')
  const jwk = { ...await exportJWK(publicKey), kid: 'one', alg: 'ES256', use: 'sig' }
  let reply: Reply = [200, { keys: [jwk] }]
  const fake = await startFake(() => reply)
  const base = 'https://fpnv.googleapis.com/projects/'
  const token = (sub: string, claims: JWTPayload = {}, header: object = {}, key = privateKey) => {
    const at = Math.floor(Date.now() / 1000)
    return new SignJWT({ iss: base + project, aud: [base + project, `${base}acme-app`], sub, iat: at, exp: at + 300, ...claims })
      .setProtectedHeader({ alg: 'ES256', typ: 'JWT', kid: 'one', ...header }).sign(key)
  }
  return { ...fake, token, answer: (other: Reply) => { reply = other } }
}

/** Twilio Verify's two operations, by `twilio_verify_v2.json`. */
export const startTwilio = (sna: { number?: string, codes?: number[], status?: number, code?: number } = {}) => {
  let to = ''
  return startFake(({ path, body }) => {
    if (sna.status !== undefined) return [sna.status, { status: sna.status, code: sna.code ?? 20003, message: 'no' }]
    if (path.endsWith('/Verifications')) {
      to = body.To
      return [201, { sid: `VE${'0'.repeat(32)}`, to, channel: 'sna', status: 'pending', sna: { url: 'https://mi.dnlsrv.com/m/id/ANItNzhM' } }]
    }
    if (body.VerificationSid !== `VE${'0'.repeat(32)}`) return [404, { status: 404, code: 20404, message: 'not found' }]
    const isSame = sna.number === to && body.SnaClientToken === 'token-of-the-phone'
    const mismatch = sna.number === undefined ? sna.codes ?? [60519] : [60500]
    return [201, { sid: body.VerificationSid, to, channel: 'sna', status: isSame ? 'approved' : 'pending', sna_attempts_error_codes: isSame ? [] : mismatch }]
  })
}

/** Vonage Verify v2, by its guide "Synchronous Implementation". */
export const startVonage = (silent: { begin?: Reply, check?: Reply } = {}) =>
  startFake(({ path, body }) => {
    const request = 'c11236f4-00bf-4b89-84ba-88b25df97315'
    if (path === '/v2/verify') return silent.begin ?? [202, { request_id: request, check_url: `https://api.nexmo.com/v2/verify/${request}/silent-auth/redirect` }]
    if (silent.check) return silent.check
    return body.code === 'si9sfG' ? [200, { request_id: request, status: 'completed' }] : [400, { title: 'Invalid Code' }]
  })
