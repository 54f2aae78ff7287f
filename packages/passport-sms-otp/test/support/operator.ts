import { verify, type KeyObject } from 'node:crypto'
import { startGateway, type Gateway, type GatewayRequest } from './gateway.js'

// The bodies and errors that the published documents of CAMARA allow: camaraproject/SimSwap r3.3
// (6008716e, code/API_definitions/sim-swap.yaml, 2.1.0) and camaraproject/DeviceSwap r3.2 (device-swap.yaml, 1.0.0), both
// Apache-2.0. Unknown members are refused, as Commonalities r4.3 asks for.
const paths: Readonly<Record<string, string>> = { '/sim-swap/v2/check': 'sim-swap:check', '/device-swap/v1/check': 'device-swap:check' }
const PHONE_NUMBER = /^\+[1-9][0-9]{4,14}$/

export interface Answered { readonly status: number, readonly body: unknown }

export interface Operator {
  readonly url: string
  readonly requests: Gateway['requests']
  /** What the last question was, and how often one was asked. */
  readonly questions: Record<string, unknown>[]
  /** What is answered from now on to a question that is allowed. */
  answers(body: unknown, status?: number): void
  tokens(body: unknown, status?: number): void
  close(): Promise<void>
}

/** An operator on loopback: an authorization server whose tokens are good once, SIM Swap and Device Swap. */
export async function startOperator(publicKey?: KeyObject): Promise<Operator> {
  const gateway = await startGateway()
  const questions: Record<string, unknown>[] = []
  const granted = new Map<string, { scope: string, phone?: string | undefined }>()
  const jtis = new Set<string>()
  let answered: Answered = { status: 200, body: { swapped: false } }
  let token: Answered | undefined

  function claimsOf(jwt: string | null): Record<string, unknown> {
    const [header = '', payload = '', signature = ''] = (jwt ?? '').split('.')
    const signed = publicKey && verify('sha256', Buffer.from(`${header}.${payload}`), { key: publicKey, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url'))
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString() || '{}') as Record<string, unknown>
    const isFresh = Number(claims.exp) - Number(claims.iat) <= 300 && typeof claims.jti === 'string' && !jtis.has(claims.jti)
    if (signed !== true || !isFresh || claims.aud !== `${gateway.url}/token` || claims.iss !== 'acme') throw new Error('invalid_client')
    jtis.add(claims.jti as string)
    return claims
  }

  function grant({ headers, body }: GatewayRequest): Answered {
    const form = new URLSearchParams(body)
    try {
      if (publicKey) {
        if (claimsOf(form.get('client_assertion')).sub !== 'acme') throw new Error('invalid_client')
      } else if (headers.authorization !== `Basic ${btoa('acme:s%3Acret')}`) throw new Error('invalid_client')
      const isBearer = form.get('grant_type') === 'urn:ietf:params:oauth:grant-type:jwt-bearer'
      const claims = isBearer ? claimsOf(form.get('assertion')) : {}
      const scope = String(isBearer ? claims.scope : form.get('scope'))
      if (!/^dpv:\w+ (sim|device)-swap:check$/.test(scope) || (isBearer && form.has('scope'))) throw new Error('invalid_scope')
      const access = `token-${granted.size}`
      granted.set(access, { scope, phone: isBearer ? String(claims.sub).replace(/^tel:/, '') : undefined })
      return { status: 200, body: { access_token: access, token_type: 'Bearer', expires_in: 300 } }
    } catch (error) {
      return { status: 401, body: { error: (error as Error).message } }
    }
  }

  const wrong = (status: number, code: string): Answered => ({ status, body: { status, code, message: `About ${PHONE_NUMBER.source}` } })

  function check({ path, headers, body }: GatewayRequest): Answered {
    const access = headers.authorization?.replace(/^Bearer /, '') ?? ''
    const known = granted.get(access)
    if (!known) return wrong(401, 'UNAUTHENTICATED')
    granted.set(access, { scope: '' })
    if (!known.scope.endsWith(` ${paths[path]}`)) return wrong(403, 'PERMISSION_DENIED')
    const question = JSON.parse(body) as Record<string, unknown>
    const { phoneNumber, maxAge, ...unknown } = question
    if (Object.keys(unknown).length > 0 || !Number.isInteger(maxAge)) return wrong(400, 'INVALID_ARGUMENT')
    if (Number(maxAge) < 1 || Number(maxAge) > 2400) return wrong(400, 'OUT_OF_RANGE')
    if (known.phone !== undefined && phoneNumber !== undefined) return wrong(422, 'UNNECESSARY_IDENTIFIER')
    if (known.phone === undefined && phoneNumber === undefined) return wrong(422, 'MISSING_IDENTIFIER')
    if (!PHONE_NUMBER.test(String(known.phone ?? phoneNumber))) return wrong(400, 'INVALID_ARGUMENT')
    questions.push({ phone: known.phone ?? phoneNumber, maxAge, path })
    return answered
  }

  gateway.answer((response, request) => {
    const { status, body } = request.path === '/token' ? token ?? grant(request) : check(request)
    response.writeHead(status, { 'content-type': 'application/json' }).end(typeof body === 'string' ? body : JSON.stringify(body))
  })
  return {
    url: gateway.url,
    requests: gateway.requests,
    questions,
    answers: (body, status = 200) => { answered = { status, body } },
    tokens: (body, status = 200) => { token = { status, body } },
    close: () => gateway.close(),
  }
}
