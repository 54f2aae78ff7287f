import { idOf } from '../factors/person-id.js'
import type { NewTotpKey, TotpSetUpPort } from '../factors/set-up.js'
import { sendJson } from '../http/respond.js'
import { wantsHtml } from '../http/request.js'
import type { Problem } from '../lib/errors.js'
import { spendCode } from '../login/admit-attempt.js'
import type { Visit } from '../pages/index.js'
import { csrfToken } from '../session/csrf-token.js'
import {
  answerChanged, begin, begun, clock, field, finish, nothingBegun, refuseInJson, announce, wrongCode,
  type SetUpActs, type SetUpVisit,
} from './set-up-visit.js'

/** What the router shows of a person's authenticator app. */
export interface TotpState {
  readonly factor: string
  readonly isSetUp: boolean
  readonly begun?: NewTotpKey
  /** A key was begun, and shown: a code of it is asked for once more. */
  readonly isBegun?: true
  readonly problem?: Problem
  readonly csrfToken: string
}

export type ShowTotp = (visit: Visit, state: TotpState) => Promise<void>

/**
 * An authenticator app: a new key is shown in the answer to the post that began it, kept once a code of it was entered,
 * and shown nowhere else.
 */
export function totpActs(setUp: TotpSetUpPort, show: ShowTotp): SetUpActs {
  const answer = async (visit: SetUpVisit, more: Omit<TotpState, 'factor' | 'csrfToken'>) => {
    const { req, res, factor } = visit
    const state = { factor: factor.name, ...more, csrfToken: csrfToken(req, res) }
    if (wantsHtml(req)) await show(visit, state)
    else sendJson(res, state)
  }

  const start = async (visit: SetUpVisit) => {
    const isSetUp = await setUp.has(visit.user)
    if (!(await visit.mayChange(!isSetUp))) return
    const key = setUp.begin(visit.user)
    await begin(visit, key.key)
    await answer(visit, { isSetUp, begun: key })
  }

  const confirm = async (visit: SetUpVisit, code: unknown) => {
    const { context, req, factor, user } = visit
    const key = begun(visit) ?? nothingBegun()
    const isSetUp = await setUp.has(user)
    if (!(await visit.mayFinish(!isSetUp))) return
    if (!setUp.shows(key, code, clock(context))) {
      if (!wantsHtml(req)) return refuseInJson(visit)
      return answer(visit, { isSetUp, isBegun: true, problem: wrongCode })
    }
    await finish(visit)
    await spendCode(context, req, factor, idOf(user, context.settings.userId))
    await setUp.keep(user, key)
    announce(visit, 'factor.set-up')
    answerChanged(visit, { isSetUp: true, csrfToken: csrfToken(req, visit.res) })
  }

  const remove = async (visit: SetUpVisit) => {
    if (!(await visit.mayChange(false))) return
    await finish(visit)
    await setUp.remove(visit.user)
    announce(visit, 'factor.removed')
    answerChanged(visit, { isSetUp: false, csrfToken: csrfToken(visit.req, visit.res) })
  }

  return {
    look: async (visit) => answer(visit, { isSetUp: await setUp.has(visit.user) }),
    post: async (visit) => {
      const code = field(visit.req, 'code')
      if (code !== undefined) return confirm(visit, code)
      return field(visit.req, 'remove') === undefined ? start(visit) : remove(visit)
    },
  }
}
