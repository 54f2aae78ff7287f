import type { CamaraClient } from '../tokens/context.js'
import { isApiScope } from '../tokens/scopes.js'
import { OAuthError } from './oauth-error.js'

export interface RequestedScope {
  readonly openid: boolean
  /** The scopes of APIs. */
  readonly scopes: readonly string[]
  /** As it was asked for. */
  readonly text: string
}

/** A purpose of the W3C's Data Privacy Vocabulary, in its form: `dpv:FraudPreventionAndDetection`. */
const isPurpose = (value: string): boolean => /^[A-Z][A-Za-z]+$/.test(value)

/**
 * Reads `scope`: one purpose, one scope of an API at least, and nothing unknown (security profile, "Purpose as a
 * scope").
 * @throws OAuthError `invalid_scope`
 */
export function requestedScope(client: CamaraClient, text: string | undefined): RequestedScope {
  const values = (text ?? '').split(' ').filter((value) => value !== '')
  const purposes = values.filter((value) => value.startsWith('dpv:')).map((value) => value.slice('dpv:'.length))
  const [purpose] = purposes
  if (purpose === undefined || purposes.length > 1) {
    throw refusal('Exactly one purpose is needed, such as dpv:FraudPreventionAndDetection.')
  }
  if (!isPurpose(purpose)) throw refusal('The purpose is none of the Data Privacy Vocabulary.')
  if (client.purposes?.includes(purpose) === false) throw refusal('The client is not registered for this purpose.')
  const scopes = values.filter((value) => !value.startsWith('dpv:') && value !== 'openid')
  const unknown = scopes.find((scope) => !isApiScope(scope))
  if (unknown !== undefined) throw refusal('The scope names an API that is not offered.')
  if (scopes.length === 0) throw refusal('The scope names no API.')
  return { openid: values.includes('openid'), scopes, text: values.join(' ') }
}

/** A flow of OpenID Connect. @throws OAuthError `invalid_scope` */
export function requireOpenId({ openid }: RequestedScope): void {
  if (!openid) throw refusal('The scope names no openid.')
}

/** A flow of OAuth 2.0 alone: it gives no ID token. @throws OAuthError `invalid_scope` */
export function refuseOpenId({ openid }: RequestedScope): void {
  if (openid) throw refusal('This grant gives no ID token: the scope must not name openid.')
}

const refusal = (description: string): OAuthError => new OAuthError('invalid_scope', description)
