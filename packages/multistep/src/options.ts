import { milliseconds } from './duration.js'
import { factorTable, type FactorOptions, type FactorTable } from './policy/factors.js'
import type { FlowStore, LockoutPolicy } from './stores/flow-store.js'
import { MemoryFlowStore } from './stores/memory-flow-store.js'
import type { Messages } from './messages.js'
import { localPath } from './http/return-to.js'
import { checkSteps, factorNames, type Step } from './policy/steps.js'

export interface MultistepOptions<F extends string = string> {
  /** The policy: every login passes these steps in order. */
  steps: readonly Step<F>[]
  /** What to know of each factor. Known names (`local`, `sms-otp`, `mobileconnect`, `totp`, `recovery-code`, `webauthn`) have defaults. */
  factors?: { readonly [K in NoInfer<F>]?: FactorOptions }
  /** A non-empty string, a number or a bigint. Default: `user.id`. */
  userId?: (user: Express.User) => unknown
  /** Where people log in, as the browser sees it. Default: `'/login'`. */
  loginPath?: string
  /** In front of `loginPath` and of every path sent to the browser, behind a proxy that strips a prefix. Default: none. */
  publicPath?: string
  /** Where a router's login ends when no page was asked for first. Default: `'/'`. */
  successRedirect?: string
  /** Of a pending login. Default: `'10m'`. */
  ttl?: string
  /** Flows, logins and ledgers. Default: a `MemoryFlowStore`, for one process. */
  store?: FlowStore
  /** After which a store that does not answer counts as broken. Default: `'2s'`. */
  storeTimeout?: string
  /** After which a strategy that does not answer counts as broken. Default: `'30s'`. */
  stepTimeout?: string
  /** For each person and factor: failures in a row that lock, for how long, doubling up to how long. Default: `{ after: 10, for: '15m', max: '24h' }`. */
  lockout?: { after?: number, for?: string, max?: string }
  /** How long a login lives at most, however active it is. Default: `{ absolute: '24h' }`. */
  session?: { absolute?: string }
  /** Session keys that survive a login; everything else is left behind, for somebody else may have put it there. Default: none. */
  carry?: readonly string[]
  /** Other origins whose pages may post here, such as `https://app.example`. Default: none. */
  origins?: readonly string[]
  /** Sentences of the router's pages to put differently. Default: English. */
  messages?: Partial<Messages>
  /** Epoch milliseconds; handed to the store that is created when none is given. Default: the machine's clock. */
  now?: () => number
}

/** The options with everything decided; durations in milliseconds. */
export interface Settings {
  readonly steps: readonly Step[]
  readonly factors: FactorTable
  readonly userId: (user: Express.User) => unknown
  readonly loginPath: string
  readonly publicPath: string
  readonly successRedirect: string
  readonly ttl: number
  readonly store: FlowStore
  readonly storeTimeout: number
  readonly stepTimeout: number
  readonly lockout: LockoutPolicy
  readonly absolute: number
  readonly carry: readonly string[]
  readonly origins: ReadonlySet<string>
  readonly messages: Partial<Messages> | undefined
  /** As given; the store has its own. */
  readonly now: (() => number) | undefined
}

const names: Record<keyof MultistepOptions, true> = {
  steps: true, factors: true, userId: true, loginPath: true, publicPath: true, successRedirect: true, ttl: true, store: true, storeTimeout: true,
  stepTimeout: true, lockout: true, session: true, carry: true, origins: true, messages: true, now: true,
}

/** @throws TypeError for a mistake in the options, with what to write instead. */
export function settingsOf(options: MultistepOptions): Settings {
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(names, name))
  if (unknown !== undefined) throw new TypeError(`multistep: there is no option '${unknown}'. The options are: ${Object.keys(names).join(', ')}.`)
  if (!Array.isArray(options.steps)) throw new TypeError('multistep: steps must be a list, such as steps: [\'local\', \'sms-otp\'].')
  const factors = factorTable(factorNames(options.steps), options.factors ?? {})
  checkSteps(options.steps, factors)
  return {
    steps: options.steps,
    factors,
    userId: options.userId ?? ((user) => (user as { id?: unknown }).id),
    loginPath: pathOption('loginPath', options.loginPath ?? '/login'),
    publicPath: options.publicPath === undefined ? '' : pathOption('publicPath', options.publicPath),
    successRedirect: options.successRedirect ?? '/',
    ttl: milliseconds('ttl', options.ttl ?? '10m'),
    store: options.store ?? new MemoryFlowStore(options.now ? { now: options.now } : {}),
    storeTimeout: milliseconds('storeTimeout', options.storeTimeout ?? '2s'),
    stepTimeout: milliseconds('stepTimeout', options.stepTimeout ?? '30s'),
    lockout: lockoutOf(options.lockout ?? {}),
    absolute: milliseconds('session.absolute', options.session?.absolute ?? '24h'),
    carry: carried(options.carry ?? []),
    origins: new Set((options.origins ?? []).map(originOption)),
    messages: options.messages,
    now: options.now,
  }
}

function pathOption(name: string, value: string): string {
  const path = localPath(value)?.replace(/\/+$/, '')
  if (!path || /[?#]/.test(path)) throw new TypeError(`multistep: ${name} is a path of this app, such as '/login', not ${JSON.stringify(value)}.`)
  return path
}

function lockoutOf(given: NonNullable<MultistepOptions['lockout']>): LockoutPolicy {
  const after = given.after ?? 10
  // NIST SP 800-63B-4 §3.2.2: no more than 100 consecutive failures.
  if (!Number.isInteger(after) || after < 1 || after > 100) throw new TypeError(`multistep: lockout.after is a whole number from 1 to 100, not ${after}.`)
  return { after, for: milliseconds('lockout.for', given.for ?? '15m'), max: milliseconds('lockout.max', given.max ?? '24h') }
}

function carried(keys: readonly string[]): readonly string[] {
  const own = keys.find((key) => ['passport', 'multistep', 'cookie'].includes(key))
  if (own !== undefined) throw new TypeError(`multistep: carry can not name '${own}', which holds who is logged in. Name your own keys.`)
  return keys
}

function originOption(value: string): string {
  const origin = URL.canParse(value) ? new URL(value).origin : 'null'
  if (origin === 'null' || origin !== value) throw new TypeError(`multistep: origins holds origins such as 'https://app.example', not ${JSON.stringify(value)}.`)
  return origin
}
