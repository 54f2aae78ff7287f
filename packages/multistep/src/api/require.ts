import { createHash } from 'node:crypto'
import type { Context } from '../settings/context.js'
import { randomWord } from '../stores/keys.js'
import { MultistepError, problemOf } from '../lib/errors.js'
import { sendProblem, sendRedirect } from '../http/respond.js'
import { comesFromHere, isNavigation, isSpeculative } from '../http/navigation.js'
import { answerError } from '../responses/answer-error.js'
import { wantsHtml, type Handler, type Request, type Response } from '../http/request.js'
import { returnPath } from '../lib/local-path.js'
import { anything, callback, checkOptions, flag, path } from '../lib/option-checks.js'
import { isComplete, type Alternatives } from '../policy/plan.js'
import {
  freshlyProven, keptPlan, lackOf, nextProof, requiredFactors, type RequiredFactors,
} from '../policy/requirement.js'
import type { Factors } from '../policy/steps.js'
import { warnOnce } from '../lib/warn-once.js'
import { boundValues, detailsOf, refusedBind, sorted, type Bind } from '../step-up/bound-values.js'
import { provesDetails, provingDetails, shownBy } from '../step-up/shown-details.js'
import { loginOf } from '../session/current-login.js'
import type { ActiveLogin } from '../state/position.js'
import { pageOf, publicLoginPath, withRequirement } from '../settings/addresses.js'
import { decidedInTime } from '../policy/login-policy.js'
import { stepUpPosition } from '../step-up/step-up.js'
import { locateLogin } from '../session/locate-login.js'
import { keep, kept, saved } from '../session/browser-session.js'
import { pageAskedFor } from '../session/return-page.js'
import { userProperty } from '../http/user-property.js'

/** What a route asks of a login, beyond its being complete. */
export interface RequireOptions<F extends string = string> {
  /** Which factors, proven freshly in this login. */
  factors?: Factors<F>
  /** Two factors of different kinds over different channels. */
  mfa?: boolean
  /** How long ago the proofs may be, such as `'15m'`. Alone, it accepts a proof of any factor. */
  maxAge?: string
  /**
   * The values that the person confirms, such as `(req) => ({ payee: req.body.payee, amount: req.body.amount })`. Only
   * a proof that was begun for exactly these values lets a request pass. It lets one request pass, once, within
   * `maxAge` (`'5m'`).
   */
  bind?: Bind
  /**
   * Where a browser returns after the step-up of a post, as nothing is posted again. Default: the page that it came
   * from.
   */
  page?: string
}

interface Guarded {
  readonly context: Context
  readonly need: RequiredFactors
  readonly bind: Bind | undefined
  readonly page: string | undefined
}

/**
 * A handler that lets a login pass that has proven enough, and asks any other for the proof.
 * @throws TypeError for what cannot be asked.
 */
export function requirement(context: Context, options: RequireOptions): Handler {
  const guarded = guardedBy(context, options)
  const { need, bind } = guarded
  return (req, res, next) => {
    try {
      const login = loginOf(context, req)
      if (login && bind === undefined && isProven(context, need, login)) return next()
    } catch (error) {
      return next(error)
    }
    decide(guarded, req, res).then((open) => { if (open) next() })
      .catch((error: unknown) => answerError({ context, req, res, next, route: {} }, error)).catch(next)
  }
}

/**
 * For a handler that learns from the request what it asks for. `true`: the login has proven it. Else the request was
 * answered, as a guard does. `page` is where a browser returns after the step-up.
 */
export async function hasProven(
  context: Context, need: RequiredFactors, req: Request, res: Response, page: string,
): Promise<boolean> {
  const login = loginOf(context, req)
  if (login && isProven(context, need, login)) return true
  return decide({ context, need, bind: undefined, page }, req, res)
}

const isProven = (
  { settings: { factors } }: Pick<Context, 'settings'>, { plan, age }: RequiredFactors, { proofs, at }: ActiveLogin,
): boolean =>
  isComplete(plan, freshlyProven(proofs, age, at, factors))

function guardedBy(context: Context, options: RequireOptions): Guarded {
  checkOptions('require.', options, {
    factors: anything,
    mfa: flag,
    maxAge: anything,
    bind: callback('(req) => ({ amount: req.body.amount })'),
    page: path,
  })
  const { factors, mfa, bind, page } = options
  const maxAge = options.maxAge ?? (bind ? '5m' : undefined)
  const need = requiredFactors({ factors, mfa, maxAge }, context.settings.factors)
  if (bind) checkProving(context, need)
  return { context, need, bind, page }
}

