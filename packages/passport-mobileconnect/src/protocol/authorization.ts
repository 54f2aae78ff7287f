import {
  buildAuthorizationUrl, buildAuthorizationUrlWithJAR, buildAuthorizationUrlWithPAR, modifyAssertion,
} from 'openid-client'
import type { Connection, Operator } from '../operators/operator.js'
import type { ImportedKey } from '#internal/signing-key'
import { acrValuesOf, type AcrPolicy } from './acr.js'
import { isPushed } from './pushed-request.js'
import { detectVersion } from './version.js'

/** What the app asks an operator in one login. */
export interface Question {
  readonly acr: AcrPolicy
  /** Seconds. */
  readonly maxAge?: number | undefined
  readonly prompt?: string | undefined
  readonly uiLocales?: string | undefined
  readonly loginHint?: string | undefined
  readonly clientName?: string | undefined
  readonly context?: string | undefined
  readonly bindingMessage?: string | undefined
  /**
   * The details as a text, which is in `context` and `bindingMessage`. The login fails unless the user was shown it.
   */
  readonly details?: string | undefined
  readonly claims?: object | undefined
  readonly correlationId?: string | undefined
  /** Parameters that only this operator knows. */
  readonly parameters?: Readonly<Record<string, string>> | undefined
}

export type Parameters = Record<string, string>

/** Parameters that an app must not set: checks of the answer rely on them, or they say which phone shows what. */
const reserved = [
  'response_type', 'response_mode', 'client_id', 'redirect_uri', 'scope', 'state', 'nonce', 'code_challenge',
  'code_challenge_method', 'acr_values', 'max_age', 'login_hint', 'login_hint_token', 'context', 'binding_message',
  'request', 'request_uri', 'client_secret', 'client_assertion', 'client_assertion_type',
]

/** The parameters of Mobile Connect's profile that a redirect and a request over the backchannel have in common. */
export function questionParameters({ settings }: Operator, { metadata }: Connection, question: Question): Parameters {
  const { acr, maxAge, claims, parameters = {} } = question
  const refused = Object.keys(parameters).find((name) => reserved.includes(name))
  if (refused !== undefined) {
    throw new TypeError(`parameters must not contain ${refused}: the strategy sets it, or has an option for it.`)
  }
  return present({
    scope: settings.scope,
    version: settings.version ?? detectVersion(metadata, settings.scope),
    acr_values: acrValuesOf(acr),
    max_age: maxAge === undefined ? undefined : String(maxAge),
    prompt: question.prompt,
    ui_locales: question.uiLocales,
    login_hint: question.loginHint,
    client_name: question.clientName ?? settings.clientName,
    context: question.context,
    binding_message: question.bindingMessage,
    claims: claims === undefined ? undefined : JSON.stringify(claims),
    correlation_id: question.correlationId,
    ...parameters,
  })
}

function present(parameters: Readonly<Record<string, string | undefined>>): Parameters {
  const isPresent = (entry: [string, string | undefined]): entry is [string, string] =>
    entry[1] !== undefined && entry[1] !== ''
  return Object.fromEntries(Object.entries(parameters).filter(isPresent))
}

/**
 * Parameters that are repeated beside a request object: OpenID Connect Core §6.1 and Mobile Connect's operators require
 * it.
 */
const repeated = ['response_type', 'scope', 'redirect_uri', 'state']

/** The URL that the user is sent to. The request is signed (RFC 9101) and pushed (RFC 9126) as the options say. */
export async function authorizationUrl(
  { settings }: Operator,
  { configuration, metadata }: Connection,
  parameters: Parameters,
): Promise<URL> {
  const key = await settings.requestObject?.()
  const signed = key ? await signedParameters(key, configuration, parameters) : parameters
  if (!isPushed(settings, metadata)) return buildAuthorizationUrl(configuration, signed)
  const url = await buildAuthorizationUrlWithPAR(configuration, signed)
  // The operator ignores a parameter beside a pushed request (RFC 9101 §5). `state` is there for the app to recognise
  // its request.
  url.searchParams.set('state', parameters.state ?? '')
  return url
}

async function signedParameters(
  key: ImportedKey,
  configuration: Connection['configuration'],
  parameters: Parameters,
): Promise<Parameters> {
  const url = await buildAuthorizationUrlWithJAR(configuration, parameters, key, {
    [modifyAssertion]: (header) => { header.typ = 'JWT' },
  })
  const outside = Object.entries({ ...parameters, response_type: 'code' }).filter(([name]) => repeated.includes(name))
  return { ...Object.fromEntries(outside), request: url.searchParams.get('request') ?? '' }
}
