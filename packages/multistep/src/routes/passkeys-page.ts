import type { PasskeySetUpPort, ShownPasskey } from '../factors/set-up.js'
import { sendJson, sendProblem } from '../http/respond.js'
import { wantsHtml } from '../http/request.js'
import { problemOf, type Problem } from '../lib/errors.js'
import type { Visit } from '../pages/index.js'
import { csrfToken } from '../session/csrf-token.js'
import {
  answerChanged, begin, begun, field, finish, nothingBegun, announce, type SetUpActs, type SetUpVisit,
} from './set-up-visit.js'

/** What the router shows of a person's passkeys. */
export interface PasskeysState {
  readonly factor: string
  readonly passkeys: readonly ShownPasskey[]
  /** For `navigator.credentials.create`. */
  readonly options?: object
  readonly problem?: Problem
  readonly csrfToken: string
}

export type ShowPasskeys = (visit: Visit, state: PasskeysState) => Promise<void>

/** A name as the person gives it. */
const LONGEST_NAME = 40

const notAdded: Problem = problemOf('factor_failed', {
  message: 'The passkey was not added. Try again.', status: 400,
})

/**
 * Passkeys. Adding one takes two posts: the first is answered with what the browser is asked for, the second has its
 * answer (field `passkey`, JSON) and a name. A challenge counts once, right or wrong.
 */
export function passkeyActs(setUp: PasskeySetUpPort, show: ShowPasskeys): SetUpActs {
  const stateOf = async (visit: SetUpVisit, more: Pick<PasskeysState, 'options' | 'problem'> = {}) => {
    const { req, res, factor, user } = visit
    return { factor: factor.name, passkeys: await setUp.list(user), ...more, csrfToken: csrfToken(req, res) }
  }
  const answer = async (visit: SetUpVisit, more: Pick<PasskeysState, 'options' | 'problem'> = {}) => {
    const state = await stateOf(visit, more)
    if (wantsHtml(visit.req)) await show(visit, state)
    else sendJson(visit.res, state)
  }

  const start = async (visit: SetUpVisit) => {
    if (!(await visit.mayChange(!(await setUp.has(visit.user))))) return
    const { options, challenge } = await setUp.begin(visit.user)
    await begin(visit, challenge)
    await answer(visit, { options })
  }

  const add = async (visit: SetUpVisit, given: unknown) => {
    const challenge = begun(visit) ?? nothingBegun()
    if (!(await visit.mayFinish(!(await setUp.has(visit.user))))) return
    await finish(visit)
    const name = passkeyName(field(visit.req, 'name'))
    if (!(await setUp.add(visit.user, answerGiven(given), challenge, name))) {
      if (!wantsHtml(visit.req)) return sendProblem(visit.res, notAdded)
      return answer(visit, { problem: notAdded })
    }
    announce(visit, 'factor.set-up', name === '' ? {} : { name })
    answerChanged(visit, await stateOf(visit))
  }

  const remove = async (visit: SetUpVisit, id: unknown) => {
    if (!(await visit.mayChange(false))) return
    if (typeof id === 'string' && await setUp.remove(visit.user, id)) announce(visit, 'factor.removed')
    answerChanged(visit, await stateOf(visit))
  }

  return {
    look: async (visit) => answer(visit),
    post: async (visit) => {
      const given = field(visit.req, 'passkey')
      if (given !== undefined) return add(visit, given)
      const id = field(visit.req, 'remove')
      return id === undefined ? start(visit) : remove(visit, id)
    },
  }
}

const passkeyName = (given: unknown): string => (typeof given === 'string' ? given.trim().slice(0, LONGEST_NAME) : '')

/** A form sends the browser's answer as text, and a program as an object. */
function answerGiven(given: unknown): unknown {
  if (typeof given !== 'string') return given
  try {
    return JSON.parse(given)
  } catch {
    return undefined
  }
}