/**
 * Some factors do not prove what they showed, and cannot meet a `bind`. They are named in one warning where another
 * factor can meet it.
 * @throws TypeError where no other factor can.
 */
function checkProving(context: Context, { asked }: RequiredFactors): void {
  const proving = provingDetails(context, asked)
  const names = [...new Set(asked.flat(2))]
    .filter((name) => !provesDetails(context, context.settings.factors.get(name)))
    .join(', ')
  const why = `that what was shown is what was asked is not proven for ${names}`
  const mend = 'Let the strategy prove it (provesDetails: true), or say that it does with '
    + 'factors: { <name>: { provesDetails: true } }.'
  if (proving.length === 0) {
    throw new TypeError(`multistep: require: nobody can meet bind: ${why}. Name another factor. ${mend}`)
  }
  if (names !== '') warnOnce([`a require({ bind }) does not offer ${names}: ${why}. ${mend}`])
}

/** What a request must prove, and which grant lets it pass. */
interface Task {
  readonly asked: Alternatives
  readonly grant: string
  readonly details?: Readonly<Record<string, string>>
  /** A value that a factor which could be asked for cannot show. */
  readonly refused?: { readonly factor: string, readonly name: string } | undefined
}

/** `true`: the request may pass. Else the request was answered. */
async function decide(guarded: Guarded, req: Request, res: Response): Promise<boolean> {
  const login = loginOf(guarded.context, req)
  if (!login) {
    await turnAway(guarded.context, req, res)
    return false
  }
  const task = await taskOf(guarded, req)
  // The grant is taken before the handler runs, so that only one of any number of equal requests gets there.
  if (guarded.bind && await guarded.context.store.takeGrant(login.id, task.grant)) return true
  await askFor(guarded, login, task, req, res)
  return false
}

