import type { Duration } from '#internal/duration'
import type { Context } from '../settings/context.js'
import { randomWord } from '../stores/keys.js'
import { confirmationOver, MultistepError, problemOf } from '../lib/errors.js'
import { sendProblem, sendRedirect } from '../http/respond.js'
import { isSpeculative } from '#internal/speculative-request'
import { comesFromHere, isNavigation } from '../http/navigation.js'
import { answerError } from '../responses/answer-error.js'
import { isRead, textIn, wantsHtml, type Handler, type Request, type Response } from '../http/request.js'
import { anything, callback, checkOptions, flag, object, path } from '../lib/option-checks.js'
import { isComplete, type Alternatives } from '../policy/plan.js'
import {
  freshlyProven, keptPlan, lackOf, nextProof, requiredFactors, type RequiredFactors,
} from '../policy/requirement.js'
import type { Factors } from '../policy/steps.js'
import { warnOnce } from '../lib/warn-once.js'
import type { Bind } from '../step-up/bound-values.js'
import { checkCurrencies, type Currencies } from '../step-up/money.js'
import { checkResume, grantField, type Resume } from '../step-up/resume.js'
import { provesDetails, provingDetails } from '../step-up/shown-details.js'
import { loginOf } from '../session/current-login.js'
import type { ActiveLogin } from '../state/position.js'
import { pageOf, publicLoginPath, withRequirement } from '../settings/addresses.js'
import { decidedInTime } from '../policy/login-policy.js'
import { stepUpPosition } from '../step-up/step-up.js'
import { userProperty } from '../http/user-property.js'
import { isSameOrigin } from '../http/same-origin.js'
import { forgetGranted } from '../session/granted.js'
import { blank, sendPage } from '../pages/index.js'
import { logRefusal } from '../events.js'
import { setUpLinks } from '../settings/set-up-links.js'
import { cannotBeShown, grantDigest, resumeOf, taskOf, type Guarded, type Task } from '../step-up/task.js'
import { pageAfter } from '../session/return-page.js'
import { turnAway } from '../responses/turn-away.js'

/** What a route asks of a login, beyond its being complete. */
export interface RequireOptions<F extends string = string> {
  /**
   * Which factors, proven freshly in this login.
   * @default any
   */
  factors?: Factors<F>
  /**
   * Two factors of different kinds over different channels.
   * @default false
   */
  mfa?: boolean
  /**
   * How long ago the proofs may be, such as `'15m'`. Alone, it accepts a proof of any factor.
   * @default any age; with `bind` `'5m'`
   */
  maxAge?: Duration
  /**
   * The values that the person confirms, such as `(req) => ({ payee: req.body.payee, amount: req.body.amount })`. Only
   * a proof that was begun for exactly these values lets a request pass. It lets one request pass, once, within
   * `maxAge` (`'5m'`).
   * @default none: any proof that is fresh enough counts
   */
  bind?: Bind
  /**
   * Which bound numbers are amounts of money, by ISO 4217: `{ amount: 'EUR' }`. They are shown as `25.50 EUR`
   * everywhere, and refused with more decimals than the currency has.
   * @default none
   */
  currency?: Currencies
  /**
   * With `bind`, for forms: the router's last page of the step-up shows the values, and has one button that sends them.
   * @default off: the browser returns to `page`, and the person sends the form again
   * @example
   * login.require({ bind: payment, currency: { amount: 'EUR' }, resume: { text: 'Pay {amount} to {payee}' } })
   */
  resume?: Resume
  /**
   * Where a browser returns after the step-up of a post, as nothing is posted again, and when the person cancels.
   * @default the page that the post came from (`Referer`), else the post's own path where it has a page, else
   * `successRedirect`
   */
  page?: string
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
  return decide({ context, need, page }, req, res)
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
    currency: object,
    resume: object,
    page: path,
  })
  const { factors, mfa, bind, page, currency, resume } = options
  const stray = bind ? undefined : Object.entries({ currency, resume }).find(([, value]) => value !== undefined)?.[0]
  if (stray !== undefined) {
    throw new TypeError(`multistep: require.${stray} is about the values of bind: write bind beside it.`)
  }
  if (currency) checkCurrencies(currency)
  if (resume) checkResume(resume)
  const maxAge = options.maxAge ?? (bind ? '5m' : undefined)
  const need = requiredFactors({ factors, mfa, maxAge }, context.settings.factors)
  if (bind) checkProving(context, need)
  return { context, need, bind, currency, resume, page }
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

