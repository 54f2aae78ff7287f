import { randomUUID } from 'node:crypto'
import type { RequestHandler } from 'express'
import { compactDecrypt, errors, exportJWK, generateKeyPair, importJWK, jwtVerify, SignJWT, type JWK } from 'jose'
import { BoundedMap } from '../../bounded-map.js'
import { inSeconds } from '../../clock.js'
import { digestOf } from '../../handsets/wallet.js'
import type { Person } from '../tokens/access-tokens.js'
import type { CamaraClient, CamaraContext } from '../tokens/context.js'
import { issuerOf } from './client-authentication.js'
import { OAuthError } from './oauth-error.js'
import { requestedScope } from './requested-scope.js'
import { sendOAuthError } from './send-error.js'
import { signedClaims, SignedTokenError } from './signed-token.js'

interface Credential {
  readonly vct: string
  readonly expiresAt: number
  /** Made for this credential alone. */
  readonly privateKey: Awaited<ReturnType<typeof generateKeyPair>>['privateKey']
}

interface CredentialClaims {
  readonly vct?: string
  readonly cnf?: { readonly jwk?: JWK }
}

interface BindingClaims {
  readonly nonce?: string
  readonly sd_hash?: string
  readonly encrypted_credential?: string
}

const LIFE = 300_000

/** The scopes that a wallet knows, and the type of credential that each is for. */
const credentialTypes: Readonly<Record<string, string>> = {
  'number-verification:verify': 'number-verification/verify/ts43',
  'number-verification:device-phone-number:read': 'number-verification/device-phone-number/ts43',
}

/** The credentials that wallets were asked for, by client and nonce: each is answered once. */
export class OperatorTokens {
  private readonly context: CamaraContext
  private readonly asked = new BoundedMap<Credential>()

  constructor(context: CamaraContext) {
    this.context = context
  }

  /**
   * `POST /openid4vp/credentials`: the credential that the app's page asks the wallet for ("Operator Token
   * Acquisition", step 1). The client proves itself by a signed token as bearer, since that is left to the aggregator.
   */
  readonly begin: RequestHandler = async (req, res) => {
    try {
      const client = await this.bearer(req.get('authorization'), `${this.context.issuer}${req.path}`)
      const { scope, nonce } = (req.body ?? {}) as { scope?: unknown, nonce?: unknown }
      if (typeof nonce !== 'string' || nonce.length < 16) {
        throw new OAuthError('invalid_request', 'nonce is missing or too short.')
      }
      const vct = credentialTypeOf(requestedScope(client, typeof scope === 'string' ? scope : undefined).scopes)
      const key = keyOf(client, nonce)
      if (this.asked.has(key)) throw new OAuthError('invalid_request', 'The nonce has been used.')
      const { publicKey, privateKey } = await generateKeyPair('ECDH-ES', { crv: 'P-256' })
      this.asked.set(key, { vct, expiresAt: this.context.clock.now() + LIFE, privateKey })
      const authorization = await this.authorization(nonce, await exportJWK(publicKey))
      res.set('Cache-Control', 'no-store').json({
        id: randomUUID(),
        format: 'dc-authorization+sd-jwt',
        meta: { vct_values: [vct], credential_authorization_jwt: authorization },
      })
    } catch (error) {
      sendOAuthError(res, error)
    }
  }

  /** Whose SIM an operator token is of: once, for the client that asked, with the nonce that it asked with. */
  async personOf(client: CamaraClient, scopes: readonly string[], token: string): Promise<Person | undefined> {
    const [issued = '', bound = ''] = token.split('~')
    try {
      const telephony = await importJWK(await this.context.handsets.wallet.telephonyKey(), 'ES256')
      const currentDate = new Date(this.context.clock.now())
      const expected = { issuer: 'Telephony', currentDate }
      const { payload: credential } = await jwtVerify<CredentialClaims>(issued, telephony, expected)
      const device = await importJWK(credential.cnf?.jwk ?? {}, 'ES256')
      const { payload } = await jwtVerify<BindingClaims>(bound, device, { currentDate, ...audienceOf(client) })
      const key = keyOf(client, payload.nonce ?? '')
      const asked = this.asked.get(key)
      if (!asked || asked.expiresAt <= this.context.clock.now()) return undefined
      if (payload.sd_hash !== digestOf(`${issued}~`)) return undefined
      if (asked.vct !== credential.vct || asked.vct !== credentialTypeOf(scopes)) return undefined
      // Kept, and worth nothing: a nonce that was answered is not asked with again.
      this.asked.set(key, { ...asked, expiresAt: 0 })
      const { plaintext } = await compactDecrypt(payload.encrypted_credential ?? '', asked.privateKey)
      const line = this.context.handsets.lines.redeem(Buffer.from(plaintext).toString())
      return line && { digits: line.digits, by: 'sim' }
    } catch (error) {
      if (error instanceof errors.JOSEError || error instanceof TypeError) return undefined
      throw error
    }
  }

  private async bearer(header: string | undefined, url: string): Promise<CamaraClient> {
    const [, token = ''] = /^Bearer (\S+)$/i.exec(header ?? '') ?? []
    const client = issuerOf(this.context, token)
    if (!client) throw new OAuthError('invalid_client', 'The client is unknown.', 401)
    await signedClaims(this.context, client, token, [url, this.context.issuer]).catch((error: unknown) => {
      throw error instanceof SignedTokenError ? new OAuthError('invalid_client', error.message, 401) : error
    })
    return client
  }

  /** The aggregator's word that it may ask, and the key that the answer is encrypted for (appendix B). */
  private async authorization(nonce: string, publicKey: JWK): Promise<string> {
    const now = inSeconds(this.context.clock.now())
    const { kid, privateJwk } = await this.context.signingKey()
    return new SignJWT({
      iss: this.context.issuer,
      iat: now,
      exp: now + LIFE / 1000,
      nonce,
      consent_data: 'Share the phone number of this SIM?',
      jwks: { keys: [{ ...publicKey, use: 'enc', alg: 'ECDH-ES' }] },
    }).setProtectedHeader({ alg: 'RS256', kid, typ: 'oauth-authz-req+jwt' }).sign(await importJWK(privateJwk))
  }
}

/** @throws OAuthError `invalid_scope` for what no wallet vouches for. */
function credentialTypeOf(scopes: readonly string[]): string {
  const [scope = '', ...others] = scopes
  const vct = others.length > 0 ? undefined : credentialTypes[scope]
  if (vct === undefined) throw new OAuthError('invalid_scope', 'A wallet vouches for one scope of Number Verification.')
  return vct
}

const keyOf = ({ clientId }: CamaraClient, nonce: string): string => `${clientId} ${nonce}`

/** The page that asked must be of the client, whose addresses are registered. */
const audienceOf = ({ redirectUris }: CamaraClient): { audience?: string[] } =>
  (redirectUris === undefined ? {} : { audience: redirectUris.map((uri) => new URL(uri).origin) })
