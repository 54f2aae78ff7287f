import { within } from '#internal/deadline'
import { MultistepError, problemOf } from '../lib/errors.js'
import type { Response } from '../http/request.js'
import { refusalIn } from './refusal.js'
import { viewOf, type Viewed } from './request-view.js'

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

export interface Run extends Viewed {
  readonly strategy: StrategyLike
  readonly res: Response
  readonly options: Readonly<Record<string, unknown>>
  /** Told what it ends the response with, before that is sent. */
  readonly answersWith?: (page: string) => void
  /** Milliseconds after which it counts as broken. */
  readonly deadline: number
}

/**
 * Runs one Passport strategy once, and settles once. What the strategy says first counts. What it says, throws or
 * rejects with later does not. Never rejects.
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
      const own = derived(run.strategy, settle, fail)
      Promise.resolve(own.authenticate(viewOf(run, fail), { ...run.options })).catch(fail)
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
function derived(
  strategy: StrategyLike, settle: (outcome: Outcome) => void, fail: (error: unknown) => void,
): StrategyLike {
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
export const watched = <T extends (...args: never[]) => unknown>(
  callback: T, fail: (error: unknown) => void,
): T => new Proxy(callback, {
  apply(target, self, args: Parameters<T>) {
    const returned: unknown = Reflect.apply(target, self, args)
    if (isPromise(returned)) returned.catch(fail)
    return returned
  },
})

/**
 * A promise of any realm, as tests run in a realm of their own. Other thenables do not count, because some of them,
 * such as a query, begin when they are watched.
 */
const isPromise = (value: unknown): value is Promise<unknown> =>
  Object.prototype.toString.call(value) === '[object Promise]'

const unavailable = (cause: unknown) =>
  new MultistepError('factor_unavailable', problemOf('factor_unavailable').message, { cause })

/** What Passport gives every strategy to answer by; here each only reports. */
const actions = (settle: (outcome: Outcome) => void) => ({
  success: (user: unknown, info?: unknown) =>
    settle(user ? { type: 'success', user, info } : { type: 'fail', info, status: undefined }),
  fail: (info?: unknown, status?: unknown) => {
    if (typeof info === 'number') return settle({ type: 'fail', info: undefined, status: info })
    settle({ type: 'fail', info, status: typeof status === 'number' ? status : undefined })
  },
  redirect: (url: unknown) => settle({ type: 'redirect', url: String(url) }),
  pass: (info?: unknown) => settle({ type: 'pass', info }),
  error: (error: unknown) =>
    settle(brokenBy(error ?? new Error('The strategy reported an error without saying which.'))),
})

/** What an error is that a strategy reported or threw: broken, unless it refuses the person. */
function brokenBy(error: unknown): Outcome {
  const refusal = refusalIn(error)
  return refusal ? { type: 'fail', ...refusal } : { type: 'error', error }
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