/** `true`: the request may pass. Else the request was answered. */
async function decide(guarded: Guarded, req: Request, res: Response): Promise<boolean> {
  const login = loginOf(guarded.context, req)
  if (!login) {
    await turnAway(guarded.context, req, res)
    return false
  }
  const task = await taskOf(guarded, req)
  if (guarded.bind && await isGranted(guarded, login, task, req)) return true
  if (guarded.resume && textIn(req.body, grantField) !== undefined) {
    await answerSpent(guarded, req, res)
    return false
  }
  await askFor(guarded, login, task, req, res)
  return false
}

/**
 * Takes the grant before the handler: of any number of equal requests, one gets there.
 * @throws MultistepError `cross_site` where one button is all that sends the request, and another site's page sent it.
 */
async function isGranted({ context, resume }: Guarded, login: ActiveLogin, task: Task, req: Request): Promise<boolean> {
  if (resume && !isSameOrigin(req, context.settings.origins)) {
    throw new MultistepError('cross_site', problemOf('cross_site').message)
  }
  const isTaken = await context.store.takeGrant(login.id, task.grant)
  if (isTaken) forgetGranted(req, task.grant)
  return isTaken
}

/** The button of the last page was pressed twice, or too late: nothing new is opened by it. */
async function answerSpent({ context, page }: Guarded, req: Request, res: Response): Promise<void> {
  const problem = problemOf('flow_expired', { message: confirmationOver })
  if (!wantsHtml(req)) return sendProblem(res, problem)
  const returnTo = pageAfter(context, req, page)
  const visit = { context, req, res, next: () => undefined }
  await sendPage(visit, 'refused', { ...blank, problem, returnTo }, {}, problem.status)
}

async function askFor(guarded: Guarded, login: ActiveLogin, task: Task, req: Request, res: Response): Promise<void> {
  const { context, need, bind, page } = guarded
  const { asked, grant, details, values, refused } = task
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
    return refuse(context, req, res, asked, { ...lack, maxAge })
  }
  if (!mayOpen) return turnBack(req, res, { ...lack, ...maxAgeIfAny }, settings.stepUpStatus)
  const back = pageAfter(context, req, page)
  const resume = await resumeOf(guarded, task, req)
  const { at, requirement } = await store.openRequirement(login.id, {
    id: randomWord(),
    key: grantDigest(grant, back),
    ttl: settings.ttl,
    requirement: {
      asked,
      ...maxAgeIfAny,
      ...(details ? { grant, details } : {}),
      ...(values ? { values } : {}),
      ...(resume ? { resume } : {}),
      page: back,
      ...(isRead(req) ? {} : { posted: true as const }),
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

/** The person cannot meet it. The answer says where they set up what they lack. */
async function refuse(
  context: Context, req: Request, res: Response, asked: Alternatives, lack: Readonly<Record<string, unknown>>,
): Promise<void> {
  const problem = problemOf('factor_not_enrolled')
  const links = setUpLinks(context.settings, asked.flat(2))
  const setUp = links.length === 0 ? {} : { setUp: links }
  if (!wantsHtml(req)) return sendProblem(res, problem, { ...lack, ...setUp })
  logRefusal(req, undefined, problem)
  const visit = { context, req, res, next: () => undefined }
  await sendPage(visit, 'refused', { ...blank, problem, ...setUp }, {}, problem.status)
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
