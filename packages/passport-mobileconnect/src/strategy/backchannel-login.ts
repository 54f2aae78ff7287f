import { beginBackchannel, pollBackchannel } from '../protocol/backchannel.js'
import type { Question } from '../protocol/authorization.js'
import { interlock } from '../protocol/details.js'
import { encryptedHint } from '../protocol/encrypted-hint.js'
import { refused, type Identified, type Refused } from '../protocol/results.js'
import { isHandle } from '#internal/transactions/transaction-handle'
import { wholeSeconds } from '#internal/retry-after'
import { fail, type Ending } from './ending.js'
import { isSamePurpose, purposeOf, questionOf, stricter, type Login } from './login.js'
import { isUnreadable } from './person.js'
import { configuredOperator, type FoundOperator } from './redirect-login.js'

/** Milliseconds to read and check an answer, beside the call itself. */
const READING_TIME = 1000

/** Begins a login: the operator rings the user's phone. */
export async function ring(login: Login): Promise<Ending> {
  const { loginHint } = login.person
  if (loginHint === undefined || isUnreadable(login.person)) return fail('login_hint_missing')
  const found = await operatorFor(login)
  if (!found) return fail('operator_unknown')
  const question = await questionOf(login)
  const bindingMessage = shownMessage(login, question)
  const asked = { ...question, loginHint: await encryptedFor(login, found) ?? loginHint, bindingMessage }
  const begun = await beginBackchannel(login.settings, found.operator, asked, purposeOf(login, asked), found.discovered)
  if (begun.status === 'throttled') return fail('begin_throttled', { retryAfter: wholeSeconds(begun.wait) })
  if (begun.status === 'refused') return fail(begun.code)
  await dropPrevious(login)
  keepHandle(login, begun.handle)
  const outcome = { bindingMessage, expiresAt: begun.expiresAt }
  // Plain JSON, because the caller may store it: the instant then reads the same before and after.
  const plain = JSON.parse(JSON.stringify(outcome)) as object
  return { end: 'pass', outcome, info: { challenge: begun.handle, public: plain } }
}

/** The text of both screens. It begins with the interlock, unless the app has a message of its own. */
function shownMessage({ options }: Login, { bindingMessage, details }: Question): string {
  const isAppsOwn = options.bindingMessage !== undefined && details === undefined
  if (isAppsOwn && bindingMessage !== undefined) return bindingMessage
  return [interlock(), bindingMessage].filter((text) => text !== undefined).join(' ')
}

async function encryptedFor({ person }: Login, { operator, subscriberId }: FoundOperator): Promise<string | undefined> {
  if (person.number === undefined) return undefined
  const { metadata } = await operator.connected()
  return encryptedHint(metadata, subscriberId)
}

/** A user without a browser to send anywhere cannot be asked which operator they have. */
async function operatorFor(login: Login): Promise<FoundOperator | undefined> {
  const { settings, person, options, req } = login
  if (!settings.discovery) {
    const operator = await configuredOperator(login)
    return operator && { operator }
  }
  const answer = await settings.discovery.find({ msisdn: person.number, ...await options.network?.(req) }, settings)
  if (answer.status !== 'found') return undefined
  const { operator: discovered, subscriberId } = answer
  return { operator: settings.operators.discovered(discovered), discovered, subscriberId }
}

/** The caller of `authenticate` may keep the handle itself. Otherwise the session keeps it. */
const keptHandle = ({ route, kept }: Login): unknown =>
  route.challenge === undefined ? kept.challenge : route.challenge

/** The last phone that rang in this login can no longer confirm it. */
async function dropPrevious(login: Login): Promise<void> {
  const previous = keptHandle(login)
  if (isHandle(previous)) await login.settings.transactions.take(previous)
}

function keepHandle({ route, kept }: Login, handle: string | undefined): void {
  if (route.challenge === undefined) kept.challenge = handle
}

/** Asks the operator for the outcome, unless it was asked a moment ago. */
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
    // The user whose transaction it is need not wait because of this request.
    await settings.transactions.postpone(handle, 0)
    return fail(isOurs ? 'person_mismatch' : 'transaction_unknown')
  }
  const operator = settings.operators.of(transaction)
  if (!operator) return endWithout(login, refused('transaction_unknown'))
  const result = await pollBackchannel(settings, operator, {
    transaction: stricter(login, transaction),
    handle,
    slowed,
  })
  if (result.status === 'pending') return pending(result.wait)
  if (result.status === 'refused') return endWithout(login, result)
  keepHandle(login, undefined)
  return result
}

function endWithout(login: Login, { code }: Refused): Ending {
  keepHandle(login, undefined)
  return fail(code)
}

const pending = (wait: number): Ending => fail('authorization_pending', { pending: true, retryAfter: wholeSeconds(wait) })
