import { loginOf } from '../context.js'
import type { Exchange } from '../http/reply.js'
import { MultistepError } from '../errors.js'
import type { Request } from '../http/request.js'
import type { Factor } from '../policy/factors.js'
import { problemOf } from '../problem.js'
import { keep, kept, type Sent } from './login-session.js'
import type { Position } from './position.js'
import { namedIn } from './step-up-position.js'

/** More than anybody has under way. */
const mostSent = 10

/**
 * Which requirement a factor elsewhere was asked to prove: remembered, because whoever comes back from there names none. Only where somebody is
 * logged in; a login that begins has nothing to confuse it with.
 */
export function rememberRedirect(req: Request, factor: Factor, url: string, { login, requirement }: Position): void {
  if (!login) return
  const state = URL.canParse(url) ? new URL(url).searchParams.get('state') : null
  const one: Sent = { factor: factor.name, ...(state === null ? {} : { state }), ...(requirement ? { requirement: requirement.id } : {}) }
  const others = (kept(req).sent ?? []).filter((other) => other.factor !== one.factor || other.state !== one.state || other.requirement !== one.requirement)
  keep(req, { sent: [...others, one].slice(-mostSent) })
}

/**
 * The requirement that a post, or the answer of a factor elsewhere, is for. `'login'`: for none; `undefined`: it does not say. An answer belongs to
 * what was begun with its `state`, and where there is none to the only thing begun with that factor, so that what was shown for one amount never
 * opens another: not even where whoever comes back names that one.
 * @throws MultistepError `requirement_ambiguous`, `flow_expired`.
 */
export function requirementOf(exchange: Exchange, factor: Factor): { readonly id: string } | 'login' | undefined {
  const { context, req, pages } = exchange
  const id = namedIn(req)
  if (!factor.redirects || !isAnswer(exchange)) return id === undefined ? undefined : { id }
  const state = stateIn(req)
  const begun = begunWith(req, factor, state)
  const [first, ...others] = id === undefined ? begun : begun.filter(({ requirement }) => requirement === id)
  if (others.length > 0) throw new MultistepError('requirement_ambiguous', problemOf('requirement_ambiguous').message)
  if (first) {
    keep(req, { sent: (kept(req).sent ?? []).filter((one) => one !== first) })
    return first.requirement === undefined ? 'login' : { id: first.requirement }
  }
  if (id === undefined) return state === undefined ? undefined : 'login'
  const isSurely = pages?.callback === true || state !== undefined || begun.length > 0
  if (isSurely && loginOf(context, req)) throw new MultistepError('flow_expired', 'This is the answer to something else. Go back to where you began.')
  return { id }
}

/** With this state; else what was begun without one that could be seen: a pushed request (RFC 9126) shows none. */
function begunWith(req: Request, { name }: Factor, state: string | undefined): Sent[] {
  const sent = (kept(req).sent ?? []).filter((one) => one.factor === name)
  const exact = sent.filter((one) => one.state === state)
  return exact.length > 0 ? exact : sent.filter((one) => one.state === undefined)
}

/** Whether this request comes back from elsewhere, and does not begin. */
function isAnswer({ req, pages }: Exchange): boolean {
  if (pages?.callback === true || stateIn(req) !== undefined) return true
  const { for: _, factor: __, ...query } = { ...req.query as Record<string, unknown> | undefined }
  return req.method === 'GET' ? Object.keys(query).length > 0 : typeof (req.body as Record<string, unknown> | undefined)?.SAMLResponse === 'string'
}

const stateIn = (req: Request): string | undefined =>
  [req.body, req.query].map((values: unknown) => (values as Record<string, unknown> | undefined)?.state).find((state) => typeof state === 'string')
