import { createHash } from 'node:crypto'
import { CompactEncrypt, decodeJwt, exportJWK, generateKeyPair, importJWK, SignJWT, type JWK } from 'jose'
import { inSeconds } from '../clock.js'
import type { Subscriber } from '../configuration.js'
import { SimulatorError } from '../errors.js'
import type { Lines } from './lines.js'

/** What a page hands to `navigator.credentials.get({ digital: { requests } })`: one of the requests. */
export interface PresentationRequest {
  readonly protocol: string
  readonly data: PresentationData
}

interface PresentationData {
  readonly nonce?: string
  readonly dcql_query?: { readonly credentials?: readonly CredentialQuery[] }
}

/** A credential of DCQL (OpenID4VP 1.0 §6), as an aggregator asks for an operator token. */
interface CredentialQuery {
  readonly id: string
  readonly meta?: { readonly vct_values?: readonly string[], readonly credential_authorization_jwt?: string }
  readonly claims?: readonly { readonly path: readonly string[], readonly values?: readonly unknown[] }[]
}

/** What the page gets: the operator token, which only the aggregator can read. */
export interface Presentation {
  readonly protocol: string
  readonly data: { readonly vp_token: Readonly<Record<string, readonly string[]>> }
}

export const PROTOCOL = 'openid4vp-v1-unsigned'

type KeyPair = Awaited<ReturnType<typeof generateKeyPair>>

/**
 * The wallet of Android, where a page asks for an operator token (CAMARA Number Verification, "Operator Token
 * Acquisition" 0.1; OpenID4VP 1.0). The token is an SD-JWT, whose second part is bound to the nonce and to the page's
 * origin, and has the SIM's temporary token encrypted for the aggregator.
 */
export class Wallet {
  private readonly lines: Lines
  private telephony: Promise<KeyPair> | undefined

  constructor(lines: Lines) {
    this.lines = lines
  }

  /** The key that signs the first part of each token. */
  async telephonyKey(): Promise<JWK> {
    return exportJWK((await this.keys()).publicKey)
  }

  /** @throws SimulatorError where the device would show no SIM, or know no such request. */
  async present(subscriber: Subscriber, request: PresentationRequest, origin: string): Promise<Presentation> {
    const { protocol, data } = request
    const query = data.dcql_query?.credentials?.[0]
    const authorization = query?.meta?.credential_authorization_jwt
    const vct = query?.meta?.vct_values?.[0]
    if (protocol !== PROTOCOL || query === undefined || authorization === undefined || vct === undefined) {
      throw new SimulatorError('value_unknown', `The wallet takes ${PROTOCOL}, with a credential that an aggregator has authorized.`)
    }
    const hint = query.claims?.find(({ path }) => path[0] === 'phone_number_hint')?.values
    const isOther = hint !== undefined && !hint.includes(`+${subscriber.digits}`)
    const temporary = this.lines.operatorToken(this.lines.of(subscriber))
    if (isOther || temporary === undefined) {
      throw new SimulatorError('sim_missing', `The SIM of ${subscriber.msisdn} is not one that is asked for.`)
    }
    const authorized = decodeJwt<{ consent_data?: string, jwks?: { keys?: JWK[] } }>(authorization)
    const now = inSeconds(this.lines.now())
    const device = await generateKeyPair('ES256')
    const issued = await new SignJWT({ iss: 'Telephony', vct, iat: now, cnf: { jwk: await exportJWK(device.publicKey) } })
      .setProtectedHeader({ alg: 'ES256', typ: 'dc-authorization+sd-jwt' })
      .sign((await this.keys()).privateKey)
    const bound = await new SignJWT({
      iat: now,
      aud: origin,
      nonce: data.nonce,
      sd_hash: digestOf(`${issued}~`),
      consent_data_hash: digestOf(authorized.consent_data ?? ''),
      encrypted_credential: await encryptedFor(authorized.jwks?.keys?.[0], temporary),
    }).setProtectedHeader({ alg: 'ES256', typ: 'kb+jwt' }).sign(device.privateKey)
    return { protocol, data: { vp_token: { [query.id]: [`${issued}~${bound}`] } } }
  }

  private keys(): Promise<KeyPair> {
    return this.telephony ??= generateKeyPair('ES256')
  }
}

export const digestOf = (text: string): string => createHash('sha256').update(text).digest('base64url')

const encryptedFor = async (key: JWK | undefined, text: string): Promise<string> => {
  if (key === undefined) throw new SimulatorError('value_unknown', 'The credential has no key to encrypt for.')
  return new CompactEncrypt(Buffer.from(text))
    .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A128GCM' })
    .encrypt(await importJWK(key, 'ECDH-ES'))
}
