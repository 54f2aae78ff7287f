import { beginBackchannel, pollBackchannel } from '../protocol/backchannel.js'
import { interlock } from '../protocol/details.js'
import { encryptedHint } from '../protocol/encrypted-hint.js'
import { refused, type Identified, type Refused } from '../protocol/results.js'
import { isHandle } from '../protocol/transaction-handle.js'
import { fail, type Ending } from './ending.js'
import { isSamePurpose, purposeOf, questionOf, stricter, type Login } from './login.js'
import { seconds } from './outcome.js'
import { isUnreadable } from './person.js'
import { configuredOperator } from './redirect-login.js'

/** Beyond the call itself: what an answer needs to be read and checked. */
const READING_TIME = 1000

/** Rings the phone. */
export async function ring(login: Login): Promise<Ending> {
  const { settings, person: { loginHint, number }, options } = login
  if (loginHint === undefined || isUnreadable(login.person)) return fail('login_hint_missing')
  const found = await operatorFor(login)
  if (!found) return fail('operator_unknown')
  const question = await questionOf(login)
  const shown = options.bindingMessage && question.details === undefined && question.bindingMessage !== undefined ? question.bindingMessage : [interlock(), question.bindingMessage].filter((text) => text !== undefined).join(' ')
  const encrypted = number === undefined ? undefined : encryptedHint((await found.operator.connected()).metadata, found.subscriberId)
  const asked = { ...question, loginHint: encrypted ?? loginHint, bindingMessage: shown }
  const begun = await beginBackchannel(settings, found.operator, asked, purposeOf(login, asked), found.discovered)
  if (begun.status === 'throttled') return fail('begin_throttled', { retryAfter: seconds(begun.wait) })
  if (begun.status === 'refused') return fail(begun.code)
  await dropPrevious(login)
  keepHandle(login, begun.handle)
  const outcome = { bindingMessage: shown, expiresAt: begun.expiresAt }
  // Who keeps the handle may write both to a store: only JSON, so that instants read the same before and after.
  return { end: 'pass', outcome, info: { challenge: begun.handle, public: JSON.parse(JSON.stringify(outcome)) as object } }
}

/** Without a browser to send anywhere, a person can not be asked which operator is theirs. */
async function operatorFor(login: Login) {
  const { settings, person, options, req } = login
  if (!settings.discovery) {
    const operator = await configuredOperator(login)
    return operator && { operator, discovered: undefined, subscriberId: undefined }
  }
  const answer = await settings.discovery.find({ msisdn: person.number, ...await options.network?.(req) }, settings)
  if (answer.status !== 'found') return undefined
  return { operator: settings.operators.discovered(answer.operator), discovered: answer.operator, subscriberId: answer.subscriberId }
}

const keptHandle = ({ route, kept }: Login): unknown => (route.challenge === undefined ? kept.challenge : route.challenge)

/** A phone that was rung before in the same login confirms nothing any more. */
async function dropPrevious(login: Login): Promise<void> {
  const previous = keptHandle(login)
  if (isHandle(previous)) await login.settings.transactions.take(previous)
}

function keepHandle({ route, kept }: Login, handle: string | undefined): void {
  if (route.challenge === undefined) kept.challenge = handle
}

/** What has become of it: the operator is asked, or, when it was asked a moment ago, the person is. */
export async function askOutcome(login: Login): Promise<Ending | Identified> {
  const handle = keptHandle(login)
  if (!isHandle(handle)) return fail('transaction_unknown')
  const { settings, person } = login
  const claimed = await settings.transactions.claim(handle, settings.timeout + READING_TIME)
  if (claimed.status === 'early') return pending(claimed.wait)
  if (claimed.status === 'unknown') return endWithout(login, refused('transaction_unknown'))
  const { transaction, slowed } = claimed
  const isOurs = transaction.kind === 'backchannel' && isSamePurpose(login, transaction)
  if (!isOurs || transaction.subject !== person.subject) {
    // Whoever it belongs to need not wait for that.
    await settings.transactions.postpone(handle, 0)
    return fail(isOurs ? 'person_mismatch' : 'transaction_unknown')
  }
  const operator = settings.operators.of(transaction)
  if (!operator) return endWithout(login, refused('transaction_unknown'))
  const result = await pollBackchannel(settings, operator, { transaction: stricter(login, transaction), handle, slowed })
  if (result.status === 'pending') return pending(result.wait)
  if (result.status === 'refused') return endWithout(login, result)
  keepHandle(login, undefined)
  return result
}

function endWithout(login: Login, { code }: Refused): Ending {
  keepHandle(login, undefined)
  return fail(code)
}

const pending = (wait: number): Ending => fail('authorization_pending', { pending: true, retryAfter: seconds(wait) })
