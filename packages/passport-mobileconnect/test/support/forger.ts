import { createHash, generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, SignJWT, type JWTPayload } from 'jose'
import type { OperatorOptions } from 'passport-mobileconnect'

export interface Call { readonly path: string, readonly authorization: string | undefined, readonly body: URLSearchParams, readonly headers: IncomingMessage['headers'] }

type Json = Record<string, unknown>

/** What the operator answers with; each may be changed by a test. */
export interface Script {
  metadata: Json
  /** Claims on top of right ones; `undefined` takes one away. */
  claims: Json
  header: Json
  sign: (claims: JWTPayload, header: Json) => Promise<string>
  /** On top of a right answer of the token endpoint. */
  token: Json
  tokenStatus: number
  userinfo: Json
  keys: Json[]
  /** Instead of everything. */
  answer: ((call: Call, res: ServerResponse) => boolean | Promise<boolean>) | undefined
}

export const clientId = '0bd8b5a0-5c3d-4d7e-9f4f-2f5c7a3c9f10'
export const clientSecret = 'operator-b_secret=.~'

const present = (values: Json): Json => Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))

/** A tiny operator that says whatever a test wants, signed with whatever key it wants: for answers that no honest library would give. */
export async function startForger() {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const own = { ...await exportJWK(publicKey), kid: 'own', use: 'sig', alg: 'RS256' }
  const calls: Call[] = []
  const nonces = new Map<string, string>()
  const server = createServer((req, res) => { void serve(req, res) })
  server.keepAliveTimeout = 120_000
  server.listen(0, '127.0.0.1', 4096)
  await once(server, 'listening')
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const script = {} as Script
  const reset = () => Object.assign(script, {
    metadata: {},
    claims: {},
    header: {},
    sign: async (claims: JWTPayload, header: Json) => new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'own', ...header }).sign(privateKey),
    token: {},
    tokenStatus: 200,
    userinfo: { sub: 'pcr-of-ada' },
    keys: [own],
    answer: undefined,
  } satisfies Script)
  reset()

  async function serve(req: IncomingMessage, res: ServerResponse) {
    const chunks: Buffer[] = []
    for await (const chunk of req) chunks.push(chunk as Buffer)
    const { pathname } = new URL(req.url ?? '/', issuer)
    const call = { path: pathname, authorization: req.headers.authorization, body: new URLSearchParams(Buffer.concat(chunks).toString()), headers: req.headers }
    calls.push(call)
    if (await script.answer?.(call, res)) return
    const json = (status: number, body: unknown) => { res.writeHead(status, { 'content-type': 'application/json' }).end(typeof body === 'string' ? body : JSON.stringify(body)) }
    switch (pathname) {
      case '/.well-known/openid-configuration': return json(200, present({
        issuer, authorization_endpoint: `${issuer}/authorize`, token_endpoint: `${issuer}/token`, jwks_uri: `${issuer}/jwks`, userinfo_endpoint: `${issuer}/userinfo`,
        backchannel_authentication_endpoint: `${issuer}/backchannel`, ...script.metadata,
      }))
      case '/jwks': return json(200, { keys: script.keys })
      case '/token': return json(script.tokenStatus, present({ access_token: 'an-access-token', token_type: 'Bearer', expires_in: 3600, id_token: await idToken(call.body), ...script.token }))
      case '/userinfo': return json(200, script.userinfo)
      case '/backchannel': return json(200, { auth_req_id: 'secret-auth-req-id', expires_in: 120, interval: 5 })
      default: return json(404, {})
    }
  }

  async function idToken(body: URLSearchParams): Promise<string> {
    const now = Math.floor(Date.now() / 1000)
    const claims = present({
      iss: issuer, sub: 'pcr-of-ada', aud: clientId, azp: clientId, iat: now, exp: now + 300, auth_time: now, acr: '2', amr: ['SIM_OK'],
      nonce: nonces.get(body.get('code') ?? ''), ...script.claims,
    })
    return script.sign(claims, script.header)
  }

  return {
    issuer,
    script,
    reset,
    calls,
    own,
    privateKey,
    operator: (more: Partial<OperatorOptions> = {}): OperatorOptions => ({ id: 'forger', issuer, clientId, clientSecret, ...more }),
    count: (path: string) => calls.filter((call) => call.path === path).length,
    /** What an operator's page would do: the query of the callback for this request. */
    approve: (location: string, more: Record<string, string> = {}) => {
      const { searchParams } = new URL(location)
      const code = createHash('sha256').update(location).digest('base64url')
      nonces.set(code, searchParams.get('nonce') ?? '')
      return new URLSearchParams({ code, state: searchParams.get('state') ?? '', ...more }).toString()
    },
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

export type Forger = Awaited<ReturnType<typeof startForger>>
