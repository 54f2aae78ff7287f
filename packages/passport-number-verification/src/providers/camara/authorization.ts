import {
  authorizationCodeGrant, buildAuthorizationUrl, buildAuthorizationUrlWithJAR, calculatePKCECodeChallenge,
  modifyAssertion, randomNonce, randomPKCECodeVerifier, type Configuration,
} from 'openid-client'
import type { ImportedKey } from '#internal/signing-key'
import type { Leaving, Mode, Question, Returned } from '../provider.js'
import type { CamaraSettings } from './camara-options.js'

/** What binds the answer to this login, beside `state`. */
export interface KeptSecrets {
  readonly nonce: string
  readonly codeVerifier: string
}

const apiScopes: Readonly<Record<Mode, string>> = {
  verify: 'number-verification:verify',
  read: 'number-verification:device-phone-number:read',
}

/** The purpose and the one API that the token is for. */
export function apiScopeOf({ mode, purpose }: Question, { purposeStyle }: CamaraSettings): string {
  const apiScope = apiScopes[mode]
  return purposeStyle === 'joined' ? `dpv:${purpose}#${apiScope}` : `dpv:${purpose} ${apiScope}`
}

export const newSecrets = (): KeptSecrets => ({ nonce: randomNonce(), codeVerifier: randomPKCECodeVerifier() })

/**
 * The address that the browser is sent to.
 * It has no `login_hint`: the profile lets operators ignore it, and the number would stand in the browser's history. It
 * has no `acr_values`, which operators must ignore.
 */
export async function authorizationUrl(
  configuration: Configuration,
  settings: CamaraSettings,
  question: Question,
  { state, redirectUri }: Leaving,
  { nonce, codeVerifier }: KeptSecrets,
): Promise<string> {
  const parameters = {
    response_type: 'code',
    redirect_uri: redirectUri,
    scope: `openid ${apiScopeOf(question, settings)}`,
    prompt: 'none',
    state,
    nonce,
    code_challenge: await calculatePKCECodeChallenge(codeVerifier),
    code_challenge_method: 'S256',
  }
  const key = await settings.requestObject?.()
  const url = key
    ? await signedUrl(configuration, parameters, key)
    : buildAuthorizationUrl(configuration, parameters)
  return url.href
}

/** What must stand outside of a signed request, too (ICM 0.4, Signed Authentication Requests), and `state`. */
const repeated = ['response_type', 'redirect_uri', 'scope', 'state'] as const

async function signedUrl(
  configuration: Configuration,
  parameters: Readonly<Record<typeof repeated[number], string>>,
  key: ImportedKey,
): Promise<URL> {
  const { authorization_endpoint: audience } = configuration.serverMetadata()
  const url = await buildAuthorizationUrlWithJAR(configuration, parameters, key, {
    [modifyAssertion]: (_header, payload) => { payload.aud = audience },
  })
  for (const name of repeated) url.searchParams.set(name, parameters[name])
  return url
}

/** Only these are handed on: a browser can add any other parameter. */
const responseParameters = ['state', 'code', 'iss', 'error', 'error_description']

/** Exchanges the code. The ID token is checked for issuer, audience, signature, times and nonce. */
export async function accessTokenFor(
  configuration: Configuration,
  { parameters, state, redirectUri }: Returned,
  { nonce, codeVerifier }: KeptSecrets,
): Promise<string> {
  const url = new URL(redirectUri)
  const given = [...parameters].filter(([name]) => responseParameters.includes(name))
  url.search = new URLSearchParams(given).toString()
  const checks = { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: codeVerifier, idTokenExpected: true }
  const { access_token: token } = await authorizationCodeGrant(configuration, url, checks)
  return token
}

/** Compared before the code is sent to any token endpoint (RFC 9207 §2.4). */
export function isFromIssuer(parameters: URLSearchParams, configuration: Configuration): boolean {
  const { issuer, authorization_response_iss_parameter_supported: promised } = configuration.serverMetadata()
  const named = parameters.getAll('iss')
  return named.length === 0 ? promised !== true : named.length === 1 && named[0] === issuer
}
