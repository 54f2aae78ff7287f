import { Readable } from 'node:stream'
import { within } from '#internal/deadline'
import { MultistepError, problemOf } from '../lib/errors.js'
import { withParameter } from '../http/query.js'
import { userProperty, type Request, type Response } from '../http/request.js'
import { refusalIn } from './refusal.js'

/** What became of one run of a Passport strategy. */
export type Outcome =
  | { readonly type: 'success', readonly user: Express.User, readonly info: unknown }
  | { readonly type: 'fail', readonly info: unknown, readonly status: number | undefined }
  | { readonly type: 'redirect', readonly url: string }
  | { readonly type: 'pass', readonly info: unknown }
  | { readonly type: 'error', readonly error: unknown }
  /** The strategy ended the response itself. */
  | { readonly type: 'answered' }

/** A Passport strategy as Passport keeps it: a prototype, from which each request's is derived. */
export interface StrategyLike {
  authenticate(req: unknown, options: unknown): unknown
}

export interface Run {
  readonly strategy: StrategyLike
  readonly req: Request
  readonly res: Response
  /** Whom the strategy finds as `req.user`. */
  readonly person: Express.User | undefined
  readonly options: Readonly<Record<string, unknown>>
  /** Whether it may read the query: only where somebody else's page sends the answer there. */
  readonly seesQuery: boolean
  /** What it finds as `req.body`: the request's own, but for codes, which are folded. */
  readonly body: unknown
  /** The method that it finds in the place of the request's. */
  readonly method?: 'GET'
  /** Parameters of query and body that it finds otherwise than they came; `undefined`: not at all. */
  readonly parameters?: Readonly<Record<string, string | undefined>>
  /** Told what it ends the response with, before that is sent. */
  readonly answersWith?: (page: string) => void
  /** Milliseconds after which it counts as broken. */
  readonly deadline: number
}

/**
 * Runs one Passport strategy once, and settles once: whatever it says first counts, and what it says later, or throws, or rejects, does not.
 * Never rejects.
 */
export async function runStrategy(run: Run): Promise<Outcome> {
  const { res } = run
  let broken: Outcome | undefined
  let ended: () => void = () => {}
  const outcome = new Promise<Outcome>((resolve) => {
    ended = () => resolve({ type: 'answered' })
    const settle = (found: Outcome): void => {
      if (!res.headersSent) return resolve(found)
      // A strategy that has begun to answer has answered. Where it broke before the end, the end may still come, until
      // the deadline.
      if (found.type === 'error') broken = found
      else ended()
    }
    res.once('finish', ended)
    if (run.answersWith) tellEnd(res, run.answersWith)
    const fail = (error: unknown) => settle(brokenBy(error))
    try {
      Promise.resolve(derived(run.strategy, settle, fail).authenticate(viewOf(run, fail), { ...run.options })).catch(fail)
    } catch (error) {
      fail(error)
    }
  })
  const late = (): Error => new Error('The strategy gave no answer in time.')
  const found = await within(run.deadline, outcome, late)
    .catch((cause: unknown): Outcome => broken ?? { type: 'error', error: unavailable(cause) })
  res.off('finish', ended)
  return found
}

/** As Passport derives it, so that concurrent requests never share one. */
function derived(strategy: StrategyLike, settle: (outcome: Outcome) => void, fail: (error: unknown) => void): StrategyLike {
  const own = Object.create(strategy) as StrategyLike & Record<string, unknown>
  // Strategies keep what the app gave them to verify with among their own properties, call it for its `done`, and drop
  // what it returns: unwatched, a rejection of an `async` one would end the process, and leave the person waiting.
  for (const name of Object.keys(strategy)) {
    const callback = (strategy as unknown as Record<string, unknown>)[name]
    if (typeof callback === 'function') own[name] = watched(callback as () => unknown, fail)
  }
  return Object.assign(own, actions(settle))
}

/** A callback of the app whose promise, if it returns one, is not dropped when it rejects. */
export const watched = <T extends (...args: never[]) => unknown>(callback: T, fail: (error: unknown) => void): T => new Proxy(callback, {
  apply(target, self, args: Parameters<T>) {
    const returned: unknown = Reflect.apply(target, self, args)
    if (isPromise(returned)) returned.catch(fail)
    return returned
  },
})

/** A promise of any realm (tests run in one of their own); not any thenable, for some, such as a query, begin when they are watched. */
const isPromise = (value: unknown): value is Promise<unknown> => Object.prototype.toString.call(value) === '[object Promise]'

const unavailable = (cause: unknown) => new MultistepError('factor_unavailable', problemOf('factor_unavailable').message, { cause })

/** What Passport gives every strategy to answer by; here each only reports. */
const actions = (settle: (outcome: Outcome) => void) => ({
  success: (user: unknown, info?: unknown) => settle(user ? { type: 'success', user, info } : { type: 'fail', info, status: undefined }),
  fail: (info?: unknown, status?: unknown) =>
    settle(typeof info === 'number' ? { type: 'fail', info: undefined, status: info } : { type: 'fail', info, status: typeof status === 'number' ? status : undefined }),
  redirect: (url: unknown) => settle({ type: 'redirect', url: String(url) }),
  pass: (info?: unknown) => settle({ type: 'pass', info }),
  error: (error: unknown) => settle(brokenBy(error ?? new Error('The strategy reported an error without saying which.'))),
})

