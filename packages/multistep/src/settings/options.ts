import type { Duration } from '#internal/duration'
import type { WaitUntil } from '#internal/wait-until'
import type { FactorOptions } from '../factors/factor.js'
import type { Awaitable } from '../lib/awaitable.js'
import type { Messages } from '../locales/messages.js'
import type { Weakness } from '../policy/step-checks.js'
import type { Step, StepsFunction } from '../policy/steps.js'
import type { FlowStore } from '../stores/flow-store.js'
import type { PageOptions } from './page-options.js'
import type { RememberOptions } from './remember-options.js'
import type { LocaleRequest, Render } from './views.js'

/** The options of `multistep()`. */
export interface MultistepOptions<F extends string = string> extends CommonOptions {
  /** The policy: every login passes these steps in order. */
  steps: readonly Step<F>[]
  /**
   * What to know of each factor. Known names (`local`, `sms-otp`, `mobileconnect`, `totp`, `recovery-code`, `webauthn`)
   * have defaults.
   * @default {}
   */
  factors?: { readonly [K in NoInfer<F>]?: FactorOptions }
  /**
   * Lets a person have this browser remembered, so that some factors need not be proven again.
   * @default off
   */
  remember?: RememberOptions<NoInfer<F>>
}

/** Of a policy whose steps a function decides, anew at each request. */
export interface DecidedOptions<F extends string = string> extends CommonOptions {
  /**
   * Given who is known so far, the request and what was proven: the steps of this login, those that were taken
   * included.
   */
  steps: StepsFunction<NoInfer<F>>
  /** Every name that `steps` may return, with what to know of it. */
  factors: { readonly [K in F]: FactorOptions }
  /**
   * Lets a person have this browser remembered, so that some factors need not be proven again.
   * @default off
   */
  remember?: RememberOptions<NoInfer<F>>
}

/** The options of `multistep()` beside its steps. Durations are texts such as `'10m'`. */
export interface CommonOptions {
  /**
   * A non-empty string, a number, a bigint or an ObjectId, which is taken as its text.
   * @default user.id, else user._id
   */
  userId?: (user: Express.User) => unknown
  /**
   * Where people log in, as the browser sees it.
   * @default '/login'
   */
  loginPath?: string
  /**
   * In front of `loginPath` and of every path sent to the browser, behind a proxy that strips a prefix.
   * @default none
   */
  publicPath?: string
  /**
   * Where a router's login ends when no page was asked for first.
   * @default '/'
   */
  successRedirect?: string
  /**
   * Of a pending login.
   * @default '10m'
   */
  ttl?: Duration
  /**
   * Flows, logins and ledgers.
   * @default new MemoryFlowStore(): for one process
   */
  store?: FlowStore
  /**
   * After which a store that does not answer counts as broken.
   * @default '2s'
   */
  storeTimeout?: Duration
  /**
   * After which a strategy that does not answer counts as broken.
   * @default '30s'
   */
  stepTimeout?: Duration
  /**
   * For each person and factor: failures in a row that lock, for how long, doubling up to how long.
   * @default { after: 10, for: '15m', max: '24h' }
   */
  lockout?: { after?: number, for?: Duration, max?: Duration }
  /**
   * How long a login lives at most, however active it is.
   * @default { absolute: '24h' }
   */
  session?: { absolute?: Duration }
  /**
   * What `require` answers to a JSON client that should prove more: 403, or 401 with the header of RFC 9470.
   * @default 403
   */
  stepUpStatus?: 401 | 403
  /**
   * Offers to stay logged in, for this long, with the first factor: the field `stay`, for which the router's pages show
   * a box. A person who asks for it gets a session cookie of that life when the login is complete. It is no longer than
   * `session.absolute`. Give the session's store no shorter life.
   * @default off
   */
  stay?: Duration
  /**
   * Session keys that survive a login. Another person may have put the rest there, so it is left behind.
   * @default []
   */
  carry?: readonly string[]
  /**
   * Logins that the app makes outside of multistep: by `req.login`, by `passport.authenticate`, in sessions of before.
   * `'refuse'`: they log nobody in, and an error (`login_elsewhere`) says what to write instead. `'allow'`: they pass
   * every guard but `login.require()`, so old ways in get past the second factor; for an app that moves step by step.
   * @default 'refuse'
   */
  otherLogins?: 'refuse' | 'allow'
  /**
   * Weaknesses of the policy that you know of and accept, so that no start warns of them: `'sms-only'`, texts are the
   * only second factor; `'no-way-back'`, a person who has lost one thing cannot log in. `explain` still names them.
   * @default []
   */
  acknowledge?: readonly Weakness[]
  /**
   * Other origins whose pages may post here, such as `https://app.example`.
   * @default []
   */
  origins?: readonly string[]
  /**
   * The language of a page, as a BCP 47 tag such as `de-AT`: `(req) => req.acceptsLanguages('en', 'de', 'fr', 'es')`.
   * There are English, German, French and Spanish; English stands in for others. JSON is always in English.
   * @default English
   */
  locale?: (req: LocaleRequest) => Awaitable<string | false | null | undefined>
  /**
   * Sentences of the pages to put differently, in every locale; or a function that is given the tag that `locale`
   * returned, `'en'` if none.
   * @default none: the messages of the locale stand as they are
   */
  messages?: Partial<Messages> | ((locale: string) => Partial<Messages> | undefined)
  /**
   * The app's name, logo, colour and links on the router's pages.
   * @default no name and no logo: our colours
   */
  pages?: PageOptions
  /**
   * Answers in place of the pages: `(req, res, view, state) => res.render(`login/${view}`, state)`. It must answer.
   * Status and headers are set before; a promise is waited for, and what it throws goes to `next`.
   * @default the built-in pages
   */
  render?: Render
  /**
   * Given a promise of each thing that goes on after a response: what a listener of an event returns, and a note in the
   * store of where a login went. For hosts that stop a function once it has answered. No promise rejects.
   * @default `waitUntil` of Vercel, Next.js or Netlify, where one of them runs the app; else none
   */
  waitUntil?: WaitUntil
  /**
   * Epoch milliseconds; handed to the store that is created when none is given.
   * @default the machine's clock
   */
  now?: () => number
}
