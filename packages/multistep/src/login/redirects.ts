import { randomWord } from '../stores/keys.js'
import { MultistepError, problemOf } from '../lib/errors.js'
import { isPassedOn } from './passing-on.js'
import { namedRequirement, textIn, wantsHtml, type Request } from '../http/request.js'
import type { Factor } from '../factors/factor.js'
import { isOwnNavigation, isSameOrigin } from '../http/same-origin.js'
import { warnOnce } from '../lib/warn-once.js'
import type { StrategyLike } from '../passport/run-strategy.js'
import { keep, kept, type Mark, type Sent } from '../session/browser-session.js'
import { bringsBack, carriesAnswer, marked } from './redirect-mark.js'
import { aboutOf, type Begun, type Exchange } from './exchange.js'

/** One browser remembers this many redirects, which is more than a person has under way. */
const mostSent = 10

/**
 * What a request to a factor elsewhere is. It *begins* unless it brings the *answer* of a protocol, or the parameters
 * of a *link* that proves by itself, such as a mailed one. A post to the router's own path for beginning is never an
 * answer, even with an answer's fields.
 */
export type Arrival = 'begins' | 'answer' | 'link'

export function arrivalOf({ req, factor, pages }: Exchange): Arrival {
  if (factor?.redirects !== true) return 'begins'
  const isPost = req.method === 'POST'
  if (carriesAnswer(req) && !(isPost && pages?.callback === false)) return 'answer'
  const { for: _, factor: __, ...query } = { ...req.query as Record<string, unknown> | undefined }
  if (!isPost && Object.keys(query).length > 0) return 'link'
  return pages?.callback === true ? 'answer' : 'begins'
}

/**
 * What a request to a factor elsewhere belongs to. An answer counts only for what this browser began with its mark, and
 * only once. It counts in the same pending login or for the same requirement. So no person is brought into another
 * person's login, and a proof that was shown for one amount never opens another.
 * `'lost'`: this browser began nothing that the answer could belong to.
 * @throws MultistepError `requirement_ambiguous`, `flow_expired`.
 */
export function begunFor(
  exchange: Exchange, factor: Factor, strategy: StrategyLike, isLoggedIn: boolean,
): Begun | 'lost' {
  const arrival = arrivalOf(exchange)
  if (vouchesForItself(factor, strategy) && arrival !== 'begins') return begunByItself(exchange, factor, isLoggedIn)
  return arrival === 'answer' ? begunHere(exchange.req, factor, isLoggedIn) : { about: aboutOf(exchange.req) }
}

function begunHere(req: Request, factor: Factor, isLoggedIn: boolean): Begun | 'lost' {
  const id = namedRequirement(req)
  const { flow } = kept(req)
  const sent = sentBy(req, factor).find((one) => one.mark !== undefined && bringsBack(req, one.mark))
  if (!sent || (id !== undefined && sent.requirement !== id)) return 'lost'
  // A redirect that was begun for a requirement is not a step of any login.
  if (sent.requirement === undefined ? sent.flow !== flow : !isLoggedIn) return 'lost'
  forget(req, sent)
  return { about: sent.requirement === undefined ? 'login' : { id: sent.requirement }, sent }
}

/** The strategy's own `state` tells which begin an answer belongs to. Where it cannot be seen, only one may be open. */
function begunByItself({ req, pages }: Exchange, factor: Factor, isLoggedIn: boolean): Begun {
  const id = namedRequirement(req)
  const state = textIn(req.body, 'state') ?? textIn(req.query, 'state')
  const begun = begunWith(req, factor, state)
  const [first, ...others] = id === undefined ? begun : begun.filter(({ requirement }) => requirement === id)
  if (others.length > 0) throw new MultistepError('requirement_ambiguous', problemOf('requirement_ambiguous').message)
  if (first) {
    forget(req, first)
    return { about: first.requirement === undefined ? 'login' : { id: first.requirement }, sent: first }
  }
  if (id === undefined) return { about: state === undefined ? undefined : 'login' }
  const isSurely = pages?.callback === true || state !== undefined || begun.length > 0
  if (isSurely && isLoggedIn) {
    throw new MultistepError('flow_expired', 'This is the answer to something else. Go back to where you began.')
  }
  return { about: { id } }
}

/** The begins with this state, else those whose state could not be seen. A pushed request (RFC 9126) shows none. */
function begunWith(req: Request, factor: Factor, state: string | undefined): Sent[] {
  const sent = sentBy(req, factor)
  const exact = sent.filter(({ mark }) => mark?.state === state)
  return exact.length > 0 ? exact : sent.filter(({ mark }) => mark?.state === undefined)
}

const sentBy = (req: Request, { name }: Factor): readonly Sent[] =>
  (kept(req).sent ?? []).filter((one) => one.factor === name)

