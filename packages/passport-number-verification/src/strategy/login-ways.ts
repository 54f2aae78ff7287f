import { randomBytes } from 'node:crypto'
import { idOf, newHandle } from '#internal/transactions/transaction-handle'
import { NumberVerificationError } from '../errors.js'
import type { AppWay, NetworkWay, OperatorTokenWay, Question, Unavailable } from '../providers/provider.js'
import { inTime } from './ask-provider.js'
import { unavailable, type Ending } from './ending.js'
import type { Login } from './login.js'
import type { Settings } from './read-options.js'
import type { Stage, Transaction } from './transaction.js'
import { appAddress, languageOf, pageAddress, walletRequest } from './wallet-page.js'

/** What stays the same of one login in all its ways, and the ways that are left. */
export type Course = Pick<Transaction, 'subject' | 'phone' | 'correlator' | 'rest'>

/**
 * Goes on to the next way, in the same answer: nobody has to click for it.
 * @param learned why the last one has learned nothing, which is the answer where no way is left
 */
export async function takeNextWay(
  login: Login,
  course: Course,
  learned: Pick<Unavailable, 'reason' | 'cause'>,
): Promise<Ending> {
  const [way, ...rest] = course.rest
  const { correlator } = course
  if (way === undefined) return { ...unavailable(learned.reason), cause: learned.cause, correlator } as Ending
  const next = { ...course, rest }
  switch (way) {
    case 'network': return leave(login, next)
    case 'operator-token': return offerWallet(login, next)
    case 'app': return askApp(login, next)
  }
}

/** Sends the browser to the provider, over whose network it may be known. */
async function leave(login: Login, course: Course): Promise<Ending> {
  const { settings } = login
  const state = newHandle()
  const leaving = { state, redirectUri: settings.callbackURL }
  const left = await inTime(settings.timeout, ['leave', 'unavailable'], (signal) =>
    networkOf(settings).begin(questionOf(settings, course, signal), leaving))
  if (left.status === 'unavailable') return takeNextWay(login, course, left)
  await keep(login, course, state, { at: 'network', keep: left.keep })
  return { end: 'redirect', url: left.url, correlator: course.correlator }
}

/**
 * Leaves it to the page to ask for a request, because only the browser knows whether it has a wallet: the provider is
 * asked for nobody else, and a browser without one goes on at once.
 */
const offerWallet = (login: Login, course: Course): Promise<Ending> => toPage(login, course, { at: 'page' })

async function toPage(login: Login, course: Course, stage: Stage, request?: object): Promise<Ending> {
  const state = newHandle()
  await keep(login, course, state, stage)
  const url = pageAddress(login.settings.callbackURL, state, request)
  return { end: 'redirect', url, correlator: course.correlator }
}

/** Gives the page its request to the wallet. Where the provider has none, the browser goes on from the page. */
export async function askWallet(login: Login, course: Course): Promise<Ending> {
  const { req, settings } = login
  const nonce = randomBytes(32).toString('base64url')
  const asked = await inTime(settings.timeout, ['ask', 'unavailable'], (signal) =>
    operatorTokenOf(settings).begin(questionOf(settings, course, signal), { nonce, lang: languageOf(req) }))
  if (asked.status === 'unavailable') return toPage(login, course, { at: 'passed', reason: asked.reason })
  return toPage(login, course, { at: 'wallet', nonce, keep: asked.keep }, walletRequest(nonce, asked.credential))
}

/** Tells the app's software on the phone what to do. A client that follows the address instead goes on without it. */
async function askApp(login: Login, course: Course): Promise<Ending> {
  const { settings } = login
  const task = await inTime(settings.timeout, ['prove', 'unavailable'], (signal) =>
    appOf(settings).begin(questionOf(settings, course, signal)))
  if (task.status === 'unavailable') return takeNextWay(login, course, task)
  const state = newHandle()
  await keep(login, course, state, { at: 'app', keep: task.keep })
  return { end: 'redirect', url: appAddress(settings.callbackURL, state, task.url), correlator: course.correlator }
}

async function keep({ settings, kept }: Login, course: Course, state: string, stage: Stage): Promise<void> {
  const { provider, mode, transactions, ttl } = settings
  const { subject, phone, correlator, rest } = course
  await transactions.begin({ provider: provider.id, mode, subject, phone, correlator, rest, stage }, ttl, state)
  kept.add('pending', idOf(state))
}

export function questionOf(
  { mode, purpose }: Settings,
  { phone, correlator }: Course,
  signal: AbortSignal,
): Question {
  return { mode, purpose, correlator, signal, ...mode === 'verify' && phone !== undefined && { phone } }
}

export function networkOf({ provider: { id, network } }: Settings): NetworkWay {
  if (network) return network
  throw new NumberVerificationError('misconfigured', `The provider ${id} does not ask over the network.`)
}

export function operatorTokenOf({ provider: { id, operatorToken } }: Settings): OperatorTokenWay {
  if (operatorToken) return operatorToken
  throw new NumberVerificationError('misconfigured', `The provider ${id} does not take operator tokens.`)
}

export function appOf({ provider: { id, app } }: Settings): AppWay {
  if (app) return app
  throw new NumberVerificationError('misconfigured', `The provider ${id} takes no proof of an app.`)
}
