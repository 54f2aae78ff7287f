import type { DiscoveryAnswer, DiscoveryQuestion, DiscoveryReturn } from '../operators/discovery.js'
import type { OperatorOptions } from '../operators/operator-options.js'
import type { Operator } from '../operators/operator.js'
import { cameInFor } from '../protocol/callback-url.js'
import { encryptedHint } from '../protocol/encrypted-hint.js'
import { refused, type Identified, type Refused } from '../protocol/results.js'
import { beginRedirect, endRedirect } from '../protocol/redirect.js'
import { idOf, isHandle, newHandle } from '../protocol/transaction-handle.js'
import type { RedirectTransaction, SelectionTransaction } from '../protocol/transaction.js'
import { fail, type Ending } from './ending.js'
import { seconds } from './outcome.js'
import { isUnreadable } from './person.js'
import { isSamePurpose, purposeOf, questionOf, stricter, type Login } from './login.js'

/** Whose operator it is, and what is known of them there. */
export interface FoundOperator {
  readonly operator: Operator
  readonly discovered?: OperatorOptions
  readonly subscriberId?: string | undefined
}

/** Sends the person to their operator; or first to where they say which one it is. */
export async function begin(login: Login): Promise<Ending> {
  const { options, settings } = login
  if (isUnreadable(login.person)) return fail('login_hint_missing')
  if (!settings.discovery) {
    const operator = await configuredOperator(login)
    return operator ? beginAt(login, { operator }) : fail('operator_unknown')
  }
  const question = { msisdn: login.person.number, ...await (options.network ?? (({ ip }) => ({ sourceIp: ip })))(login.req) }
  const state = newHandle()
  const answer = await settings.discovery.find({ ...question, correlationId: state }, settings)
  return answer.status === 'select' ? sendToSelection(login, question, state, answer.url) : atFound(login, answer)
}

export async function configuredOperator({ req, options, settings: { operators } }: Login): Promise<Operator | undefined> {
  return options.chooseOperator ? operators.get(await options.chooseOperator(req)) : operators.all[0]
}

/** The exchange sends the `correlation_id` of its question back from the selection page: that is what binds it to this browser and this begin. */
async function sendToSelection(login: Login, question: DiscoveryQuestion, state: string, url: string): Promise<Ending> {
  const { settings: { transactions, ttl }, person: { subject }, route: { details, maxAge, levelOfAssurance, acrValues, prompt }, kept } = login
  const route = { details, maxAge, levelOfAssurance, acrValues, prompt }
  await transactions.begin({ kind: 'selection', subject, route, question }, ttl, state)
  kept.add('selecting', idOf(state))
  return { end: 'redirect', url }
}

/**
 * What comes back from the selection page names an operator, and nobody: whose phone rings is never taken from a browser that is on its way
 * back from another site. Who is not known yet gives their number at the operator.
 */
export async function afterSelection(login: Login, answer: DiscoveryReturn): Promise<Ending> {
  const { kept, settings } = login
  const { correlationId: state } = answer
  if (!isHandle(state) || !kept.has('selecting', idOf(state))) return fail('transaction_unknown')
  kept.remove('selecting', idOf(state))
  const transaction = await settings.transactions.take(state)
  if (transaction?.kind !== 'selection' || transaction.subject !== login.person.subject) return fail('transaction_unknown')
  if (answer.status === 'refused') return fail('user_refused')
  if (answer.status !== 'selected' || !settings.discovery) return fail('operator_unknown')
  const { mcc, mnc } = answer
  const found = await settings.discovery.find({ ...transaction.question, manually: undefined, selected: { mcc, mnc }, correlationId: state }, settings)
  // Asked to choose again, nobody would get any further. What the exchange knows of a network is nobody's number.
  return found.status === 'found' ? atFound(resumed(login, transaction), { ...found, subscriberId: undefined }) : fail('operator_unknown')
}

/** As it was begun: the route that the person comes back to is often another one, and asks for less. */
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
  // Rather encrypted than in the browser's history; and of a stranger, what the exchange says of their network address.
  const replaceable = asked.loginHint === undefined || login.person.number !== undefined
  const hint = replaceable ? encryptedHint((await operator.connected()).metadata, subscriberId) : undefined
  const question = { ...asked, ...hint !== undefined && { loginHint: hint } }
  const begun = await beginRedirect(login.settings, operator, question, purposeOf(login, question), discovered)
  if (begun.status === 'throttled') return fail('begin_throttled', { retryAfter: seconds(begun.wait) })
  if (begun.status === 'refused') return fail(begun.code)
  login.kept.add('pending', begun.id)
  return { end: 'redirect', url: begun.url }
}

/** What a callback must carry at most once (RFC 6749 §3.1). */
const singleParameters = ['state', 'code', 'error', 'iss', 'correlation_id']

/** From what came back to who it is. The transaction is taken before anything in it is believed, so that no second try ever sees it. */
export async function end(login: Login, parameters: URLSearchParams): Promise<Identified | Refused> {
  const { settings, kept } = login
  const states = parameters.getAll('state')
  const [state] = states
  // Not this session's: then it is somebody else's, and stays untouched.
  if (states.length !== 1 || !isHandle(state) || !kept.has('pending', idOf(state))) return refused('transaction_unknown')
  kept.remove('pending', idOf(state))
  const transaction = await settings.transactions.take(state)
  const repeated = singleParameters.some((name) => parameters.getAll(name).length > 1)
  if (transaction?.kind !== 'redirect' || repeated || !belongs(login, transaction)) return refused('transaction_unknown')
  if (transaction.subject !== login.person.subject) return refused('person_mismatch')
  const operator = settings.operators.of(transaction)
  return operator ? endRedirect(settings, operator, stricter(login, transaction), parameters) : refused('transaction_unknown')
}

const belongs = (login: Login, transaction: RedirectTransaction): boolean =>
  cameInFor(transaction.operator, login.settings.callbackURL, login.req.originalUrl) && isSamePurpose(login, transaction)
