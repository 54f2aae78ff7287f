// The floor: a two-step login with the guarantees of multistep and passport-sms-otp, written flat for one policy, a
// password and then a texted code. It says what the guarantees cost at the least, over the packages' own stores, so
// that what an engine for any policy adds is seen beside it.
//
// It keeps (ids of the security requirements behind each):
// - Nobody is logged in before the last step: no user, no login in the session (R-40, R-41, F-01).
// - A strategy sees a request without a login and without a query, and cannot log in (F-29, F-30, R-13).
// - An attempt is counted before it is made, for each name and for each person, in every spelling of a name (R-04,
//
// - Codes are derived and never stored, tied to person, number and purpose, and spent by the try that uses them (R-01,
//
// - Texts are limited by person and by number; what was refused is given back; only mobile numbers of named countries
//
// - A login that waits belongs to one session, for ten minutes, and is finished by exactly one request (R-03, F-18,
//   F-19).
// - The old session is destroyed first, at both steps; one that keeps its id stops the login (R-43, P-01, P-10, R-59).
// - A request with the cookie of a session that was renewed sets none and is nobody's (P-04).
// - Each request reads the login's record: it can be revoked, it ends, and it counts from its proofs (R-45, R-48,
//
// - Only this site's requests, only JSON, and only by POST (R-53, W-09); no answer is kept by a browser or a proxy
//
// - Whatever fails or takes too long ends in an error and no login.
//
// It has no pages, step-up, devices, recovery codes, events or hooks, no other policy, and one secret that is not
// rotated.
import { IncomingMessage } from 'node:http'
import express, { type Express, type NextFunction, type Request, type RequestHandler, type Response } from 'express'
import session, { type Store } from 'express-session'
import type { FlowStore } from 'multistep'
import { Strategy as LocalStrategy } from 'passport-local'
import type { ChallengeStore } from 'passport-sms-otp'
import { codesOf, digest, numberOf, word, type Texted } from './floor-codes.js'

export interface Person { readonly id: string, readonly phone: string }

export interface FloorOptions {
  readonly sessions?: Store | undefined
  readonly flows: FlowStore
  readonly challenges: ChallengeStore
  readonly secret: string
  readonly countries: readonly string[]
  /** The person with this name, if the password is right. */
  readonly signIn: (name: string, password: string) => Person | undefined
  /** The account as it is now. */
  readonly personOf: (id: string) => Person | undefined
  readonly send: (text: { to: string, body: string, code: string }) => Promise<unknown>
}

interface Proof {
  readonly factor: string
  readonly kind: 'knowledge' | 'possession'
  readonly channel?: string
  readonly amr: readonly string[]
  readonly at: number
  readonly via: 'fresh'
}

/** Who is logged in on a request, and by what. Nothing is added to the request but Passport's own `user`. */
interface Known { readonly person: Person, readonly id: string, readonly proofs: readonly Proof[], readonly at: number }

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
const flowLife = 10 * minute
const lockout = { after: 10, for: 15 * minute, max: day }
const codeLockout = { ...lockout, disableAfter: 100 }
const textDelays = [30_000, minute, 2 * minute]
const textLimits = [{ limit: 5, window: hour }, { limit: 10, window: day }]
const challengeRules = { ttl: 5 * minute, maxAttempts: 5, maxResends: 3 }
/** How long the cookie of a renewed session is known to be old. */
const tombstoneLife = 10_000

/** The app up to its own routes, and guards for these. */
export interface Floor {
  readonly app: Express
  /** `mfaWithin`: milliseconds within which both factors were proven. */
  require(rule?: { mfaWithin?: number }): RequestHandler
}

