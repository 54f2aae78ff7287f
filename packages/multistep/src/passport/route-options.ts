/**
 * Options of `authenticate`, as of Passport's; whatever else stands here reaches the strategy.
 * `session`, `keepSessionInfo`, `assignProperty` and Passport's success messages are refused at construction.
 */
export interface AuthenticateOptions {
  /**
   * Where a completed login goes when no page was asked for first. Absent: the next handler runs, with `req.user`.
   * @default none: the next handler runs
   */
  successRedirect?: string
  /**
   * Where a refused attempt goes.
   * @default the factor's page
   */
  failureRedirect?: string
  /**
   * As Passport's: needs connect-flash.
   * @default false
   */
  failureFlash?: boolean | string | { type?: string, message?: string }
  /**
   * As Passport's: adds to `req.session.messages`.
   * @default false
   */
  failureMessage?: boolean | string
  /**
   * Hands refusals to the app's error handler, as a `MultistepError` whose name is `AuthenticationError`.
   * @default false
   */
  failWithError?: boolean
  [option: string]: unknown
}

const refusedOptions: Readonly<Record<string, string>> = {
  session: 'a login is made once, when every step has passed. Leave it out',
  keepSessionInfo: 'it would carry through a login what another person put into the session. '
    + 'Name the keys that may survive in multistep\'s option carry',
  successReturnToOrRedirect: 'the page first asked for comes first anyway. Write successRedirect',
  successFlash: 'there may be steps to come. '
    + 'Listen with login.on(\'flow.completed\', …), or put a handler behind it',
  successMessage: 'there may be steps to come. '
    + 'Listen with login.on(\'flow.completed\', …), or put a handler behind it',
  assignProperty: 'the person is set on req.user when every step has passed. '
    + 'Leave it out, and read login.evidence(req) for single factors',
}

/** @throws TypeError for what would make a step something else than a step. */
export function checkRoute(factor: unknown, options: AuthenticateOptions, callback: unknown): void {
  if (Array.isArray(factor)) {
    const names = factor.map((name) => `'${String(name)}'`).join(', ')
    throw new TypeError('multistep: authenticate takes one factor a route. '
      + `To let people choose, write anyOf(${names}) in steps.`)
  }
  if (typeof options === 'function' || callback !== undefined) {
    throw new TypeError('multistep: authenticate takes no callback: its answer is not a login. '
      + 'Listen with login.on(\'step.passed\', …), or put a handler behind it.')
  }
  for (const [name, reason] of Object.entries(refusedOptions)) {
    if (Object.hasOwn(options, name)) throw new TypeError(`multistep: authenticate has no option ${name}: ${reason}.`)
  }
}

const ownOptions = new Set(['successRedirect', 'failureRedirect', 'failureFlash', 'failureMessage', 'failWithError'])

/** What of a route's options the strategy gets to read. */
export const strategyOptions = (options: AuthenticateOptions): Record<string, unknown> =>
  Object.fromEntries(Object.entries(options).filter(([name]) => !ownOptions.has(name)))
