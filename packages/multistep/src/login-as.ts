import { MultistepError } from './lib/errors.js'
import type { Handler, Request } from './http/request.js'
import type { Multistep } from './multistep.js'
import { anything, callback, checkOptions, texts, type Shape } from './lib/option-checks.js'

/** Whom `loginAs` logs in, and with which factors. */
export interface LoginAsOptions<F extends string = string> {
  /** Who is logged in, such as `(req) => users.byName(req.body.username)`. */
  user: (req: Request) => unknown
  /** What counts as proven freshly, in the order of the steps: enough for the policy to ask for nothing else. */
  factors: readonly F[] | ((req: Request) => readonly F[])
}

const namesOrCallback: Shape = {
  words: `${texts('[\'local\', \'sms-otp\']').words}, or a function that returns one`,
  fits: (value) => typeof value === 'function' || texts('').fits(value),
}

/**
 * A handler for an app's own tests: logs in the person that `user` returns, with nothing proven, by a real login that
 * `require()` takes. Answers 204. Mount it for tests alone, by POST:
 * @throws Error where `NODE_ENV` is `production`. @throws TypeError for a mistake in the options.
 * @example
 * app.post('/test/login', loginAs(login, {
 *   user: (req) => users.byName(req.body.username), factors: ['local', 'sms-otp'],
 * }))
 */
export function loginAs<F extends string>(login: Multistep<F>, options: LoginAsOptions<NoInfer<F>>): Handler {
  if (process.env.NODE_ENV === 'production') {
    throw new Error(
      'multistep: loginAs logs anybody in, so it does not exist where NODE_ENV is production. Mount it in your ' +
      'tests only.',
    )
  }
  checkOptions('loginAs.', options, { user: callback('(req) => users.byName(req.body.username)'), factors: anything })
  const { user, factors } = options as Partial<LoginAsOptions<F>>
  if (user === undefined) {
    throw new TypeError(
      'multistep: loginAs needs to know who: write loginAs(login, { user: (req) => users.byName(req.body.username), ' +
      'factors: [\'local\'] }).',
    )
  }
  if (factors === undefined || !namesOrCallback.fits(factors)) {
    throw new TypeError(`multistep: loginAs: factors is ${namesOrCallback.words}.`)
  }
  const enter = async (req: Request): Promise<void> => {
    const person = await user(req)
    if (!person) throw new MultistepError('misconfigured', 'multistep: loginAs: user(req) found nobody.')
    const { status, factors: open } = await login.vouch(
      req, person, typeof factors === 'function' ? factors(req) : factors,
    )
    if (status !== 'complete') {
      throw new MultistepError(
        'misconfigured',
        'multistep: loginAs: the policy asks this person for more. Add to factors: ' +
        `${open.map(({ factor }) => `'${factor}'`).join(' or ') || 'something that they have'}.`,
      )
    }
  }
  return (req, res, next) => {
    enter(req).then(() => {
      res.statusCode = 204
      res.end()
    }, next)
  }
}