export function floor(options: FloorOptions): Floor {
  const { flows, challenges, signIn, personOf, send } = options
  const codes = codesOf(options.secret)
  const countries = new Set(options.countries)
  const known = new WeakMap<Request, Known>()
  const local = new LocalStrategy((name, password, done) => done(null, signIn(name, password) ?? false))

  async function readLogin(req: Request): Promise<void> {
    const kept = stateOf(req)
    if (kept.login === undefined) return
    const { at, login } = await inTime(flows.readLogin(kept.login))
    const id = passportOf(req)
    const person = login?.userId === id && id !== undefined ? personOf(id) : undefined
    if (!login || !person) return
    Reflect.set(req, 'user', person)
    known.set(req, { person, id: kept.login, proofs: login.proofs as readonly Proof[], at })
  }

  async function password(req: Request, res: Response): Promise<void> {
    const { username, password: secret } = fieldsOf(req)
    if (username === undefined || secret === undefined) return refuse(res, 400, 'factor_failed')
    const name = nameOf(username)
    if (name === undefined) return refuse(res, 401, 'factor_failed')

    const ledger = { partition: digest('name', name), factor: 'local', of: 'name' } as const
    const attempt = await inTime(flows.attempt(ledger, lockout))
    if (attempt.status !== 'allowed') return refuse(res, 429, 'factor_locked')
    const person = await run(local, req)
    if (!person) return refuse(res, 401, 'factor_failed')
    const settled = inTime(flows.settle(ledger, 'passed'))
    // A ledger that was not cleared locks early and never late, so it is waited for and not insisted on.
    const cleared = settled.catch(() => undefined)

    const texted = await text(person)
    if (!texted) return refuse(res, 429, 'send_throttled')
    const { challenge, shown } = texted

    const turned = await renew(req)
    if (turned) return refuse(res, 409, 'flow_conflict')
    const flow = `${placeOf(person)}.${word()}`
    const state = {
      session: sessionDigest(req),
      user: person.id,
      proofs: [{ factor: 'local', kind: 'knowledge', amr: ['pwd'], at: attempt.at, via: 'fresh' } as const],
      challenges: { 'sms-otp': { challenge: codes.seal(challenge), public: shown } },
    }
    Object.assign(req.session, { multistep: { flow } })
    const [created] = await Promise.all([inTime(flows.createFlow(flow, state, flowLife)), save(req), cleared])
    if (!created) throw new Error('The id of a flow was taken.')
    tell(res, 200, {
      status: 'pending', step: 2, steps: 2,
      completed: completed(state.proofs),
      factors: [{
        factor: 'sms-otp', label: 'Code by text', fields: ['code'], challenge: shown,
        links: { authenticate: '/login/sms-otp', challenge: '/login/sms-otp/challenge' },
      }],
      expiresAt: new Date(attempt.at + flowLife).toISOString(),
      csrfToken: csrfToken(req, res),
    })
  }

  /** Texts a code to the number of the account. `undefined`: the limits refuse it, and nothing of it counts. */
  async function text(person: Person): Promise<{ challenge: Texted, shown: Shown } | undefined> {
    const number = numberOf(person.phone, countries)
    if (!number) return undefined
    const tag = codes.tagOf('person', person.id)
    const id = word()
    const budgets = [{ key: codes.tagOf('number', number.e164), limits: textLimits }]
    const begin = { id, ...challengeRules }
    const [sent, reserved] = await Promise.all([
      inTime(challenges.send({ subject: tag, begin, delays: textDelays, limits: textLimits })),
      inTime(challenges.reserve(budgets)),
    ])
    if (sent.status !== 'sent' || reserved.status !== 'reserved') {
      if (sent.status === 'sent') {
        await inTime(challenges.undo({ subject: tag, id, repeated: sent.repeated, at: sent.at, unsent: false }))
      }
      if (reserved.status === 'reserved') await inTime(challenges.release({ budgets, at: reserved.at }))
      return undefined
    }
    const { e164: phone } = number
    const challenge = { id, tag, person: person.id, phone, purpose: 'login', expiresAt: sent.expiresAt }
    const code = codes.codeOf(challenge)
    await inTime(send({ to: phone, body: `${code} is your code. Do not share it.`, code }))
    const { expiresAt, resendAt = expiresAt, attemptsLeft } = sent
    const shown = { to: number.shown, expiresAt: instant(expiresAt), resendAt: instant(resendAt), attemptsLeft }
    return { challenge, shown }
  }

  async function code(req: Request, res: Response): Promise<void> {
    const { flow: flowId } = stateOf(req)
    if (flowId === undefined) return refuse(res, 401, 'login_required')
    const { at, flow } = await inTime(flows.readFlow(flowId))
    const person = flow?.session === sessionDigest(req) ? personOf(String(flow.user)) : undefined
    if (!flow || !person) return refuse(res, 401, 'flow_expired')

    const challenge = codes.open(flow.challenges['sms-otp']?.challenge)
    // The number is the number of the account as it is now.
    const phone = numberOf(person.phone, countries)?.e164
    const isOurs = challenge?.purpose === 'login' && challenge.person === person.id && challenge.phone === phone
    if (!challenge || !isOurs) return refuse(res, 401, 'challenge_unknown')
    const matched = codes.matches(fieldsOf(req).code, challenge)
    if (matched === undefined) return refuse(res, 400, 'code_malformed')
    const attempt = { subject: challenge.tag, id: challenge.id, matched, lockout: codeLockout }
    const verified = await inTime(challenges.verify(attempt))
    if (verified.status === 'locked') return refuse(res, 429, 'code_locked')
    if (verified.status !== 'ok') return refuse(res, 401, `code_${verified.status}`)

    const amr = ['sms']
    const proof: Proof = { factor: 'sms-otp', kind: 'possession', channel: 'phone', amr, at, via: 'fresh' }
    const proofs = [...flow.proofs, proof]
    const id = `${placeOf(person)}.${word()}`
    const login = { id, login: { userId: person.id, policy: 'default', proofs }, ttl: day }
    const isWinner = await inTime(flows.finishFlow(flowId, flow.version, login))
    if (!isWinner) return refuse(res, 409, 'flow_conflict')
    try {
      if (await renew(req)) throw new Error('Another request has renewed this session.')
      Object.assign(req.session, { passport: { user: person.id }, multistep: { login: login.id } })
      await save(req)
    } catch (error) {
      // A login that its browser was not told of must not stand.
      await inTime(flows.endLogin(login.id)).catch(() => undefined)
      throw error
    }
    Reflect.set(req, 'user', person)
    tell(res, 200, {
      status: 'complete', step: 2, steps: 2, completed: completed(proofs), factors: [], amr: ['pwd', 'sms', 'mfa'],
      csrfToken: csrfToken(req, res),
    })
  }

  /**
   * Gives the session a new id: the old one is destroyed first, and a failing destroy stops the step. A session that
   * was made for this very request has no old id that anybody could know. `true`: another request has renewed it
   * before.
   */
  async function renew(req: Request): Promise<boolean> {
    const cookie = sessionCookie(req)
    if (cookie === undefined) return false
    const before = req.sessionID
    const tombstone = digest('session cookie', cookie)
    const left = inTime(flows.leaveTombstone(tombstone, '/', tombstoneLife))
    const [isFirst, destroyed] = await Promise.allSettled([left, inTime(regenerated(req))])
    if (isFirst.status === 'rejected') throw isFirst.reason
    if (destroyed.status === 'rejected') {
      await inTime(flows.changeTombstone(tombstone, undefined)).catch(() => undefined)
      throw destroyed.reason
    }
    if (req.sessionID === before) throw new Error('The session kept its id.')
    return !isFirst.value
  }

  async function logout(req: Request, res: Response): Promise<void> {
    const login = known.get(req)
    if (login) await inTime(flows.endLogin(login.id))
    await inTime(regenerated(req))
    tell(res, 200, { status: 'anonymous' })
  }

  /**
   * A cookie without a session may belong to a session which was renewed a moment ago: such a request gets no new one
   * in its place.
   */
  async function turnAway(req: Request): Promise<boolean> {
    const old = oldCookie(req)
    return old !== undefined && await inTime(flows.readTombstone(digest('session cookie', old))) !== undefined
  }

  const app = express()
  const cookieSecret = digest('cookie', options.secret)
  const { sessions: store } = options
  // Passport's methods stand on the app's request prototype, once.
  Object.assign(app.request, {
    isAuthenticated(this: Request) { return this.user !== undefined },
    isUnauthenticated(this: Request) { return this.user === undefined },
  })
  app.use(session({ secret: cookieSecret, resave: false, saveUninitialized: false, ...(store ? { store } : {}) }))
  app.use((req, res, next) => {
    const looked = oldCookie(req) === undefined ? readLogin(req).then(() => false) : turnAway(req)
    looked.then((isOld) => (isOld ? refuseWithoutSession(req, res) : next()), next)
  })
  app.use(express.json())
  app.post('/login/local', step(password))
  app.post('/login/sms-otp', step(code))
  app.post('/logout', step(logout))

  return {
    app,
    require: ({ mfaWithin } = {}) => (req, res, next) => {
      const login = known.get(req)
      const isEnough = login !== undefined && (mfaWithin === undefined || isFresh(login, mfaWithin))
      if (isEnough) next()
      else refuse(res, 401, 'login_required')
    },
  }
}

