import { randomUUID } from 'node:crypto'
import { countBegin } from '#internal/transactions/begin-limits'
import { idOf, isHandle, newHandle } from '#internal/transactions/transaction-handle'
import { wholeSeconds } from '#internal/retry-after'
import { NumberVerificationError } from '../errors.js'
import type { NetworkWay, ProviderAnswer, Question } from '../providers/provider.js'
import { answersOf, inTime } from './ask-provider.js'
import { fail, unavailable, type Ending } from './ending.js'
import type { Login } from './login.js'
import type { Settings } from './read-options.js'
import type { Transaction } from './transaction.js'

/** Sends the browser to the provider, over whose network it may be known. */
export async function begin(login: Login): Promise<Ending> {
  const { settings, person, kept } = login
  const refusal = numberRefusal(login)
  if (refusal) return refusal
  // Without a session the answer would belong to nobody: that is told before anything is counted.
  kept.has('pending', '')
  const throttled = await countBegin(settings.transactions, settings.beginLimits, countedOf(login))
  if (throttled) return unavailable('budget-spent', { retryAfter: wholeSeconds(throttled.wait) })
  const [state, correlator] = [newHandle(), randomUUID()]
  const { provider, mode, callbackURL: redirectUri, timeout, transactions, ttl } = settings
  const { phone, subject } = person
  const left = await inTime(timeout, ['leave', 'unavailable'], (signal) =>
    networkOf(settings).begin(questionOf(settings, phone, correlator, signal), { state, redirectUri }))
  if (left.status === 'unavailable') return { ...unavailable(left.reason), cause: left.cause, correlator } as Ending
  const transaction: Transaction = { provider: provider.id, mode, subject, phone, correlator, keep: left.keep }
  await transactions.begin(transaction, ttl, state)
  kept.add('pending', idOf(state))
  return { end: 'redirect', url: left.url, correlator }
}

/** Why there is no number to ask about. In mode `read` a user who is not known needs none. */
function numberRefusal({ settings: { mode }, person: { user, phone, isUnreadable } }: Login): Ending | undefined {
  if (phone !== undefined) return undefined
  if (user) return unavailable('no-number')
  if (mode === 'read') return undefined
  return fail(isUnreadable ? 'phone_invalid' : 'phone_missing')
}

/**
 * The names under which a login counts for `beginLimits`: the number in all its spellings, and the account with all its
 * numbers. A user who is not known could give another number each time, so the address of the request counts, too. It
 * counts first, so that one address cannot use up the budgets of many numbers.
 */
function countedOf({ req, person: { account, phone } }: Login): string[] {
  const whose = account === undefined ? `address ${req.ip ?? ''}` : `account ${account}`
  return phone === undefined ? [whose] : [whose, `number ${phone}`]
}

/** Parameters that a callback may have at most once (RFC 6749 §3.1). */
const singleParameters = ['code', 'error', 'iss']

/** What a callback comes to: an answer about the number that the login was begun for, or the end of it. */
export interface Answered {
  readonly answer: ProviderAnswer
  readonly transaction: Transaction
}

/**
 * Ends a login by its callback. The transaction is taken before it is checked, so that it cannot be tried twice.
 * A callback in another browser ends it, too: the provider has answered the wrong phone, and its answer must not be
 * carried over to the browser that began.
 */
export async function end(login: Login, parameters: URLSearchParams): Promise<Answered | Ending> {
  const { settings, kept, person } = login
  const [state, ...others] = parameters.getAll('state')
  if (others.length > 0 || !isHandle(state)) return fail('transaction_unknown')
  const isOfSession = kept.has('pending', idOf(state))
  if (isOfSession) kept.remove('pending', idOf(state))
  const transaction = await settings.transactions.take(state)
  const isRepeated = singleParameters.some((name) => parameters.getAll(name).length > 1)
  if (!isOfSession || isRepeated || transaction?.provider !== settings.provider.id) return fail('transaction_unknown')
  // Another user, or another number of the account than the one that was asked about.
  if (transaction.subject !== person.subject || transaction.mode !== settings.mode) return fail('transaction_unknown')
  const { phone, correlator, keep, mode } = transaction
  const returned = { parameters, state, redirectUri: settings.callbackURL, keep }
  const answer = await inTime(settings.timeout, answersOf(mode), (signal) =>
    networkOf(settings).end(questionOf(settings, phone, correlator, signal), returned))
  return { answer, transaction }
}

function questionOf(
  { mode, purpose }: Settings,
  phone: string | undefined,
  correlator: string,
  signal: AbortSignal,
): Question {
  return { mode, purpose, correlator, signal, ...mode === 'verify' && phone !== undefined && { phone } }
}

function networkOf({ provider: { id, network } }: Settings): NetworkWay {
  if (network) return network
  throw new NumberVerificationError('misconfigured', `The provider ${id} does not ask over the network.`)
}