const forget = (req: Request, sent: Sent): void =>
  keep(req, { sent: (kept(req).sent ?? []).filter((one) => one !== sent) })

/**
 * Whether an answer came without our session, and may come once more with it. Browsers send no `SameSite` cookie with a
 * post from another site, and no strict one with any request from there.
 */
export function leftSessionBehind(exchange: Exchange, factor: Factor, strategy: StrategyLike): boolean {
  const { req } = exchange
  const { 'sec-fetch-site': site = 'cross-site' } = req.headers
  if (arrivalOf(exchange) !== 'answer' || !wantsHtml(req) || isPassedOn(req)) return false
  // A link may be followed in any browser.
  if (req.method === 'GET' && vouchesForItself(factor, strategy)) return false
  return (site === 'cross-site' || site === 'same-site') && Object.keys(kept(req)).length === 0
}

/** Whether another site may make this browser leave by this request: only with an answer to what was begun here. */
export const mayLeave = ({ context, req }: Exchange, { sent }: Begun): boolean => {
  const { origins } = context.settings
  return sent !== undefined || (req.method === 'POST' ? isSameOrigin(req, origins) : isOwnNavigation(req, origins))
}

/**
 * The answers of these strategies need no mark of ours: a mailed link may be followed in any browser, and Mobile
 * Connect's transactions bind their answers themselves.
 */
const vouching = new Set(['mobileconnect', 'magiclogin', 'magic-link', 'magiclink'])

const vouchesForItself = (factor: Factor, strategy: StrategyLike): boolean =>
  factor.ownState || vouching.has(factor.strategy) || vouching.has(String((strategy as { name?: unknown }).name))

/** These strategies were seen to leave with a mark of ours. They take no answer without one. */
const leaving = new WeakSet<StrategyLike>()

export const leavesMarked = (strategy: StrategyLike): boolean => leaving.has(strategy)

/**
 * The strategy's redirect, marked and remembered. A redirect to a path of this app is not marked: its strategy proves
 * there as a link does.
 * @throws MultistepError `misconfigured` where the answer could not be bound to this browser.
 */
export function leave(
  req: Request, factor: Factor, strategy: StrategyLike, url: string, requirement: string | undefined,
): string {
  if (!/^https?:/i.test(url) || !URL.canParse(url)) return url
  if (vouchesForItself(factor, strategy)) {
    const state = new URL(url).searchParams.get('state')
    remember(req, factor, requirement, state === null ? undefined : { state })
    return url
  }
  const found = marked(url, randomWord())
  if (!found) throw unbound(factor)
  leaving.add(strategy)
  remember(req, factor, requirement, found.mark)
  return found.url
}

/** Remembers that a strategy leaves by a page of its own, such as SAML's form. */
export function leaveByPage(
  req: Request, factor: Factor, strategy: StrategyLike, mark: Mark | undefined, requirement: string | undefined,
): void {
  if (mark === undefined || vouchesForItself(factor, strategy)) return
  leaving.add(strategy)
  remember(req, factor, requirement, mark)
}

function unbound({ name }: Factor): MultistepError {
  const words = `the strategy of '${name}' leaves with a signed or pushed request, beside which no state counts, so `
    + `multistep cannot tell this browser's answer from one that another person slipped to it (login CSRF), and it `
    + `does not begin. If the strategy checks that itself, say so: factors: { '${name}': { state: 'own' } }.`
  warnOnce([words])
  return new MultistepError('misconfigured', `multistep: ${words}`)
}

/** Warns once. An answer without any mark comes from an attacker, or the other site repeats no `state`. */
export const warnOfLost = ({ name }: Factor): void => warnOnce([
  `an answer for '${name}' brought back nothing that this browser was sent away with, and was refused. If that happens `
  + 'to people who began here, the other site repeats no state: where the strategy itself binds its answers to the '
  + `browser, say so with factors: { '${name}': { state: 'own' } }.`,
])

function remember(req: Request, factor: Factor, requirement: string | undefined, mark: Mark | undefined): void {
  const { flow } = kept(req)
  const one: Sent = {
    factor: factor.name,
    ...(mark ? { mark } : {}),
    ...purposeOf(requirement, flow),
  }
  const same = (other: Sent): boolean =>
    other.factor === one.factor && other.mark?.state === one.mark?.state && other.requirement === one.requirement
  const others = (kept(req).sent ?? []).filter((other) => mark?.request !== undefined || !same(other))
  keep(req, { sent: [...others, one].slice(-mostSent) })
}

/** A login that begins anew stands beside the pending one until it has its first proof. */
function purposeOf(requirement: string | undefined, flow: string | undefined): Pick<Sent, 'requirement' | 'flow'> {
  if (requirement !== undefined) return { requirement }
  return flow === undefined ? {} : { flow }
}
