import { fetchProtectedResource, fetchUserInfo } from 'openid-client'
import { MobileConnectError } from '../errors.js'
import type { Connection, Operator } from '../operators/operator.js'
import { amrOf, authTimeOf, checkClaims, instantOf, type Claims } from './id-token-claims.js'
import { refused, type Identified, type Identity, type Refused, type Tokens } from './results.js'
import { isShown } from './displayed-data.js'
import { msisdn } from '#internal/phone-number'
import { isSameHint } from './login-hint.js'
import type { ProtocolSettings } from './settings.js'
import type { ExpectedAnswer } from './transaction.js'

/** The answer of a token endpoint. openid-client has checked the signature of its ID token. */
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

/** @throws MobileConnectError `token_invalid` when there is no ID token, because nothing else says who the user is. */
export function readTokenResponse(answer: LibraryResponse): TokenResponse {
  const claims = answer.claims() as Claims | undefined
  const { id_token: idToken, refresh_token: refreshToken, expires_in: expiresIn, scope } = answer
  if (!claims || idToken === undefined) throw new MobileConnectError('token_invalid', 'The operator gave no ID token.')
  return {
    tokens: {
      accessToken: answer.access_token,
      tokenType: answer.token_type,
      idToken,
      ...refreshToken !== undefined && { refreshToken },
      ...expiresIn !== undefined && { expiresIn },
      ...scope !== undefined && { scope },
    },
    claims,
    correlationId: answer.correlation_id,
  }
}

/** Checks an answer against what the transaction expects, and says who the user is. */
export async function identify(
  settings: ProtocolSettings,
  operator: Operator,
  connection: Connection,
  expected: ExpectedAnswer,
  response: TokenResponse,
): Promise<Identified | Refused> {
  const { id, issuer, clientId } = operator.settings
  const { claims, tokens } = response
  checkCorrelationId(response, expected)
  const { acr, maxAge } = expected
  const checked = checkClaims(claims, { issuer, clientId, acr, maxAge }, instantOf(claims, settings.now))
  if (checked !== 'valid') return refused(checked)
  if (expected.shown && !isShown(expected.shown, claims.displayed_data)) return refused('details_unproven')
  const sameHint = isSameHint(claims.hashed_login_hint, expected)
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

function checkCorrelationId({ correlationId: echo }: TokenResponse, { correlationId: sent }: ExpectedAnswer): void {
  if (typeof echo !== 'string' || sent === undefined || echo === sent) return
  throw new MobileConnectError('token_invalid', 'The operator answered with the correlation_id of another request.')
}

async function userinfoOf(
  { userinfo }: ProtocolSettings,
  { configuration, metadata }: Connection,
  token: string,
  sub: string,
) {
  if (userinfo === 'premiuminfo') return premiuminfoOf({ configuration, metadata }, token, sub)
  if (!userinfo || metadata.userinfo_endpoint === undefined) return undefined
  return fetchUserInfo(configuration, token, sub) as Promise<Readonly<Record<string, unknown>>>
}

/** Mobile Connect Identity and KYC have an endpoint of their own, which answers like userinfo. */
async function premiuminfoOf(
  { configuration, metadata }: Connection,
  token: string,
  sub: string,
): Promise<Readonly<Record<string, unknown>>> {
  const endpoint = metadata.premiuminfo_endpoint
  if (typeof endpoint !== 'string') {
    throw new MobileConnectError(
      'operator_misconfigured',
      'The operator publishes no premiuminfo_endpoint: set userinfo: true.',
    )
  }
  const headers = new Headers({ accept: 'application/json' })
  const response = await fetchProtectedResource(configuration, token, new URL(endpoint), 'GET', undefined, headers)
  const info = await response.json().catch(() => undefined) as Record<string, unknown> | null | undefined
  if (response.status !== 200) {
    throw new MobileConnectError(
      'operator_unavailable',
      `The premiuminfo endpoint answers with status ${response.status}.`,
    )
  }
  // An answer about another user must not be used (OpenID Connect Core §5.3.2).
  if (info?.sub !== sub) throw new MobileConnectError('token_invalid', 'The premiuminfo is about another person.')
  return info
}

/** Scopes of Mobile Connect's services that tell the number of the phone that answered. Such a number is verified. */
const numberScopes = ['mc_identity_phonenumber', 'mc_phonenumber']

/**
 * The number that the operator vouches for. A user may have typed `phone_number` there, so it counts only with
 * `phone_number_verified` (OpenID Connect Core §5.1), or when a service of Mobile Connect tells it.
 * That service must be in the scope of this answer: a browser could have changed the scope of the request.
 * @throws MobileConnectError `token_invalid` when two answers name two numbers.
 */
function phoneOf(
  { userinfo: endpoint }: ProtocolSettings,
  { claims, userinfo, tokens }: Pick<Identity, 'claims' | 'userinfo' | 'tokens'>,
): string | undefined {
  const isVouched = numberScopes.some((scope) => tokens.scope?.split(' ').includes(scope))
  const claimed = phoneIn(claims, isVouched)
  const told = phoneIn(userinfo, isVouched || endpoint === 'premiuminfo')
  if (claimed !== undefined && told !== undefined && claimed !== told) {
    throw new MobileConnectError('token_invalid', 'The operator vouches for two numbers at once.')
  }
  return claimed ?? told
}

function phoneIn(claims: Readonly<Record<string, unknown>> | undefined, isVouched: boolean): string | undefined {
  const { phone_number: number, phone_number_verified: verified } = claims ?? {}
  const counts = verified === undefined ? isVouched : verified === true || verified === 'true'
  if (!counts) return undefined
  const digits = msisdn(number)
  return digits === undefined ? undefined : `+${digits}`
}
