import { duration, type Duration } from '#internal/duration'
import {
  callback, checkOptions, anything, listOrCallback, object, objectOrCallback, oneOf, path, texts, withMethods,
  type Shape,
} from '../lib/option-checks.js'
import { ownId } from '../factors/person-id.js'
import { factorTable, type StrategyOf } from '../factors/factor-table.js'
import type { FactorOptions, FactorTable } from '../factors/factor.js'
import type { FlowStore, LockoutPolicy } from '../stores/flow-store.js'
import { MemoryFlowStore } from '../stores/memory/memory-flow-store.js'
import type { Awaitable } from '../lib/awaitable.js'
import { checkMessages } from '../locales/check-messages.js'
import type { Messages } from '../locales/messages.js'
import { rememberSettings, type RememberOptions, type RememberSettings } from './remember-options.js'
import { localPath } from '../lib/local-path.js'
import { loginPolicy, type LoginPolicy, type Policy } from '../policy/login-policy.js'
import { brandingOf, type Branding, type PageOptions } from './page-options.js'
import { checkShapes, checkSteps, type Weakness } from '../policy/step-checks.js'
import type { LocaleRequest, Render } from './views.js'
import type { WaitUntil } from '#internal/wait-until'
import { factorNames, type Step, type StepsFunction } from '../policy/steps.js'

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

/** The options with everything decided; durations in milliseconds. */
export interface Settings {
  readonly loginPolicy: LoginPolicy
  readonly factors: FactorTable
  readonly userId: (user: Express.User) => unknown
  readonly loginPath: string
  readonly publicPath: string
  /**
   * What tells this policy's flows, logins and devices from another's in the same store and session: where people log
   * in by it.
   */
  readonly policy: string
  readonly successRedirect: string
  readonly ttl: number
  readonly store: FlowStore
  readonly storeTimeout: number
  readonly stepTimeout: number
  readonly lockout: LockoutPolicy
  readonly remember: RememberSettings | undefined
  readonly absolute: number
  /** `for`: as given, for the person. */
  readonly stay: { readonly for: string, readonly ttl: number } | undefined
  readonly stepUpStatus: 401 | 403
  readonly carry: readonly string[]
  readonly otherLogins: 'refuse' | 'allow'
  readonly origins: ReadonlySet<string>
  readonly locale: CommonOptions['locale']
  readonly messages: CommonOptions['messages']
  readonly branding: Branding
  readonly render: Render | undefined
  readonly waitUntil: WaitUntil | undefined
  readonly acknowledged: readonly Weakness[]
  /** As given; the store has its own. */
  readonly now: (() => number) | undefined
}

const storeMethods: Readonly<Record<keyof FlowStore, true>> = {
  time: true, createFlow: true, readFlow: true, readFlows: true, advanceFlow: true, finishFlow: true, dropFlow: true,
  createLogin: true, readLogin: true, endLogin: true, attempt: true, settle: true,
  openRequirement: true, readRequirements: true, advanceRequirement: true, dropRequirement: true, meetRequirement: true,
  retireSession: true, takeGrant: true, stepDown: true,
  rememberDevice: true, useDevice: true, listDevices: true, forgetDevice: true, forgetDevices: true, endAll: true,
  leaveTombstone: true, changeTombstone: true, readTombstone: true,
}

const weaknesses: Shape = {
  words: 'a list of \'sms-only\' and \'no-way-back\'',
  fits: (value) => Array.isArray(value) && value.every((one) => one === 'sms-only' || one === 'no-way-back'),
}

// Durations and paths of the login itself are looked at where they are read.
const optionShapes: Readonly<Record<keyof MultistepOptions, Shape>> = {
  steps: listOrCallback('[\'local\', \'sms-otp\']'), factors: object, userId: callback('(user) => user.email'),
  loginPath: anything, publicPath: anything, successRedirect: path, ttl: anything,
  store: withMethods(Object.keys(storeMethods), 'new RedisFlowStore({ client })'), storeTimeout: anything,
  stepTimeout: anything,
  lockout: object, session: object, stay: anything, remember: object,
  stepUpStatus: { words: '401 or 403', fits: (value) => value === 401 || value === 403 },
  carry: texts('[\'basket\']'), acknowledge: weaknesses, otherLogins: oneOf('refuse', 'allow'), origins: texts('[\'https://app.example\']'),
  locale: callback('(req) => req.acceptsLanguages(\'en\', \'de\')'),
  messages: objectOrCallback('(locale) => ({ logIn: \'Sign in\' })'),
  pages: object, render: callback('(req, res, view, state) => res.render(view, state)'),
  waitUntil: callback('(promise) => context.waitUntil(promise)'), now: callback('() => Date.now()'),
}

