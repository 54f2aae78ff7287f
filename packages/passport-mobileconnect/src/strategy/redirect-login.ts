import type { DiscoveryAnswer, DiscoveryQuestion, DiscoveryReturn } from '../operators/discovery.js'
import type { OperatorOptions } from '../operators/operator-options.js'
import type { Operator } from '../operators/operator.js'
import { cameInFor } from '../protocol/callback-url.js'
import { encryptedHint } from '../protocol/encrypted-hint.js'
import { refused, type Identified, type Refused } from '../protocol/results.js'
import { beginRedirect, endRedirect } from '../protocol/redirect.js'
import { idOf, isHandle, newHandle } from '#internal/transactions/transaction-handle'
import { wholeSeconds } from '#internal/retry-after'
import type { RedirectTransaction, SelectionTransaction } from '../protocol/transaction.js'
import { endSilently, isSilentLogin } from './silent-login.js'
import { fail, type Ending } from './ending.js'
import { isUnreadable } from './person.js'
import { isSamePurpose, purposeOf, questionOf, stricter, type Login } from './login.js'

/** The operator of the user, and what discovery knows about the user there. */
export interface FoundOperator {
  readonly operator: Operator
  readonly discovered?: OperatorOptions
  readonly subscriberId?: string | undefined
}

/** Sends the user to their operator, or first to the operator-selection page. */
export async function begin(login: Login): Promise<Ending> {
  const { options, settings } = login
  if (isUnreadable(login.person)) return fail('login_hint_missing')
  if (!settings.discovery) {
    const operator = await configuredOperator(login)
    return operator ? beginAt(login, { operator }) : fail('operator_unknown')
  }
  const network = options.network ? await options.network(login.req) : { sourceIp: login.req.ip }
  const question = { msisdn: login.person.number, ...network }
  const state = newHandle()
  const answer = await settings.discovery.find({ ...question, correlationId: state }, settings)
  if (answer.status !== 'select') return atFound(login, answer)
  return isSilentLogin(login) ? fail('unavailable') : sendToSelection(login, question, state, answer.url)
}

export async function configuredOperator({ req, options, settings }: Login): Promise<Operator | undefined> {
  const { operators } = settings
  return options.chooseOperator ? operators.get(await options.chooseOperator(req)) : operators.all[0]
}

/**
 * `state` is the `correlation_id`, which the selection page brings back. It binds the return to this browser and login.
 */
async function sendToSelection(
  login: Login,
  question: DiscoveryQuestion,
  state: string,
  url: string,
): Promise<Ending> {
  const { settings: { transactions, ttl }, person: { subject }, kept } = login
  const { details, maxAge, levelOfAssurance, acrValues, prompt } = login.route
  const route = { details, maxAge, levelOfAssurance, acrValues, prompt }
  await transactions.begin({ kind: 'selection', subject, route, question }, ttl, state)
  kept.add('selecting', idOf(state))
  return { end: 'redirect', url }
}

/**
 * Goes on after the operator-selection page. The return names a network, and no user: a browser that comes back from
 * another site must not say whose phone rings. A user who is not known yet gives their number at the operator.
 */
export async function afterSelection(login: Login, answer: DiscoveryReturn): Promise<Ending> {
  const { kept, settings } = login
  const { correlationId: state } = answer
  if (!isHandle(state) || !kept.has('selecting', idOf(state))) return fail('transaction_unknown')
  kept.remove('selecting', idOf(state))
  const transaction = await settings.transactions.take(state)
  const isOurs = transaction?.kind === 'selection' && transaction.subject === login.person.subject
  if (!isOurs) return fail('transaction_unknown')
  if (answer.status === 'refused') return fail('user_refused')
  if (answer.status !== 'selected' || !settings.discovery) return fail('operator_unknown')
  const { mcc, mnc } = answer
  // With `manually` the service would send the user to the selection page again.
  const question = { ...transaction.question, manually: undefined, selected: { mcc, mnc }, correlationId: state }
  const found = await settings.discovery.find(question, settings)
  if (found.status !== 'found') return fail('operator_unknown')
  // The question named a network alone, so the answer's number cannot be this user's.
  return atFound(resumed(login, transaction), { ...found, subscriberId: undefined })
}

/** Restores the options of the route that began the login: the route of the return often asks for less. */
function resumed(login: Login, { route: begun }: SelectionTransaction): Login {
  const asked = Object.fromEntries(Object.entries(begun).filter(([, value]) => value !== undefined))
  const { levelOfAssurance, acrValues, ...rest } = login.route
  const acr = 'levelOfAssurance' in asked || 'acrValues' in asked ? {} : { levelOfAssurance, acrValues }
  return { ...login, route: { ...rest, ...acr, ...asked } }
}

function atFound(login: Login, answer: DiscoveryAnswer): Promise<Ending> | Ending {
  if (answer.status !== 'found') return fail('operator_unknown')
  const { operator: discovered, subscriberId } = answer
  return beginAt(login, { operator: login.settings.operators.discovered(discovered), discovered, subscriberId })
}

async function beginAt(login: Login, { operator, discovered, subscriberId }: FoundOperator): Promise<Ending> {
  const asked = await questionOf(login)
  // An encrypted number stays out of the browser's history. For a user who is not known, discovery may know the number
  // of their network address.
  const replaceable = asked.loginHint === undefined || login.person.number !== undefined
  const hint = replaceable ? encryptedHint((await operator.connected()).metadata, subscriberId) : undefined
  const question = { ...asked, ...hint !== undefined && { loginHint: hint } }
  const begun = await beginRedirect(login.settings, operator, question, purposeOf(login, question), discovered)
  if (begun.status === 'throttled') return fail('begin_throttled', { retryAfter: wholeSeconds(begun.wait) })
  if (begun.status === 'refused') return fail(begun.code)
  login.kept.add('pending', begun.id)
  return { end: 'redirect', url: begun.url }
}

/** Parameters that a callback may have at most once (RFC 6749 §3.1). */
const singleParameters = ['state', 'code', 'error', 'iss', 'correlation_id']

/** Ends a login by its callback. The transaction is taken before it is checked, so that it cannot be tried twice. */
export async function end(login: Login, parameters: URLSearchParams): Promise<Identified | Refused> {
  const { settings, kept } = login
  const states = parameters.getAll('state')
  const [state] = states
  // The transaction of another session stays untouched.
  if (states.length !== 1 || !isHandle(state) || !kept.has('pending', idOf(state))) {
    return refused('transaction_unknown')
  }
  kept.remove('pending', idOf(state))
  const transaction = await settings.transactions.take(state)
  const repeated = singleParameters.some((name) => parameters.getAll(name).length > 1)
  if (transaction?.kind !== 'redirect' || repeated || !belongs(login, transaction)) {
    return refused('transaction_unknown')
  }
  if (transaction.subject !== login.person.subject) return refused('person_mismatch')
  const operator = settings.operators.of(transaction)
  if (!operator) return refused('transaction_unknown')
  const answer = () => endRedirect(settings, operator, stricter(login, transaction), parameters)
  return transaction.silent === true ? endSilently(settings.timeout, answer) : answer()
}

const belongs = (login: Login, transaction: RedirectTransaction): boolean =>
  cameInFor(transaction.operator, login.settings.callbackURL, login.req.originalUrl)
  && isSamePurpose(login, transaction)
