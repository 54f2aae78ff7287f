import { authorizationCodeGrant, calculatePKCECodeChallenge, randomNonce, randomPKCECodeVerifier } from 'openid-client'
import type { OperatorOptions } from '../operators/operator-options.js'
import type { Connection, Operator } from '../operators/operator.js'
import { authorizationUrl, questionParameters, type Question } from './authorization.js'
import { countBegin, type Throttled } from './begin-limits.js'
import { redirectUriOf } from './callback-url.js'
import { requestedDisplay, isRequestProven, isSilent } from './displayed-data.js'
import { hintDigests } from './login-hint.js'
import { readTokenResponse, identify } from './identify.js'
import { refusalOf, refusalOfCallback } from './refusal.js'
import { refused, type Identified, type Refused } from './results.js'
import { idOf, newHandle } from './transaction-handle.js'
import type { ProtocolSettings } from './settings.js'
import type { RedirectTransaction } from './transaction.js'

/** What the strategy knows of whom and what a login is for. */
export interface Purpose {
  readonly subject: string | undefined
  readonly details: string | undefined
  /** The number it is about, where it is known. */
  readonly number: string | undefined
  /** The app said whom it is about. What else goes out as a hint, such as whose the network is, confirms nobody when it is repeated. */
  readonly isHinted: boolean
  /** Whose begun logins are counted. */
  readonly counted: readonly string[]
}

/** What came back to the callback, each at most once. */
export type CallbackParameters = URLSearchParams

/** Where to send the person, and what the session has to hold on to. */
export interface BegunRedirect { readonly status: 'begun', readonly url: string, readonly id: string }

/**
 * Begins a login at an operator.
 * State, nonce and PKCE always (RFC 9700 §2.1), whatever the operator makes of them.
 */
export async function beginRedirect(
  settings: ProtocolSettings,
  operator: Operator,
  question: Question,
  { subject, details, number, isHinted, counted }: Purpose,
  discovered?: OperatorOptions,
): Promise<BegunRedirect | Refused | Throttled> {
  const { transactions, callbackURL, ttl } = settings
  const { id: name, issuer, clientId } = operator.settings
  const connection = await operator.connected()
  const isProven = !isSilent(question) && isRequestProven(operator.settings, connection.metadata)
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
    shown: question.details === undefined ? undefined : requestedDisplay(question.details, question, isProven),
    hints: isHinted ? hintDigests(number, question.loginHint) : [],
    number: number !== undefined,
    correlationId: question.correlationId,
  }
  const parameters = {
    redirect_uri: transaction.redirectUri,
    state,
    nonce: transaction.nonce,
    code_challenge: await calculatePKCECodeChallenge(transaction.codeVerifier),
    code_challenge_method: 'S256',
    ...questionParameters(operator, connection, question),
  }
  const throttled = await countBegin(settings, counted)
  if (throttled) return throttled
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
  let answer: Awaited<ReturnType<typeof tokensFor>>
  try {
    answer = await tokensFor(connection, transaction, url)
  } catch (error) {
    return refusalOfCallback(error)
  }
  try {
    return await identify(settings, operator, connection, transaction, readTokenResponse(answer))
  } catch (error) {
    return refused(refusalOf(error))
  }
}

async function tokensFor({ configuration }: Connection, { nonce, codeVerifier, correlationId }: RedirectTransaction, url: URL) {
  return authorizationCodeGrant(configuration, url, {
    expectedState: url.searchParams.get('state') ?? '',
    expectedNonce: nonce,
    pkceCodeVerifier: codeVerifier,
    idTokenExpected: true,
  }, correlationId === undefined ? undefined : { correlation_id: correlationId })
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
