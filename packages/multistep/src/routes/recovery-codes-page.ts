import type { Context } from '../settings/context.js'
import { MultistepError } from '../lib/errors.js'
import { sendJson } from '../http/respond.js'
import { handle } from '../responses/handle-request.js'
import { answerError } from '../responses/answer-error.js'
import { wantsHtml, type Handler } from '../http/request.js'
import type { Visit } from '../pages/index.js'
import type { Factor } from '../factors/factor.js'
import { oneOfWithin, type RequiredFactors } from '../policy/requirement.js'
import { idOf } from '../factors/person-id.js'
import { factorsForChange } from '../recovery/proof-for-change.js'
import { guard } from '../api/guard.js'
import { hasProven } from '../api/require.js'
import type { Pages } from '../login/exchange.js'
import { csrfToken } from '../session/csrf-token.js'
import { loggedInPerson } from './logged-in-person.js'
import { decidedInTime } from '../policy/login-policy.js'

/** What the router shows of a person's recovery codes. */
export interface RecoveryCodesState {
  /** How many are left. */
  readonly remaining: number
  /** New ones, in the answer to the post that made them and nowhere else. */
  readonly codes?: readonly string[]
  readonly csrfToken: string
}

export type ShowRecoveryCodes = (visit: Visit, state: RecoveryCodesState) => Promise<void>

/** A strategy that keeps recovery codes: `RecoveryCodeStrategy`, or another with these methods. */
interface CodeKeeper {
  generate(user: Express.User): unknown
  remaining(user: Express.User): unknown
}

const isKeeper = (strategy: object | undefined): strategy is CodeKeeper =>
  ['generate', 'remaining'].every((name) => strategy !== undefined && typeof Reflect.get(strategy, name) === 'function')

/** How old the proof may be. */
const maxAge = '5m'

interface Codes {
  readonly context: Context
  readonly factor: Factor
  readonly show: ShowRecoveryCodes
  readonly pages: Pages
}

/**
 * `GET` and `POST /recovery-codes`: how many codes the person has left, and new ones. `undefined`: no factor of the
 * policy keeps any.
 */
export function recoveryCodes(context: Context, show: ShowRecoveryCodes, pages: Pages): Handler | undefined {
  const { factors } = context.settings
  const factor = factors.names.map((name) => factors.get(name)).find(
    ({ strategy }) => isKeeper(context.passport.strategy(strategy)),
  )
  if (!factor) return undefined
  const codes = { context, factor, show, pages }
  const guarded = guard(context)
  return (req, res, next) => {
    guarded(req, res, (refused) => {
      if (refused) return next(refused)
      const visit = { context, req, res, next }
      const exchange = { ...visit, route: {}, pages }
      if (req.method === 'POST') void handle(exchange, () => make(codes, visit).then(() => ({ type: 'answered' })))
      else look(codes, visit).catch((error: unknown) => answerError(exchange, error)).catch(next)
    })
  }
}

async function look(codes: Codes, visit: Visit): Promise<void> {
  const { req, res } = visit
  if (req.method !== 'GET' && req.method !== 'HEAD') {
    res.setHeader('Allow', 'GET, HEAD, POST')
    throw new MultistepError('method_not_allowed', 'To make new codes, post here.')
  }
  await answerCodes(codes, visit, { remaining: await remainingOf(codes, loggedInPerson(codes.context, req)) })
}

/** New codes, for a person who has just proven who they are. Holding a session is not enough. */
async function make(codes: Codes, visit: Visit): Promise<void> {
  const { context, factor } = codes
  const { req, res } = visit
  const user = loggedInPerson(context, req)
  const need = await needOf(codes, user)
  if (!(await hasProven(context, need, req, res, `${context.settings.loginPath}/recovery-codes`))) return
  const made: unknown = await decidedInTime(
    context.settings.stepTimeout, Promise.resolve(keeperOf(codes).generate(user)),
  )
  if (!Array.isArray(made) || !made.every((code) => typeof code === 'string')) {
    throw new MultistepError(
      'misconfigured',
      `multistep: generate(user) of the strategy of '${factor.name}' must return a list of texts.`,
    )
  }
  context.events.emit(
    'recovery.generated',
    { factor: factor.name, userId: idOf(user, context.settings.userId), count: made.length },
  )
  await answerCodes(codes, visit, { remaining: made.length, codes: made })
}

async function needOf(codes: Codes, user: Express.User): Promise<RequiredFactors> {
  const { settings } = codes.context
  const remaining = await remainingOf(codes, user)
  const names = factorsForChange(user, settings.factors, { except: codes.factor, isFirst: remaining === 0 })
  return oneOfWithin(await decidedInTime(settings.stepTimeout, names), maxAge, settings.factors)
}

async function remainingOf(codes: Codes, user: Express.User): Promise<number> {
  const remaining: unknown = await decidedInTime(
    codes.context.settings.stepTimeout, Promise.resolve(keeperOf(codes).remaining(user)),
  )
  if (typeof remaining !== 'number') {
    throw new MultistepError(
      'misconfigured',
      `multistep: remaining(user) of the strategy of '${codes.factor.name}' must return a number.`,
    )
  }
  return remaining
}

/** Looked up anew, as every strategy is. */
function keeperOf({ context, factor }: Codes): CodeKeeper {
  const strategy = context.passport.strategy(factor.strategy)
  if (!isKeeper(strategy)) {
    throw new MultistepError(
      'misconfigured', `multistep: the strategy of '${factor.name}' keeps recovery codes no more.`,
    )
  }
  return strategy
}

async function answerCodes({ show }: Codes, visit: Visit, shown: Omit<RecoveryCodesState, 'csrfToken'>): Promise<void> {
  const state = { ...shown, csrfToken: csrfToken(visit.req, visit.res) }
  if (wantsHtml(visit.req)) await show(visit, state)
  else sendJson(visit.res, state)
}