/** Both factors were proven, and each within so many milliseconds. */
const isFresh = ({ proofs, at }: Known, within: number): boolean =>
  ['local', 'sms-otp'].every((factor) =>
    proofs.some((proof) => proof.factor === factor && proof.at <= at && at - proof.at <= within))

type Shown = Readonly<Record<'to' | 'expiresAt' | 'resendAt', string>> & { readonly attemptsLeft: number }

const instant = (at: number): string => new Date(at).toISOString()

const completed = (proofs: readonly { factor: string, at: number }[]) =>
  proofs.map(({ factor, at }) => ({ factor, at: instant(at) }))

/** A person's flows and logins lie in one place of a cluster. */
const placeOf = ({ id }: Person): string => digest('person', id)

/**
 * A name as failures are counted by it: one for every spelling. Names are ASCII here, whose only spellings are case and
 * spaces.
 */
function nameOf(given: string): string | undefined {
  if (!/^[ -~]{1,200}$/.test(given)) return undefined
  return given.trim().replace(/ +/g, ' ').toLowerCase()
}

/** The texts of a JSON body: nothing is coerced. */
function fieldsOf({ body }: Request): Record<string, string | undefined> {
  const given: Record<string, unknown> = typeof body === 'object' && body !== null ? body : {}
  const own = (name: string) => {
    const value = Object.hasOwn(given, name) ? given[name] : undefined
    return typeof value === 'string' ? value : undefined
  }
  return { username: own('username'), password: own('password'), code: own('code') }
}