/** @throws TypeError for a mistake in the options, with what to write instead. */
export function settingsOf(options: MultistepOptions | DecidedOptions, strategyOf: StrategyOf): Settings {
  if ((options as MultistepOptions | undefined)?.steps === undefined) {
    throw new TypeError(
      'multistep: the steps are missing. Write multistep(passport, { steps: [\'local\', \'sms-otp\'] }).',
    )
  }
  checkOptions('', options, optionShapes)
  checkOptions('lockout.', options.lockout ?? {}, { after: anything, for: anything, max: anything })
  checkOptions('session.', options.session ?? {}, { absolute: anything })
  if (typeof options.messages !== 'function') checkMessages(options.messages ?? {})
  const factors = policyFactors(options.steps, options.factors ?? {}, strategyOf)
  const absolute = duration('session.absolute', options.session?.absolute ?? '24h')
  const loginPath = pathOption('loginPath', options.loginPath ?? '/login')
  const publicPath = options.publicPath === undefined ? '' : pathOption('publicPath', options.publicPath)
  return {
    loginPolicy: loginPolicy(options.steps, factors),
    factors,
    userId: options.userId ?? ownId,
    loginPath,
    publicPath,
    policy: publicPath + loginPath,
    successRedirect: options.successRedirect ?? '/',
    ttl: duration('ttl', options.ttl ?? '10m'),
    store: options.store ?? new MemoryFlowStore(options.now ? { now: options.now } : {}),
    storeTimeout: duration('storeTimeout', options.storeTimeout ?? '2s', '24d'),
    stepTimeout: duration('stepTimeout', options.stepTimeout ?? '30s', '24d'),
    lockout: lockoutOf(options.lockout ?? {}),
    remember: options.remember && rememberSettings(options.remember, factors),
    absolute,
    stay: options.stay === undefined ? undefined : stayOf(options.stay, absolute),
    stepUpStatus: options.stepUpStatus ?? 403,
    carry: carried(options.carry ?? []),
    acknowledged: options.acknowledge ?? [],
    otherLogins: options.otherLogins ?? 'refuse',
    origins: new Set((options.origins ?? []).map(originOption)),
    locale: options.locale,
    messages: options.messages,
    branding: brandingOf(options.pages ?? {}, publicPath),
    render: options.render,
    waitUntil: options.waitUntil,
    now: options.now,
  }
}

/** What the policy may ask for; a written one is checked now, a decided one whenever it was decided. */
function policyFactors(
  steps: Policy,
  described: Readonly<Record<string, FactorOptions | undefined>>,
  strategyOf: StrategyOf,
): FactorTable {
  if (typeof steps !== 'function') {
    checkShapes(steps)
    if (steps.length === 0) {
      throw new TypeError(
        'multistep: steps is empty. Name at least one factor, such as steps: [\'local\', \'sms-otp\'].',
      )
    }
    const factors = factorTable(factorNames(steps), described, strategyOf)
    checkSteps(steps, factors)
    return factors
  }
  const names = Object.keys(described)
  if (names.length === 0) {
    throw new TypeError(
      'multistep: steps is a function, so factors must list every name that it may return: factors: { local: {}, ' +
      '\'sms-otp\': {} }.',
    )
  }
  return factorTable(names, described, strategyOf)
}

/** @throws TypeError for a cookie that would outlive the login. */
function stayOf(given: string, absolute: number): NonNullable<Settings['stay']> {
  const ttl = duration('stay', given)
  if (ttl > absolute) {
    throw new TypeError(
      `multistep: stay is '${given}', and a login lives no longer than session.absolute. Write session: { absolute: ` +
      `'${given}' } beside it.`,
    )
  }
  return { for: given, ttl }
}

function pathOption(name: string, value: string): string {
  const path = localPath(value)?.replace(/\/+$/, '')
  if (!path || /[?#]/.test(path)) {
    throw new TypeError(`multistep: ${name} is a path of this app, such as '/login', not ${JSON.stringify(value)}.`)
  }
  return path
}

function lockoutOf(given: NonNullable<MultistepOptions['lockout']>): LockoutPolicy {
  const after = given.after ?? 10
  // NIST SP 800-63B-4 §3.2.2: no more than 100 consecutive failures.
  if (!Number.isInteger(after) || after < 1 || after > 100) {
    throw new TypeError(`multistep: lockout.after is a whole number from 1 to 100, not ${String(after)}.`)
  }
  return { after, for: duration('lockout.for', given.for ?? '15m'), max: duration('lockout.max', given.max ?? '24h') }
}

function carried(keys: readonly string[]): readonly string[] {
  const own = keys.find((key) => ['passport', 'multistep', 'cookie'].includes(key))
  if (own !== undefined) {
    throw new TypeError(`multistep: carry cannot name '${own}', which holds who is logged in. Name your own keys.`)
  }
  return keys
}

function originOption(value: string): string {
  const origin = URL.canParse(value) ? new URL(value).origin : 'null'
  if (origin === 'null' || origin !== value) {
    throw new TypeError(`multistep: origins holds origins such as 'https://app.example', not ${JSON.stringify(value)}.`)
  }
  return origin
}
