import { countBegin } from '#internal/transactions/begin-limits'
import { idOf, isHandle } from '#internal/transactions/transaction-handle'
import type { ProviderAnswer, Unavailable } from '../providers/provider.js'
import type { Arrival } from './arrival.js'
import { answersOf, inTime } from './ask-provider.js'
import { fail, type Ending } from './ending.js'
import type { Login } from './login.js'
import { appOf, askWallet, networkOf, operatorTokenOf, questionOf, takeNextWay } from './login-ways.js'
import { isMadeFor } from './presented-token.js'
import type { Stage, Transaction } from './transaction.js'
import { isAsking } from './wallet-page.js'

/** What a callback comes to: an answer about the number that the login was begun for, or the end of it. */
export interface Answered {
  readonly answer: Exclude<ProviderAnswer, Unavailable>
  readonly transaction: Transaction
}

type Comeback = Exclude<Arrival, { readonly type: 'begin' }>

/**
 * Ends a login, or goes on in it. The transaction is taken before it is checked, so that it cannot be tried twice.
 * A callback in another browser ends it, too: the provider has answered the wrong phone, and its answer must not be
 * carried over to the browser that began.
 */
export async function end(login: Login, arrival: Comeback): Promise<Answered | Ending> {
  const [state, ...others] = arrival.states
  if (others.length > 0 || !isHandle(state)) return fail('transaction_unknown')
  const transaction = await takeOwn(login, arrival, state)
  if (!transaction) return fail('transaction_unknown')
  const learned = await learnedBy(login, { arrival, state, transaction })
  if ('end' in learned) return learned
  if (learned.status === 'unavailable') return takeNextWay(login, transaction, learned)
  return { answer: learned, transaction }
}

/** Parameters that a callback may have at most once (RFC 6749 §3.1). */
const singleParameters = ['code', 'error', 'iss']

/** Another user's, or one for another number of the account than is there now, is nobody's any more. */
async function takeOwn(login: Login, arrival: Comeback, state: string): Promise<Transaction | undefined> {
  const { settings, kept, person } = login
  const isOfSession = kept.has('pending', idOf(state))
  if (isOfSession) kept.remove('pending', idOf(state))
  const transaction = await settings.transactions.take(state)
  const isRepeated = arrival.type === 'callback'
    && singleParameters.some((name) => arrival.parameters.getAll(name).length > 1)
  if (!isOfSession || isRepeated || transaction?.provider !== settings.provider.id) return undefined
  return transaction.subject === person.subject && transaction.mode === settings.mode ? transaction : undefined
}

interface Back {
  readonly arrival: Comeback
  readonly state: string
  readonly transaction: Transaction
}

const notOurs: ProviderAnswer = { status: 'not ours' }
const withoutWallet: ProviderAnswer = { status: 'unavailable', reason: 'no-wallet' }

function learnedBy(login: Login, back: Back): Promise<ProviderAnswer | Ending> | ProviderAnswer {
  const { arrival, transaction } = back
  const { stage } = transaction
  if (arrival.type === 'presented') {
    const { presented: { to, text } } = arrival
    if (stage.at !== to || text === undefined) return notOurs
    return stage.at === 'wallet' ? exchange(login, transaction, stage, text) : prove(login, transaction, stage, text)
  }
  switch (stage.at) {
    case 'network': return returned(login, back, stage, arrival.parameters)
    case 'page': return isAsking(arrival.parameters) ? askWallet(login, transaction) : withoutWallet
    case 'wallet': return withoutWallet
    case 'app': return { status: 'unavailable', reason: 'no-proof' }
    case 'passed': return { status: 'unavailable', reason: stage.reason }
  }
}

function returned(
  { settings }: Login,
  { state, transaction }: Back,
  { keep }: Extract<Stage, { at: 'network' }>,
  parameters: URLSearchParams,
): Promise<ProviderAnswer> {
  const { callbackURL: redirectUri, timeout } = settings
  return inTime<ProviderAnswer>(timeout, answersOf(transaction.mode), (signal) =>
    networkOf(settings).end(questionOf(settings, transaction, signal), { parameters, state, redirectUri, keep }))
}

/** A token that was made for another login is refused before the provider is asked: it would take it. */
async function exchange(
  { settings }: Login,
  transaction: Transaction,
  { nonce, keep }: Extract<Stage, { at: 'wallet' }>,
  token: string,
): Promise<ProviderAnswer> {
  if (!isMadeFor(nonce, token)) return notOurs
  return inTime<ProviderAnswer>(settings.timeout, answersOf(transaction.mode), (signal) =>
    operatorTokenOf(settings).end(questionOf(settings, transaction, signal), { nonce, token, keep }))
}

const DAY = 24 * 60 * 60 * 1000

function prove(
  { settings }: Login,
  transaction: Transaction,
  { keep }: Extract<Stage, { at: 'app' }>,
  proof: string,
): Promise<ProviderAnswer> {
  const { timeout, transactions, provider: { id } } = settings
  const once = async (name: string): Promise<boolean> =>
    await countBegin(transactions, [{ limit: 1, window: DAY }], [`proof ${id} ${name}`]) === undefined
  return inTime<ProviderAnswer>(timeout, answersOf(transaction.mode), (signal) =>
    appOf(settings).end(questionOf(settings, transaction, signal), { proof, keep, once }))
}
