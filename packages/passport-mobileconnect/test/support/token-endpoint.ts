import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { readOperator } from '../../src/operators/read-operator.js'
import { Operator } from '../../src/operators/operator.js'
import type { OperatorMetadata } from '../../src/index.js'
import type { Identified, Refused } from '../../src/protocol/results.js'
import { endRedirect } from '../../src/protocol/redirect.js'
import type { ProtocolSettings } from '../../src/protocol/settings.js'
import { reply, startInternet, type Reply } from './internet.js'

const base64url = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

export const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
export const ownKeys = { keys: [{ ...publicKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256', kid: 'ours' }] }

export const idToken = (claims: object, header: object = { kid: 'ours' }, key: KeyObject = privateKey): string => {
  const text = `${base64url({ alg: 'RS256', ...header })}.${base64url(claims)}`
  return `${text}.${sign('sha256', Buffer.from(text), key).toString('base64url')}`
}

export interface Ending {
  readonly issuer: string
  readonly clientId: string
  readonly nonce: string
  readonly token: Reply
  readonly keys: Reply
  readonly userinfo?: Reply
  readonly premiuminfo?: Reply
  /** The issuer, where it is one that no configuration would take. */
  readonly iss?: string
}

interface Broken { readonly code: string, readonly message: string, readonly cause: Error }

/** What the end of a login comes to, when the person comes back from an operator that answers like this. */
export async function endLogin({ issuer, clientId, nonce, token, keys, userinfo, premiuminfo, iss = issuer }: Ending): Promise<Identified | Refused | Broken> {
  const internet = await startInternet()
  const at = (path: string, how: Reply | undefined): string | undefined => {
    if (how) internet.answer(`${issuer}/${path}`, how)
    return how && `${issuer}/${path}`
  }
  at('token', token)
  at('jwks', keys)
  const settings = readOperator('operator', {
    issuer,
    clientId,
    clientSecret: 'secret',
    endpoints: {
      authorization: `${issuer}/authorize`,
      token: `${issuer}/token`,
      jwks: `${issuer}/jwks`,
      userinfo: at('userinfo', userinfo),
      premiuminfo: at('premiuminfo', premiuminfo),
    },
  })
  const metadata = { ...settings.metadata as OperatorMetadata, issuer: iss }
  const operator = new Operator({ ...settings, issuer: iss, metadata }, { fetch: internet.fetch, timeout: 100_000, now: Date.now })
  const transaction = {
    kind: 'redirect', operator: 'a', issuer: iss, clientId, redirectUri: 'https://acme.example/callback', nonce, codeVerifier: 'v'.repeat(43), acr: { level: 2 },
  } as const
  try {
    const wanted = { userinfo: premiuminfo ? 'premiuminfo' : true, now: Date.now } as Partial<ProtocolSettings> as ProtocolSettings
    return await endRedirect(wanted, operator, transaction, new URLSearchParams({ code: 'c', state: 's' }))
  } catch (error) {
    return error as Broken
  } finally {
    await internet.close()
  }
}

const ISSUER = 'https://operator.example'

/** The end of a login in which all is well but what is given. */
export function endWell(parts: Partial<Ending> & { readonly claims?: Record<string, unknown>, readonly header?: object } = {}) {
  const now = Math.floor(Date.now() / 1000)
  const claims = { iss: ISSUER, sub: 'pcr', aud: 'our-id', nonce: 'n', iat: now, exp: now + 300, acr: '2', amr: ['SIM_OK'], auth_time: now, ...parts.claims }
  const token = reply(200, { access_token: 'at', token_type: 'Bearer', id_token: idToken(claims, parts.header) }, { 'content-type': 'application/json' })
  return endLogin({ issuer: ISSUER, clientId: 'our-id', nonce: 'n', token, keys: reply(200, ownKeys, { 'content-type': 'application/json' }), ...parts })
}