/** The types of the values are part of the digest: 1 is not "1". */
const grantDigest = (...parts: readonly unknown[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('base64url')

async function taskOf({ context, need, bind }: Guarded, req: Request): Promise<Task> {
  const about = [need.maxAge, req.method, requestPath(req)]
  if (!bind) return { asked: need.asked, grant: grantDigest(need.asked, ...about) }
  const values = await decidedInTime(context.settings.stepTimeout, boundValues(context, bind, req))
  const details = detailsOf(values)
  const { shown, refused } = shownBy(context, need.asked, details)
  if (shown.length === 0) {
    if (refused) throw cannotBeShown(context, refused)
    throw new MultistepError('misconfigured', 'multistep: nobody can meet a require({ bind }) any more: '
      + 'what was shown is proven by none of its factors since a strategy was registered again.')
  }
  // The digest names the factors that may open the route now. A grant from a factor that proves nothing any more opens
  // nothing.
  return { asked: shown, grant: grantDigest(shown, ...about, sorted(values)), details, refused }
}

const cannotBeShown = (context: Context, refused: NonNullable<Task['refused']>): MultistepError =>
  refusedBind(context, { ...refused, reason: 'cannot be shown' })

const requestPath = (req: Request): string => (req.originalUrl ?? req.url ?? '/').split('?', 1)[0] ?? '/'

async function askFor(
  { context, need, bind, page }: Guarded, login: ActiveLogin, task: Task, req: Request, res: Response,
): Promise<void> {
  const { asked, grant, details, refused } = task
  const { store, settings } = context
  // A request that another site makes the browser send opens nothing. Neither does one that the browser sends ahead of
  // the person.
  const mayOpen = !isSpeculative(req) && (isNavigation(req) || comesFromHere(req, settings.origins))
  const proofs = bind ? [] : login.proofs
  const lack = lackOf({ ...need, plan: keptPlan(asked, settings.factors) }, proofs, login.at, settings.factors)
  const user = Reflect.get(req, userProperty(req)) as Express.User
  const fresh = freshlyProven(proofs, need.age, login.at, settings.factors)
  const canMeet = async (alternatives: Alternatives): Promise<boolean> =>
    await nextProof(keptPlan(alternatives, settings.factors), fresh, user) !== undefined
  const { maxAge } = need
  const maxAgeIfAny = maxAge === undefined ? {} : { maxAge }
  // People are not sent to prove what they do not have.
  if (!(await decidedInTime(settings.stepTimeout, canMeet(asked)))) {
    const canProve = (): Promise<boolean> =>
      decidedInTime(settings.stepTimeout, canMeet(provingDetails(context, need.asked)))
    if (refused && await canProve()) throw cannotBeShown(context, refused)
    return refuse(req, res, { ...lack, maxAge })
  }
  if (!mayOpen) return turnBack(req, res, { ...lack, ...maxAgeIfAny }, settings.stepUpStatus)
  const back = page === undefined ? pageBehind(context, req) : settings.publicPath + page
  const { at, requirement } = await store.openRequirement(login.id, {
    id: randomWord(),
    key: grantDigest(grant, back),
    ttl: settings.ttl,
    requirement: {
      asked,
      ...maxAgeIfAny,
      ...(details ? { grant, details } : {}),
      page: back,
      openedAt: login.at,
      proofs: [],
      challenges: {},
    },
  })
  if (!requirement) throw new MultistepError('login_required', problemOf('login_required').message)
  if (wantsHtml(req)) {
    const { next } = await stepUpPosition(context, req, login, requirement, at)
    return sendRedirect(res, pageOf(settings, next, requirement.id))
  }
  if (settings.stepUpStatus === 401) res.setHeader('WWW-Authenticate', challengeOf(need))
  sendProblem(res, problemOf('step_up_required', { status: settings.stepUpStatus }), {
    ...lack,
    ...maxAgeIfAny,
    requirement: { id: requirement.id, ...(details ? { details } : {}), ...maxAgeIfAny },
    login: withRequirement(publicLoginPath(settings), requirement.id),
  })
}

function refuse(req: Request, res: Response, lack: Readonly<Record<string, unknown>>): void {
  const problem = problemOf('factor_not_enrolled')
  if (wantsHtml(req)) throw new MultistepError('factor_not_enrolled', problem.message)
  sendProblem(res, problem, lack)
}

/** A page shows the reason, and nothing leads on from it. */
function turnBack(req: Request, res: Response, lack: Readonly<Record<string, unknown>>, status: number): void {
  const problem = problemOf('step_up_required', { status })
  if (wantsHtml(req)) throw new MultistepError('step_up_required', problem.message)
  sendProblem(res, problem, lack)
}

/** RFC 9470 §3. */
function challengeOf({ age }: RequiredFactors): string {
  const challenge = 'Bearer error="insufficient_user_authentication", '
    + 'error_description="More recent or further authentication is required"'
  return Number.isFinite(age) ? `${challenge}, max_age=${Math.floor(age / 1000)}` : challenge
}

/**
 * The path as the browser sees it. A GET returns to the page that was asked for. A post returns to the page of this app
 * that it came from.
 */
function pageBehind(context: Context, req: Request): string {
  const { publicPath, successRedirect, loginPath } = context.settings
  const home = publicPath + successRedirect
  if (req.method === 'GET' || req.method === 'HEAD') {
    const own = returnPath(req.originalUrl ?? req.url, loginPath)
    return own === undefined ? home : publicPath + own
  }
  const { referer, host } = req.headers
  const from = referer !== undefined && URL.canParse(referer) ? new URL(referer) : undefined
  if (!from || from.host !== host) return home
  return returnPath(from.pathname + from.search, publicLoginPath(context.settings)) ?? home
}

/** A handler that lets only completed logins pass. */
export function guard(context: Context): Handler {
  return (req, res, next) => {
    try {
      if (loginOf(context, req)) return next()
    } catch (error) {
      return next(error)
    }
    turnAway(context, req, res)
      .catch((error: unknown) => answerError({ context, req, res, next, route: {} }, error)).catch(next)
  }
}

/** A browser without a login is sent to the login, and back afterwards. */
export async function turnAway(context: Context, req: Request, res: Response): Promise<void> {
  const position = kept(req).flow === undefined ? undefined : await locateLogin(context, req)
  const pending = position?.type === 'pending' ? position : undefined
  if (!wantsHtml(req)) {
    const problem = problemOf(pending ? 'factor_required' : 'login_required')
    return sendProblem(res, problem, { login: publicLoginPath(context.settings) })
  }
  const returnTo = pageAskedFor(context, req)
  if (returnTo !== undefined) {
    keep(req, { returnTo })
    await saved(req, context.settings.storeTimeout)
  }
  sendRedirect(res, pending ? pageOf(context.settings, pending.next) : publicLoginPath(context.settings))
}
