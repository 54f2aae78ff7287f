import { genericGrantRequest, initiateBackchannelAuthentication } from 'openid-client'
import { MobileConnectError, type MobileConnectCode } from '../errors.js'
import type { OperatorOptions } from '../operators/operator-options.js'
import type { Operator } from '../operators/operator.js'
import { MINUTE, SECOND } from '../time-units.js'
import { questionParameters, type Question } from './authorization.js'
import { countBegin, type Throttled } from './begin-limits.js'
import { requestedDisplay } from './displayed-data.js'
import { hintDigests } from './login-hint.js'
import { readTokenResponse, identify } from './identify.js'
import type { Purpose } from './redirect.js'
import { errorNamed, refusalOf } from './refusal.js'
import { refused, type Identified, type Refused } from './results.js'
import type { ProtocolSettings } from './settings.js'
import type { BackchannelTransaction, Transactions } from './transaction.js'

/** CIBA §7.3: where the operator names no interval, and by how much `slow_down` makes it longer. */
const INTERVAL = 5 * SECOND
/** Nobody's phone is asked about for longer than this, whatever the operator would allow. */
const MAX_LIFETIME = 15 * MINUTE

export interface BegunBackchannel {
  readonly status: 'begun'
  /** Only whoever keeps it for the person can ask for the outcome. */
  readonly handle: string
  readonly expiresAt: Date
}

export interface ClaimedBackchannel {
  readonly transaction: BackchannelTransaction
  readonly handle: string
  /** Milliseconds by which the operator has asked for more time between two questions. */
  readonly slowed: number
}

/** The person has not answered yet; asking again makes sense in `wait` milliseconds. */
export interface Pending { readonly status: 'pending', readonly wait: number }

/** Rings the person's phone, as often as one person's may ring. */
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
    throw new MobileConnectError('operator_misconfigured', `${issuer} publishes no backchannel_authentication_endpoint: set mode: 'redirect'.`)
  }
  const parameters = questionParameters(operator, connection, question)
  const throttled = await countBegin(settings, counted)
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

/** Asks the operator, at most as often as it allows. The transaction was claimed, and belongs to whoever asks. */
export async function pollBackchannel(settings: ProtocolSettings, operator: Operator, claimed: ClaimedBackchannel): Promise<Identified | Refused | Pending> {
  const { transactions } = settings
  const { transaction, handle, slowed } = claimed
  try {
    const connection = await operator.connected()
    const answer = await genericGrantRequest(connection.configuration, 'urn:openid:params:grant-type:ciba', { auth_req_id: transaction.authReqId })
    // Of several that ask at the same time, one gets the answer, and only the one that also gets the transaction may use it.
    if (!await transactions.take(handle)) return refused('transaction_unknown')
    return await identify(settings, operator, connection, transaction, readTokenResponse(answer))
  } catch (error) {
    const wait = transaction.interval + slowed
    switch (errorNamed(error)) {
      case 'authorization_pending': return postponed(transactions, handle, wait)
      // CIBA §11: for this and all further requests.
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
    // The operator did not work just now; the person may still answer.
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
