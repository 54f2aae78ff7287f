import type { Factor } from '../factors/factor.js'
import { idOf } from '../factors/person-id.js'
import { sendJson, sendProblem, sendRedirect } from '../http/respond.js'
import { wantsHtml, type Request } from '../http/request.js'
import { confirmationOver, MultistepError, problemOf, type Problem } from '../lib/errors.js'
import type { Visit } from '../pages/index.js'
import { keep, kept, saved } from '../session/browser-session.js'
import { publicLoginPath } from '../settings/addresses.js'
import type { Context } from '../settings/context.js'

/** For how long what was begun can be finished, in milliseconds. */
const setUpLife = 10 * 60_000

/** A request of the person who sets up a factor. */
export interface SetUpVisit extends Visit {
  readonly factor: Factor
  readonly user: Express.User
  /**
   * Whether the person has just proven who they are. Where they have not, the request was answered. `isFirst`: they
   * have none of this kind.
   */
  readonly mayChange: (isFirst: boolean) => Promise<boolean>
  /**
   * Whether they may finish what they have begun. What counts as proof is asked again: the user may have got a second
   * factor meanwhile, and a password alone must not replace it.
   */
  readonly mayFinish: (isFirst: boolean) => Promise<boolean>
}

/** What a page of a factor does, each with its answer. */
export interface SetUpActs {
  readonly look: (visit: SetUpVisit) => Promise<void>
  readonly post: (visit: SetUpVisit) => Promise<void>
}

/** Keeps what was begun, in place of what was begun before. */
export async function begin({ context, req, factor }: SetUpVisit, secret: string): Promise<void> {
  keep(req, { setUp: { factor: factor.name, secret, expiresAt: clock(context) + setUpLife } })
  await saved(req, context.settings.storeTimeout)
}

/** What this session has begun, and `undefined` where that is nothing, or too long ago. */
export function begun({ context, req, factor }: SetUpVisit): string | undefined {
  const { setUp } = kept(req)
  return setUp?.factor === factor.name && clock(context) < setUp.expiresAt ? setUp.secret : undefined
}

export async function finish({ context, req }: SetUpVisit): Promise<void> {
  keep(req, { setUp: undefined })
  await saved(req, context.settings.storeTimeout)
}

export const clock = ({ settings: { now } }: Pick<Context, 'settings'>): number => now?.() ?? Date.now()

export function announce({ context, factor, user }: SetUpVisit, event: 'factor.set-up' | 'factor.removed', more = {}): void {
  context.events.emit(event, { factor: factor.name, userId: idOf(user, context.settings.userId), ...more })
}

/** After a change: the page, or its state. */
export function answerChanged({ context, req, res, factor }: SetUpVisit, state: object): void {
  if (wantsHtml(req)) sendRedirect(res, `${publicLoginPath(context.settings)}/${factor.name}/set-up`)
  else sendJson(res, state)
}

/** @throws MultistepError `flow_expired`: nothing was begun here, or too long ago. */
export function nothingBegun(): never {
  throw new MultistepError('flow_expired', confirmationOver)
}

export const wrongCode: Problem = problemOf('factor_failed', { message: 'That code is not right.' })

export const refuseInJson = ({ res }: SetUpVisit): void => sendProblem(res, wrongCode)

export const field = (req: Request, name: string): unknown => {
  const body = req.body as Record<string, unknown> | undefined
  return body !== undefined && Object.hasOwn(body, name) ? body[name] : undefined
}
