import { fetchProtectedResource, fetchUserInfo } from 'openid-client'
import { MobileConnectError } from '../errors.js'
import type { Connection, Operator } from '../operators/operator.js'
import { amrOf, authTimeOf, checkClaims, instantOf, type Claims } from './id-token-claims.js'
import { refused, type Identified, type Identity, type Refused, type Tokens } from './results.js'
import { isShown } from './displayed-data.js'
import { isSameHint, msisdn } from './login-hint.js'
import type { ProtocolSettings } from './settings.js'
import type { ExpectedAnswer } from './transaction.js'

/** What a token endpoint gave, its ID token read and its signature checked by the protocol library. */
export interface TokenResponse {
  readonly tokens: Tokens
  readonly claims: Claims
  readonly correlationId: unknown
}

interface LibraryResponse {
  readonly access_token: string
  readonly token_type: string
  readonly id_token?: string | undefined
  readonly refresh_token?: string | undefined
  readonly expires_in?: number | undefined
  readonly scope?: string | undefined
  readonly [member: string]: unknown
  claims(): unknown
}

/** @throws MobileConnectError `token_invalid` when there is no ID token: nothing says who somebody is, then. */
export function readTokenResponse(answer: LibraryResponse): TokenResponse {
  const claims = answer.claims() as Claims | undefined
  const { access_token: accessToken, token_type: tokenType, id_token: idToken, refresh_token: refreshToken, expires_in: expiresIn, scope } = answer
  if (!claims || idToken === undefined) throw new MobileConnectError('token_invalid', 'The operator gave no ID token.')
  return {
    tokens: {
      accessToken,
      tokenType,
      idToken,
      ...refreshToken !== undefined && { refreshToken },
      ...expiresIn !== undefined && { expiresIn },
      ...scope !== undefined && { scope },
    },
    claims,
    correlationId: answer.correlation_id,
  }
}

/** Who somebody is, once everything that was promised to them and of them has been checked. */
export async function identify(
  settings: ProtocolSettings,
  operator: Operator,
  connection: Connection,
  promised: ExpectedAnswer,
  grant: TokenResponse,
): Promise<Identified | Refused> {
  const { id, issuer, clientId } = operator.settings
  const { claims, tokens } = grant
  if (typeof grant.correlationId === 'string' && promised.correlationId !== undefined && grant.correlationId !== promised.correlationId) {
    throw new MobileConnectError('token_invalid', 'The operator answered with the correlation_id of another request.')
  }
  const checked = checkClaims(claims, { issuer, clientId, acr: promised.acr, maxAge: promised.maxAge }, instantOf(claims, settings.now))
  if (checked !== 'valid') return refused(checked)
  if (promised.shown && !isShown(promised.shown, claims.displayed_data)) return refused('details_unproven')
  const sameHint = isSameHint(claims.hashed_login_hint, promised)
  if (sameHint === false) return refused('person_mismatch')
  const userinfo = await userinfoOf(settings, connection, tokens.accessToken, claims.sub)
  return {
    status: 'identified',
    identity: {
      issuer,
      sub: claims.sub,
      operator: id,
      acr: typeof claims.acr === 'string' ? claims.acr : undefined,
      amr: amrOf(claims),
      authTime: authTimeOf(claims),
      claims,
      userinfo,
      phone: phoneOf(settings, { claims, userinfo, tokens }),
      tokens,
    },
    repeatsHint: sameHint === true,
  }
}

async function userinfoOf({ userinfo }: ProtocolSettings, { configuration, metadata }: Connection, token: string, sub: string) {
  if (userinfo === 'premiuminfo') return premiuminfoOf({ configuration, metadata }, token, sub)
  if (!userinfo || metadata.userinfo_endpoint === undefined) return undefined
  return fetchUserInfo(configuration, token, sub) as Promise<Readonly<Record<string, unknown>>>
}

/** Mobile Connect Identity and KYC: like userinfo, at an endpoint of its own. */
async function premiuminfoOf({ configuration, metadata }: Connection, token: string, sub: string): Promise<Readonly<Record<string, unknown>>> {
  const endpoint = metadata.premiuminfo_endpoint
  if (typeof endpoint !== 'string') throw new MobileConnectError('operator_misconfigured', 'The operator publishes no premiuminfo_endpoint: set userinfo: true.')
  const response = await fetchProtectedResource(configuration, token, new URL(endpoint), 'GET', undefined, new Headers({ accept: 'application/json' }))
  const info = await response.json().catch(() => undefined) as Record<string, unknown> | null | undefined
  if (response.status !== 200) throw new MobileConnectError('operator_unavailable', `The premiuminfo endpoint answers with status ${response.status}.`)
  // OpenID Connect Core §5.3.2: what is about somebody else must not be used.
  if (info?.sub !== sub) throw new MobileConnectError('token_invalid', 'The premiuminfo is about somebody else.')
  return info
}

/** Mobile Connect's own services that tell the number of the phone that answered: what they tell needs no other word for it. */
const numberScopes = ['mc_identity_phonenumber', 'mc_phonenumber']

/**
 * The number that the operator vouches for. What people may have typed there themselves is nobody's number: `phone_number` counts with
 * `phone_number_verified` (OpenID Connect Core §5.1), or where a service of Mobile Connect tells it, which must stand in the scope of this
 * very answer, since the browser carries the one that was asked for.
 * @throws MobileConnectError `token_invalid` when two answers name two numbers.
 */
function phoneOf({ userinfo: asked }: ProtocolSettings, { claims, userinfo, tokens }: Pick<Identity, 'claims' | 'userinfo' | 'tokens'>): string | undefined {
  const granted = numberScopes.some((scope) => tokens.scope?.split(' ').includes(scope))
  const numbers = [phoneIn(claims, granted), phoneIn(userinfo, granted || asked === 'premiuminfo')].filter((number) => number !== undefined)
  const [number, another = number] = numbers
  if (number !== another) throw new MobileConnectError('token_invalid', 'The operator vouches for two numbers at once.')
  return number
}

function phoneIn(claims: Readonly<Record<string, unknown>> | undefined, vouched: boolean): string | undefined {
  const { phone_number: number, phone_number_verified: verified } = claims ?? {}
  if (verified === undefined ? !vouched : verified !== true && verified !== 'true') return undefined
  const digits = msisdn(number)
  return digits === undefined ? undefined : `+${digits}`
}
