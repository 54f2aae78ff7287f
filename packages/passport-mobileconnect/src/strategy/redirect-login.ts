import type { DiscoveryAnswer, DiscoveryQuestion, DiscoveryReturn } from '../operators/discovery.js'
import type { OperatorOptions } from '../operators/operator-options.js'
import type { Operator } from '../operators/operator.js'
import { cameInFor } from '../protocol/callback-url.js'
import { encryptedHint } from '../protocol/encrypted-hint.js'
import { refused, type Identified, type Refused } from '../protocol/results.js'
import { beginRedirect, endRedirect } from '../protocol/redirect.js'
import { idOf, isHandle } from '../protocol/seal.js'
import type { RedirectTransaction } from '../protocol/transaction.js'
import { fail, type Ending } from './ending.js'
import { isSamePurpose, purposeOf, questionOf, stricter, type Login } from './login.js'

/** Whose operator it is, and what is known of them there. */
export interface FoundOperator {
  readonly operator: Operator
  readonly discovered?: OperatorOptions
  readonly subscriberId?: string | undefined
  readonly loginHintToken?: string | undefined
}

/** Sends the person to their operator; or first to where they say which one it is. */
export async function begin(login: Login): Promise<Ending> {
  const { options, settings } = login
  if (!settings.discovery) {
    const operator = await configuredOperator(login)
    return operator ? beginAt(login, { operator }) : fail('operator_unknown')
  }
  const question = { msisdn: login.person.number, ...await (options.network ?? (({ ip }) => ({ sourceIp: ip })))(login.req) }
  const answer = await settings.discovery.find(question, settings)
  return answer.status === 'select' ? select(login, question, answer.url) : atFound(login, answer)
}

export async function configuredOperator({ req, options, settings: { operators } }: Login): Promise<Operator | undefined> {
  return options.chooseOperator ? operators.get(await options.chooseOperator(req)) : operators.all[0]
}

async function select(login: Login, question: DiscoveryQuestion, url: string): Promise<Ending> {
  const { settings: { transactions, ttl }, person: { subject }, route: { details, maxAge }, kept } = login
  kept.add('selecting', await transactions.begin({ kind: 'selection', subject, details, maxAge, question }, ttl))
  return { end: 'redirect', url }
}

/** The selection page sends no state back: what binds its return to this browser is the session alone, and once. */
export async function returned(login: Login, answer: DiscoveryReturn): Promise<Ending> {
  const { kept, settings } = login
  const handle = kept.lastSelecting
  if (handle === undefined) return fail('transaction_unknown')
  kept.remove('selecting', handle)
  const transaction = isHandle(handle) ? await settings.transactions.take(handle) : undefined
  if (transaction?.kind !== 'selection' || transaction.subject !== login.person.subject) return fail('transaction_unknown')
  if (answer.status === 'refused') return fail('user_refused')
  if (answer.status !== 'selected' || !settings.discovery) return fail('operator_unknown')
  const { mcc, mnc, subscriberId, loginHintToken, correlationId } = answer
  const found = await settings.discovery.find({ ...transaction.question, manually: undefined, selected: { mcc, mnc }, correlationId }, settings)
  const { details, maxAge } = transaction
  const resumed = { ...login, route: { ...login.route, ...details && { details }, ...maxAge !== undefined && { maxAge } } }
  // Asked to choose again, nobody would get any further.
  if (found.status !== 'found') return fail('operator_unknown')
  // About somebody who is known, the page is not asked: whoever has only their password would name a phone of their own.
  const known = login.person.user !== undefined || login.person.loginHint !== undefined
  return known ? atFound(resumed, found) : atFound(resumed, { ...found, subscriberId: found.subscriberId ?? subscriberId }, loginHintToken)
}

function atFound(login: Login, answer: DiscoveryAnswer, loginHintToken?: string): Promise<Ending> | Ending {
  if (answer.status !== 'found') return fail('operator_unknown')
  const { operator: discovered, subscriberId } = answer
  return beginAt(login, { operator: login.settings.operators.discovered(discovered), discovered, subscriberId, loginHintToken })
}

async function beginAt(login: Login, { operator, discovered, subscriberId, loginHintToken }: FoundOperator): Promise<Ending> {
  const asked = await questionOf(login)
  // Rather encrypted than in the browser's history; and of a stranger, whatever the network or the selection page knows.
  const replaceable = asked.loginHint === undefined || login.person.number !== undefined
  const hint = replaceable ? encryptedHint((await operator.connected()).metadata, subscriberId) : undefined
  const question = { ...asked, ...hint !== undefined && { loginHint: hint }, ...loginHintToken !== undefined && { loginHintToken } }
  const begun = await beginRedirect(login.settings, operator, question, purposeOf(login), discovered)
  if (begun.status === 'refused') return fail(begun.code)
  login.kept.add('pending', begun.id)
  return { end: 'redirect', url: begun.url }
}

/** What a callback must carry at most once (RFC 6749 §3.1). */
const single = ['state', 'code', 'error', 'iss', 'correlation_id']

/** From what came back to who it is. The transaction is taken before anything in it is believed, so that no second try ever sees it. */
export async function end(login: Login, parameters: URLSearchParams): Promise<Identified | Refused> {
  const { settings, kept } = login
  const states = parameters.getAll('state')
  const [state] = states
  // Not this session's: then it is somebody else's, and stays untouched.
  if (states.length !== 1 || !isHandle(state) || !kept.has(idOf(state))) return refused('transaction_unknown')
  kept.remove('pending', idOf(state))
  const transaction = await settings.transactions.take(state)
  const repeated = single.some((name) => parameters.getAll(name).length > 1)
  if (transaction?.kind !== 'redirect' || repeated || !belongs(login, transaction)) return refused('transaction_unknown')
  if (transaction.subject !== login.person.subject) return refused('person_mismatch')
  const operator = settings.operators.of(transaction)
  return operator ? endRedirect(settings, operator, stricter(login, transaction), parameters) : refused('transaction_unknown')
}

const belongs = (login: Login, transaction: RedirectTransaction): boolean =>
  cameInFor(transaction.operator, login.settings.callbackURL, login.req.originalUrl) && isSamePurpose(login, transaction)