// Requests of this site.

/**
 * A handler of a post: cross-site requests do not get here. What it throws is Express' to answer, and no session is
 * kept of it.
 */
const step = (handle: (req: Request, res: Response) => Promise<void>) =>
  (req: Request, res: Response, next: NextFunction): void => {
    if (!isOfThisSite(req)) return refuse(res, 403, 'cross_site')
    handle(req, res).catch((error: unknown) => {
      leaveSession(req)
      next(error)
    })
  }

/**
 * What the browser says of itself decides; where it says nothing, JSON does, which no form of another site can send.
 */
function isOfThisSite({ headers }: Request): boolean {
  const { origin, host, 'sec-fetch-site': site, 'content-type': type = '' } = headers
  if (site !== undefined) return site === 'same-origin' || site === 'none'
  if (origin !== undefined) return URL.canParse(origin) && new URL(origin).host === host?.toLowerCase()
  return /^application\/json\s*(;|$)/i.test(type)
}

/** The browser's random token, for clients that post forms elsewhere in the app. */
function csrfToken(req: Request, res: Response): string {
  const kept = cookieOf(req, 'floor-csrf')
  if (kept !== undefined && /^[\w-]{22}$/.test(kept)) return kept
  const token = word()
  res.appendHeader('Set-Cookie', `floor-csrf=${token}; Path=/; HttpOnly; SameSite=Strict`)
  return token
}

function cookieOf({ headers }: Request, name: string): string | undefined {
  const all = headers.cookie?.split('; ') ?? []
  return all.find((cookie) => cookie.startsWith(`${name}=`))?.slice(name.length + 1)
}

// The session. What is in it are random ids: nothing counts there, and nothing proves.

interface State { readonly flow?: string, readonly login?: string }

const stateOf = ({ session: kept }: Request): State => (kept as { multistep?: State } | undefined)?.multistep ?? {}
const passportOf = ({ session: kept }: Request): string | undefined =>
  (kept as { passport?: { user?: string } } | undefined)?.passport?.user

const sessionDigest = ({ sessionID }: Request): string => digest('session', sessionID)

/** The cookie that this request's session came by; `undefined`: the session is new. */
function sessionCookie(req: Request): string | undefined {
  const cookie = cookieOf(req, 'connect.sid')
  return cookie?.includes(req.sessionID) ? cookie : undefined
}

/** A cookie of a session that is no more. */
function oldCookie(req: Request): string | undefined {
  const cookie = cookieOf(req, 'connect.sid')
  return cookie === undefined || cookie.includes(req.sessionID) ? undefined : cookie
}

const regenerated = (req: Request): Promise<void> => new Promise((resolve, reject) => {
  req.session.regenerate((error: unknown) => (error ? reject(errorOf(error)) : resolve()))
})

/**
 * Stores the session before the answer. express-session would store a renewed one once more at the end of the answer.
 */
