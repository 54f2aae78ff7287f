import { authorizationCodeGrant, calculatePKCECodeChallenge, randomNonce, randomPKCECodeVerifier } from 'openid-client'
import type { OperatorOptions } from '../operators/operator-options.js'
import type { Operator } from '../operators/operator.js'
import { authorizationUrl, questionParameters, type Question } from './authorization.js'
import { redirectUriOf } from './callback-url.js'
import { hintDigests } from './login-hint.js'
import { grantOf, personOf } from './person.js'
import { refusalOf } from './refusal.js'
import { refused, type Identified, type Refused } from './results.js'
import { idOf, newHandle } from './seal.js'
import type { ProtocolSettings } from './settings.js'
import type { RedirectTransaction } from './transaction.js'

/** What the strategy knows of whom and what a login is for. */
export interface Purpose {
  readonly subject: string | undefined
  readonly details: string | undefined
  /** The number it is about, where it is known. */
  readonly number: string | undefined
}

/** What came back to the callback, each at most once. */
export type CallbackParameters = URLSearchParams

/** Where to send the person, and what the session has to hold on to. */
export interface Begun { readonly status: 'begun', readonly url: string, readonly id: string }

/**
 * Begins a login at an operator.
 * State, nonce and PKCE always (RFC 9700 §2.1), whatever the operator makes of them.
 */
export async function beginRedirect(
  { transactions, callbackURL, ttl }: ProtocolSettings,
  operator: Operator,
  question: Question,
  { subject, details, number }: Purpose,
  discovered?: OperatorOptions,
): Promise<Begun | Refused> {
  const { id: name, issuer, clientId } = operator.settings
  const state = newHandle()
  const transaction: RedirectTransaction = {
    kind: 'redirect',
    operator: name,
    issuer,
    clientId,
    discovered,
    redirectUri: redirectUriOf(callbackURL, name),
    nonce: randomNonce(),
    codeVerifier: randomPKCECodeVerifier(),
    acr: question.acr,
    maxAge: question.maxAge,
    subject,
    details,
    hints: hintDigests(number, question.loginHint),
    correlationId: question.correlationId,
  }
  const connection = await operator.connected()
  const parameters = {
    redirect_uri: transaction.redirectUri,
    state,
    nonce: transaction.nonce,
    code_challenge: await calculatePKCECodeChallenge(transaction.codeVerifier),
    code_challenge_method: 'S256',
    ...questionParameters(operator, connection, question),
  }
  try {
    const url = await authorizationUrl(operator, connection, parameters)
    await transactions.begin(transaction, ttl, state)
    return { status: 'begun', url: url.href, id: idOf(state) }
  } catch (error) {
    return refused(refusalOf(error))
  }
}

/** Ends a login: from the callback's parameters to who the person is. The transaction was taken, and belongs to this session. */
export async function endRedirect(
  settings: ProtocolSettings,
  operator: Operator,
  transaction: RedirectTransaction,
  parameters: CallbackParameters,
): Promise<Identified | Refused> {
  const connection = await operator.connected()
  if (!isFromOperator(parameters, operator, connection.metadata) || echoDiffers(parameters.get('correlation_id'), transaction)) return refused('transaction_unknown')
  if (!parameters.has('error') && !parameters.get('code')) return refused('transaction_unknown')
  const url = new URL(transaction.redirectUri)
  url.search = new URLSearchParams([...parameters].filter(([name]) => read.includes(name))).toString()
  try {
    const answer = await authorizationCodeGrant(connection.configuration, url, {
      expectedState: parameters.get('state') ?? '',
      expectedNonce: transaction.nonce,
      pkceCodeVerifier: transaction.codeVerifier,
      idTokenExpected: true,
    }, transaction.correlationId === undefined ? undefined : { correlation_id: transaction.correlationId })
    return await personOf(settings, operator, connection, transaction, grantOf(answer))
  } catch (error) {
    return refused(refusalOf(error))
  }
}

/** Whatever else a browser brings along is nobody's answer to this request. */
const read = ['state', 'code', 'iss', 'error', 'error_description']

/** RFC 9207 §2.4: compared before the code goes anywhere. */
function isFromOperator(parameters: CallbackParameters, { settings }: Operator, metadata: Readonly<Record<string, unknown>>): boolean {
  const iss = parameters.get('iss')
  return iss === null ? metadata.authorization_response_iss_parameter_supported !== true : iss === settings.issuer
}

const echoDiffers = (echo: unknown, { correlationId }: RedirectTransaction): boolean =>
  typeof echo === 'string' && correlationId !== undefined && echo !== correlationId
