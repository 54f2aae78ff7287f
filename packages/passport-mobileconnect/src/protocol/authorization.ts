import { buildAuthorizationUrl, buildAuthorizationUrlWithJAR, buildAuthorizationUrlWithPAR, modifyAssertion } from 'openid-client'
import type { Connection, Operator } from '../operators/operator.js'
import { acrValuesOf, type AcrPolicy } from './acr.js'
import { isPushed } from './pushed-request.js'
import { detectVersion } from './version.js'

/** What one login asks of an operator. */
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
  /** The details as a text, which stands in `context` and `bindingMessage`: no login without the person having seen it. */
  readonly details?: string | undefined
  readonly claims?: object | undefined
  readonly correlationId?: string | undefined
  /** Whatever an operator adds. */
  readonly parameters?: Readonly<Record<string, string>> | undefined
}

export type Parameters = Record<string, string>

/** What an app's own parameters may not change: what a check of the answer relies on, whose phone is asked, and what it shows. */
const reserved = [
  'response_type', 'response_mode', 'client_id', 'redirect_uri', 'scope', 'state', 'nonce', 'code_challenge', 'code_challenge_method',
  'acr_values', 'max_age', 'login_hint', 'login_hint_token', 'context', 'binding_message', 'request', 'request_uri',
  'client_secret', 'client_assertion', 'client_assertion_type',
]

/** The parameters of Mobile Connect's profile that say what is asked, for a redirect as for a request over the backchannel. */
export function questionParameters({ settings }: Operator, { metadata }: Connection, question: Question): Parameters {
  const { acr, maxAge, claims, parameters = {} } = question
  const refused = Object.keys(parameters).find((name) => reserved.includes(name))
  if (refused !== undefined) throw new TypeError(`parameters must not contain ${refused}: the strategy sets it, or has an option for it.`)
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

const present = (parameters: Readonly<Record<string, string | undefined>>): Parameters =>
  Object.fromEntries(Object.entries(parameters).filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== ''))

/** Outside a request object, too, because OpenID Connect Core §6.1 and Mobile Connect's operators want them there. */
const repeated = ['response_type', 'scope', 'redirect_uri', 'state']

/** Where the person is sent. Signed (RFC 9101) and pushed (RFC 9126) where that is asked for and the operator can. */
export async function authorizationUrl({ settings }: Operator, { configuration, metadata }: Connection, parameters: Parameters): Promise<URL> {
  const signed = settings.requestObject ? await signedParameters(settings.requestObject, configuration, parameters) : parameters
  if (!isPushed(settings, metadata)) return buildAuthorizationUrl(configuration, signed)
  const url = await buildAuthorizationUrlWithPAR(configuration, signed)
  // What stands beside a pushed request changes nothing of it (RFC 9101 §5): only so that the app knows its own request again.
  url.searchParams.set('state', parameters.state ?? '')
  return url
}

async function signedParameters(key: NonNullable<Operator['settings']['requestObject']>, configuration: Connection['configuration'], parameters: Parameters): Promise<Parameters> {
  const url = await buildAuthorizationUrlWithJAR(configuration, parameters, await key(), {
    [modifyAssertion]: (header) => { header.typ = 'JWT' },
  })
  const outside = Object.entries({ ...parameters, response_type: 'code' }).filter(([name]) => repeated.includes(name))
  return { ...Object.fromEntries(outside), request: url.searchParams.get('request') ?? '' }
}