async function save(req: Request): Promise<void> {
  const kept = req.session
  await inTime(new Promise<void>((resolve, reject) => {
    kept.save((error: unknown) => (error ? reject(errorOf(error)) : resolve()))
  }))
  const alreadySaved = (done?: () => void) => {
    done?.()
    return kept
  }
  Object.defineProperty(kept, 'save', { value: alreadySaved, configurable: true, enumerable: false, writable: true })
}

/** express-session neither saves a session that is not there nor sends its cookie. */
const leaveSession = (req: Request): boolean => Reflect.deleteProperty(req, 'session')

// Strategies.

const empty = Object.freeze({})
const refusedInStep = (): never => {
  throw new Error('A strategy called req.login or req.logout.')
}
/** What a strategy sees in place of the request's own. */
const hidden: Readonly<Record<string | symbol, unknown>> = {
  user: undefined, query: empty, isAuthenticated: () => false, isUnauthenticated: () => true,
  login: refusedInStep, logIn: refusedInStep, logout: refusedInStep, logOut: refusedInStep,
}
const isHidden = (key: string | symbol): boolean => Object.hasOwn(hidden, key)
const view: ProxyHandler<Request> = {
  get: (target, key) => {
    if (isHidden(key)) return hidden[key]
    const value: unknown = Reflect.get(target, key, target)
    return typeof value === 'function' && key in IncomingMessage.prototype ? (value as () => void).bind(target) : value
  },
  set: (target, key, value) => isHidden(key) || Reflect.set(target, key, value, target),
  defineProperty: (target, key, descriptor) => isHidden(key) || Reflect.defineProperty(target, key, descriptor),
  deleteProperty: (target, key) => isHidden(key) || Reflect.deleteProperty(target, key),
}

/** Only `success` with a person passes. What a strategy does after its answer, or instead of one, is nothing. */
const run = (strategy: LocalStrategy, req: Request) => inTime(new Promise<Person | undefined>((resolve, reject) => {
  const acting = Object.create(strategy) as LocalStrategy
  Object.assign(acting, {
    success: (person: Person | false | undefined) => resolve(person || undefined),
    fail: () => resolve(undefined),
    pass: () => resolve(undefined),
    redirect: () => resolve(undefined),
    error: reject,
  })
  acting.authenticate(new Proxy(req, view) as never, {})
}))

// Deadlines: one queue, one timer.

interface Waiting { readonly until: number, late: (() => void) | undefined }

const patience = 5_000
const waiting: Waiting[] = []
setInterval(() => {
  const now = performance.now()
  const isOver = ({ until, late }: Waiting) => late === undefined || until <= now
  const pending = waiting.findIndex((one) => !isOver(one))
  waiting.splice(0, pending === -1 ? waiting.length : pending).forEach(({ late }) => late?.())
}, 250).unref()

/**
 * A promise that takes too long is rejected. All have the same patience, so the first in the queue is the first to be
 * late.
 */
const inTime = <T>(work: Promise<T>): Promise<T> => new Promise((resolve, reject) => {
  const one: Waiting = { until: performance.now() + patience, late: () => reject(new Error('Took too long.')) }
  waiting.push(one)
  const done = (settle: () => void) => {
    one.late = undefined
    settle()
  }
  work.then((value) => done(() => resolve(value)), (error: unknown) => done(() => reject(errorOf(error))))
})

const errorOf = (thrown: unknown): Error => (thrown instanceof Error ? thrown : new Error(String(thrown)))

// Answers.

function tell(res: Response, status: number, body: object, type = 'application/json'): void {
  const json = JSON.stringify(body)
  res.statusCode = status
  res.setHeader('Cache-Control', 'no-store')
  res.setHeader('Referrer-Policy', 'same-origin')
  res.setHeader('X-Frame-Options', 'DENY')
  res.setHeader('Vary', 'Accept')
  res.setHeader('Content-Type', `${type}; charset=utf-8`)
  res.setHeader('Content-Length', Buffer.byteLength(json))
  res.end(json)
}

const refuse = (res: Response, status: number, code: string): void =>
  tell(res, status, { type: 'about:blank', status, code }, 'application/problem+json')

/** A request with the cookie of a session that another request has renewed. */
function refuseWithoutSession(req: Request, res: Response): void {
  leaveSession(req)
  refuse(res, 409, 'flow_conflict')
}
