import { genericGrantRequest, initiateBackchannelAuthentication } from 'openid-client'
import { countBegin, type Throttled } from '#internal/transactions/begin-limits'
import { MobileConnectError, type MobileConnectCode } from '../errors.js'
import type { OperatorOptions } from '../operators/operator-options.js'
import type { Operator } from '../operators/operator.js'
import { errorNamed } from '#internal/openid-error'
import { MINUTE, SECOND } from '#internal/time-units'
import { questionParameters, type Question } from './authorization.js'
import { requestedDisplay } from './displayed-data.js'
import { hintDigests } from './login-hint.js'
import { readTokenResponse, identify } from './identify.js'
import type { Purpose } from './redirect.js'
import { refusalOf } from './refusal.js'
import { refused, type Identified, type Refused } from './results.js'
import type { ProtocolSettings } from './settings.js'
import type { BackchannelTransaction, Transactions } from './transaction.js'

/** The interval when the operator names none (CIBA §7.3), and what each `slow_down` adds to it (CIBA §11). */
const INTERVAL = 5 * SECOND
/** The longest time to wait for a user, even if the operator allows more. */
const MAX_LIFETIME = 15 * MINUTE

export interface BegunBackchannel {
  readonly status: 'begun'
  /** Everyone who holds it can ask for the outcome. The session, or the caller, keeps it for the user. */
  readonly handle: string
  readonly expiresAt: Date
}

export interface ClaimedBackchannel {
  readonly transaction: BackchannelTransaction
  readonly handle: string
  /** Milliseconds that the operator's `slow_down` answers have added to the interval. */
  readonly slowed: number
}

/** The user has not answered yet. The app may ask again in `wait` milliseconds. */
export interface Pending { readonly status: 'pending', readonly wait: number }

/** Asks the operator to ring the user's phone, unless it has been rung too often. */
export async function beginBackchannel(
  settings: ProtocolSettings,
  operator: Operator,
  question: Question & { readonly loginHint: string },
  { subject, details, number, isHinted, counted }: Purpose,
  discovered?: OperatorOptions,
): Promise<BegunBackchannel | Refused | Throttled> {
  const { transactions, now } = settings
  const { id, issuer, clientId } = operator.settings
  const connection = await operator.connected()
  if (connection.metadata.backchannel_authentication_endpoint === undefined) {
    throw new MobileConnectError(
      'operator_misconfigured',
      `${issuer} publishes no backchannel_authentication_endpoint: set mode: 'redirect'.`,
    )
  }
  const parameters = questionParameters(operator, connection, question)
  const throttled = await countBegin(transactions, settings.beginLimits, counted)
  if (throttled) return throttled
  try {
    const answer = await initiateBackchannelAuthentication(connection.configuration, parameters)
    const ttl = Math.min(answer.expires_in * SECOND, MAX_LIFETIME)
    const transaction: BackchannelTransaction = {
      kind: 'backchannel',
      operator: id,
      issuer,
      clientId,
      discovered,
      authReqId: answer.auth_req_id,
      interval: Math.ceil(Math.max(1, answer.interval ?? INTERVAL / SECOND) * SECOND),
      acr: question.acr,
      maxAge: question.maxAge,
      subject,
      details,
      shown: question.details === undefined ? undefined : requestedDisplay(question.details, question, true),
      hints: isHinted ? hintDigests(number, question.loginHint) : [],
      number: number !== undefined,
      correlationId: question.correlationId,
    }
    const handle = await transactions.begin(transaction, Math.round(ttl))
    return { status: 'begun', handle, expiresAt: new Date(now() + ttl) }
  } catch (error) {
    return refused(refusalOf(error))
  }
}

/** Asks the operator for the outcome. The caller has claimed the transaction, so no other request asks meanwhile. */
export async function pollBackchannel(
  settings: ProtocolSettings,
  operator: Operator,
  claimed: ClaimedBackchannel,
): Promise<Identified | Refused | Pending> {
  const { transactions } = settings
  const { transaction, handle, slowed } = claimed
  try {
    const connection = await operator.connected()
    const answer = await genericGrantRequest(connection.configuration, 'urn:openid:params:grant-type:ciba', {
      auth_req_id: transaction.authReqId,
    })
    // Taking it has one winner: without it, a second request whose lease has run out could log in, too.
    if (!await transactions.take(handle)) return refused('transaction_unknown')
    return await identify(settings, operator, connection, transaction, readTokenResponse(answer))
  } catch (error) {
    const wait = transaction.interval + slowed
    switch (errorNamed(error)) {
      case 'authorization_pending': return postponed(transactions, handle, wait)
      // CIBA §11: the longer interval is for this and all later requests.
      case 'slow_down': return postponed(transactions, handle, wait + INTERVAL, INTERVAL)
      default: return ended(transactions, handle, wait, error)
    }
  }
}

async function postponed(transactions: Transactions, handle: string, wait: number, slower = 0): Promise<Pending> {
  await transactions.postpone(handle, wait, slower)
  return { status: 'pending', wait }
}

async function ended(transactions: Transactions, handle: string, wait: number, error: unknown): Promise<Refused> {
  const code = refusalOrError(error)
  if (code instanceof Error) {
    // The operator failed just now. The user may still answer.
    await transactions.postpone(handle, wait)
    throw code
  }
  await transactions.take(handle)
  return refused(code)
}

function refusalOrError(error: unknown): MobileConnectCode | Error {
  try {
    return refusalOf(error)
  } catch (broken) {
    return broken as Error
  }
}
