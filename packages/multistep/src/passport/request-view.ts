import { Readable } from 'node:stream'
import { withParameter } from '../http/query.js'
import type { Request } from '../http/request.js'
import { MultistepError } from '../lib/errors.js'
import { userProperty } from '../http/user-property.js'

/** A request, and what a strategy finds in it otherwise than it came. */
export interface Viewed {
  readonly req: Request
  /** The person that the strategy finds as `req.user`. */
  readonly person: Express.User | undefined
  /** Whether it may read the query: only where another site's page sends the answer there. */
  readonly seesQuery: boolean
  /** What it finds as `req.body`: the request's own, but for codes, which are folded. */
  readonly body: unknown
  /** The method that it finds in the place of the request's. */
  readonly method?: 'GET' | 'POST'
  /** Parameters of query and body that it finds otherwise than they came; `undefined`: not at all. */
  readonly parameters?: Readonly<Record<string, string | undefined>>
}

/**
 * The request as a strategy sees it. The person of a pending login is here, and only here. The real request has no user
 * until the last step has passed, so nothing that looks at it later (timers, loggers, other handlers) can take a person
 * for logged in.
 */
export function viewOf(viewed: Viewed, fail: (error: unknown) => void): Request {
  const shown = shownOnly(viewed, fail)
  return new Proxy(viewed.req, {
    get(target, key) {
      if (Object.hasOwn(shown, key)) return shown[key]
      const value: unknown = Reflect.get(target, key, target)
      // A stream's methods keep their state on the stream itself.
      const isOfStream = typeof value === 'function' && key !== 'constructor' && key in Readable.prototype
      return isOfStream ? (value as () => unknown).bind(target) : value
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

/** What is on the view, and never on the request itself. */
function shownOnly(viewed: Viewed, fail: (error: unknown) => void): Record<string | symbol, unknown> {
  const { req, person, body, method, parameters = {} } = viewed
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
  if (viewed.seesQuery) Object.assign(shown, changedQuery(req, parameters))
  else Object.assign(shown, addressesOf(req, withoutQuery), { query: noQuery })
  // As Express 4 has it: strategies read fields of a body that was not sent.
  if (body !== req.body || body === undefined) shown.body = body ?? {}
  return Object.assign(shown, changedBody(body, parameters))
}

const noQuery = Object.freeze({})

type Changes = Readonly<Record<string, string | undefined>>

/** Strategies read the query where Express has parsed it, and in the address itself. */
function changedQuery(req: Request, parameters: Changes): Record<string, unknown> {
  const changes = changesOf(req.query, parameters)
  if (changes.length === 0) return {}
  const changedUrl = (url: string) =>
    changes.reduce((address, [name, value]) => withParameter(address, name, value), url)
  return { query: changed(req.query, changes), ...addressesOf(req, changedUrl) }
}

function changedBody(body: unknown, parameters: Changes): Record<string, unknown> {
  const changes = changesOf(body, parameters)
  return changes.length === 0 ? {} : { body: changed(body, changes) }
}

type Change = readonly [name: string, value: string | undefined]

/** The parameters that these values have. */
const changesOf = (values: unknown, parameters: Changes): readonly Change[] =>
  Object.entries(parameters).filter(([name]) => Object.hasOwn(values ?? {}, name))

const changed = (values: unknown, changes: readonly Change[]): object =>
  Object.fromEntries(
    Object.entries({ ...values as object, ...Object.fromEntries(changes) }).filter(([, value]) => value !== undefined),
  )

/** The address without its query and fragment. */
const withoutQuery = (url: string): string => url.split(/[?#]/, 1)[0] ?? ''

/** All places where a request's address can be read: its own, Express', and what `parseurl` has kept of either. */
const addressesOf = (req: Request, change: (url: string) => string): Record<string, unknown> => ({
  url: change(req.url ?? '/'),
  ...(req.originalUrl === undefined ? {} : { originalUrl: change(req.originalUrl) }),
  _parsedUrl: undefined,
  _parsedOriginalUrl: undefined,
})

const refuseLogin = (fail: (error: unknown) => void) => (...args: unknown[]): void => {
  const error = new MultistepError('login_inside_step', 'A verify callback called req.login or req.logout. '
    + 'Hand the person to done(null, user) instead: multistep logs in once every step has passed.')
  fail(error)
  const done = args.at(-1)
  if (typeof done === 'function') (done as (error: unknown) => void)(error)
}
