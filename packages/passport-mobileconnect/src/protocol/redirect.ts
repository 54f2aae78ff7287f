import { authorizationCodeGrant, calculatePKCECodeChallenge, randomNonce, randomPKCECodeVerifier } from 'openid-client'
import { countBegin, type Throttled } from '#internal/transactions/begin-limits'
import type { OperatorOptions } from '../operators/operator-options.js'
import type { Connection, Operator } from '../operators/operator.js'
import { authorizationUrl, questionParameters, type Question } from './authorization.js'
import { redirectUriOf } from './callback-url.js'
import { requestedDisplay, isRequestProven, isSilent } from './displayed-data.js'
import { hintDigests } from './login-hint.js'
import { readTokenResponse, identify } from './identify.js'
import { refusalOf, refusalOfCallback } from './refusal.js'
import { refused, type Identified, type Refused } from './results.js'
import { idOf, newHandle } from '#internal/transactions/transaction-handle'
import type { ProtocolSettings } from './settings.js'
import type { RedirectTransaction } from './transaction.js'

/** Whom a login is for, and what it confirms. */
export interface Purpose {
  readonly subject: string | undefined
  readonly details: string | undefined
  /** The number of the user, if it is known. */
  readonly number: string | undefined
  /**
   * The app gave the login hint. A hint that discovery made of the network proves nothing when the operator repeats it.
   */
  readonly isHinted: boolean
  /** The names under which this login counts for `beginLimits`. */
  readonly counted: readonly string[]
}

/** The parameters of the callback, each at most once. */
export type CallbackParameters = URLSearchParams

/** Where to send the user, and the id that the session must keep. */
export interface BegunRedirect { readonly status: 'begun', readonly url: string, readonly id: string }

/**
 * Begins a login at an operator.
 * `state`, `nonce` and PKCE are always sent (RFC 9700 §2.1), even to an operator that ignores them.
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
    silent: isSilent(question),
  }
  const parameters = {
    redirect_uri: transaction.redirectUri,
    state,
    nonce: transaction.nonce,
    code_challenge: await calculatePKCECodeChallenge(transaction.codeVerifier),
    code_challenge_method: 'S256',
    ...questionParameters(operator, connection, question),
  }
  const throttled = await countBegin(transactions, settings.beginLimits, counted)
  if (throttled) return throttled
  try {
    const url = await authorizationUrl(operator, connection, parameters)
    await transactions.begin(transaction, ttl, state)
    return { status: 'begun', url: url.href, id: idOf(state) }
  } catch (error) {
    return refused(refusalOf(error))
  }
}

/**
 * Ends a login: exchanges the callback's code for who the user is. The caller took the transaction for this session.
 */
export async function endRedirect(
  settings: ProtocolSettings,
  operator: Operator,
  transaction: RedirectTransaction,
  parameters: CallbackParameters,
): Promise<Identified | Refused> {
  const connection = await operator.connected()
  const isOurs = isFromOperator(parameters, operator, connection.metadata) && isSameCorrelation(parameters, transaction)
  const hasAnswer = parameters.has('error') || Boolean(parameters.get('code'))
  if (!isOurs || !hasAnswer) return refused('transaction_unknown')
  const url = new URL(transaction.redirectUri)
  url.search = new URLSearchParams([...parameters].filter(([name]) => responseParameters.includes(name))).toString()
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

async function tokensFor(
  { configuration }: Connection,
  { nonce, codeVerifier, correlationId }: RedirectTransaction,
  url: URL,
) {
  const checks = {
    expectedState: url.searchParams.get('state') ?? '',
    expectedNonce: nonce,
    pkceCodeVerifier: codeVerifier,
    idTokenExpected: true,
  }
  const more = correlationId === undefined ? undefined : { correlation_id: correlationId }
  return authorizationCodeGrant(configuration, url, checks, more)
}

/** Only these are handed on: a browser can add any other parameter. */
const responseParameters = ['state', 'code', 'iss', 'error', 'error_description']

/** Compared before the code is sent to any token endpoint (RFC 9207 §2.4). */
function isFromOperator(
  parameters: CallbackParameters,
  { settings }: Operator,
  metadata: Readonly<Record<string, unknown>>,
): boolean {
  const iss = parameters.get('iss')
  if (iss !== null) return iss === settings.issuer
  return metadata.authorization_response_iss_parameter_supported !== true
}

/** The operator may leave the `correlation_id` out. When it is there, it must be the one that was sent. */
function isSameCorrelation(parameters: CallbackParameters, { correlationId }: RedirectTransaction): boolean {
  const echo = parameters.get('correlation_id')
  return echo === null || correlationId === undefined || echo === correlationId
}