/** What an error is that a strategy reported or threw: broken, unless it refuses the person. */
function brokenBy(error: unknown): Outcome {
  const refusal = refusalIn(error)
  return refusal ? { type: 'fail', ...refusal } : { type: 'error', error }
}

/**
 * The request as a strategy sees it. The person of a pending login is here, and only here: the real request has no user until the last step
 * has passed, so nothing that looks at it later (timers, loggers, other handlers) can take somebody for logged in.
 */
function viewOf(run: Run, fail: (error: unknown) => void): Request {
  const shown = shownOnly(run, fail)
  return new Proxy(run.req, {
    get(target, key) {
      if (Object.hasOwn(shown, key)) return shown[key]
      const value: unknown = Reflect.get(target, key, target)
      // A stream's methods keep their state on the stream itself.
      return typeof value === 'function' && key !== 'constructor' && key in Readable.prototype ? (value as () => unknown).bind(target) : value
    },
    set(target, key, value) {
      // What cannot be written on the request, such as the `query` of Express 5, is kept for the strategy alone.
      if (Object.hasOwn(shown, key) || !Reflect.set(target, key, value, target)) shown[key] = value
      return true
    },
    defineProperty(target, key, descriptor) {
      if (!Object.hasOwn(shown, key)) return Reflect.defineProperty(target, key, descriptor)
      shown[key] = descriptor.value
      return true
    },
    deleteProperty(target, key) {
      if (!Object.hasOwn(shown, key)) return Reflect.deleteProperty(target, key)
      shown[key] = undefined
      return true
    },
    has: (target, key) => (Object.hasOwn(shown, key) ? shown[key] !== undefined : key in target),
  })
}

/** Once, and only what is sent in one piece, as `res.send` does. */
function tellEnd(res: Response, told: (page: string) => void): void {
  const original = Reflect.get(res, 'end') as (...args: unknown[]) => Response
  const end = (...args: unknown[]): Response => {
    Reflect.set(res, 'end', original)
    const [page] = args
    if (typeof page === 'string' || Buffer.isBuffer(page)) told(String(page))
    return Reflect.apply(original, res, args)
  }
  Reflect.set(res, 'end', end)
}

/** What is on the view, and never on the request itself. */
function shownOnly(run: Run, fail: (error: unknown) => void): Record<string | symbol, unknown> {
  const { req, person, body, method, parameters = {} } = run
  const logIn = refuseLogin(fail)
  const shown: Record<string | symbol, unknown> = {
    [userProperty(req)]: person,
    isAuthenticated: () => person !== undefined,
    isUnauthenticated: () => person === undefined,
    logIn,
    login: logIn,
    logOut: logIn,
    logout: logIn,
  }
  if (method) shown.method = method
  if (run.seesQuery) Object.assign(shown, changedQuery(req, parameters))
  else Object.assign(shown, addressesOf(req, withoutQuery), { query: noQuery })
  // As Express 4 has it: strategies read fields of a body that was not sent.
  if (body !== req.body || body === undefined) shown.body = body ?? {}
  return Object.assign(shown, changed('body', body, parameters))
}

const noQuery = Object.freeze({})

type Changes = Readonly<Record<string, string | undefined>>

/** Strategies read the query where Express has parsed it, and in the address itself. */
function changedQuery(req: Request, parameters: Changes): Record<string, unknown> {
  const own = changed('query', req.query, parameters)
  if (!('query' in own)) return {}
  return { ...own, ...addressesOf(req, (url) => Object.entries(parameters).reduce((address, [name, value]) => withParameter(address, name, value), url)) }
}

/** Those values with other parameters; nothing, where they have none of these. */
function changed(place: 'query' | 'body', values: unknown, parameters: Changes): Record<string, unknown> {
  const names = Object.keys(parameters).filter((name) => typeof values === 'object' && values !== null && Object.hasOwn(values, name))
  if (names.length === 0) return {}
  const others = Object.entries({ ...values as object, ...Object.fromEntries(names.map((name) => [name, parameters[name]])) })
  return { [place]: Object.fromEntries(others.filter(([, value]) => value !== undefined)) }
}

/** The address without its query and fragment. */
const withoutQuery = (url: string): string => url.split(/[?#]/, 1)[0] ?? ''

/** Every place where the address of a request can be read: its own, Express', and what `parseurl` has kept of either. */
const addressesOf = (req: Request, change: (url: string) => string): Record<string, unknown> => ({
  url: change(req.url ?? '/'),
  ...(req.originalUrl === undefined ? {} : { originalUrl: change(req.originalUrl) }),
  _parsedUrl: undefined,
  _parsedOriginalUrl: undefined,
})

const refuseLogin = (fail: (error: unknown) => void) => (...args: unknown[]): void => {
  const error = new MultistepError('login_inside_step', 'A verify callback called req.login or req.logout. Hand the person to done(null, user) instead: multistep logs in once every step has passed.')
  fail(error)
  const done = args.at(-1)
  if (typeof done === 'function') (done as (error: unknown) => void)(error)
}
