import { duration, milliseconds, type Duration } from '#internal/duration'
import { checkOneOf, checkOptionNames, hasMethods } from '#internal/option-checks'
import { readWindows } from '../limits/send-limits.js'
import type { Limit } from '../stores/challenge-store.js'
import type { SwapKind, SwapProvider } from './swap-provider.js'

/** The options of `simSwapCheck` and `deviceSwapCheck`. Durations are whole hours, such as `'240h'`. */
export interface SwapCheckOptions {
  /** Who is asked: `camaraSwaps({ … })`, `twilioSwaps({ … })`, or a provider of your own. */
  readonly provider: SwapProvider
  /**
   * How long after a change no text is sent: whole hours, from `'1h'` to `'2400h'` (CAMARA SIM Swap 2.1.0). Operators
   * may know of less, and then nothing is known.
   * @default '240h'
   */
  readonly maxAge?: Duration | undefined
  /**
   * What to do where nobody knows: the operator is not covered, does not answer in time, or `limits` are spent.
   * `'allow'` texts all the same: who can keep the provider from answering gets past the check.
   * @default 'refuse'
   */
  readonly onUnknown?: 'refuse' | 'allow' | undefined
  /**
   * How long an answer about a number is kept in this process; `'0s'`: not at all.
   * @default '1h'
   */
  readonly cache?: Duration | undefined
  /**
   * How long the provider may take, its access token included.
   * @default '3s'
   */
  readonly timeout?: Duration | undefined
  /**
   * How many questions the provider is asked at the most, by window, over all servers that share the store: each may
   * cost money. `{}`: any number.
   * @default { '1h': 1000 }
   */
  readonly limits?: Readonly<Record<string, number>> | undefined
}

export type CheckName = 'sim-swap' | 'device-swap'

/** A check before a text, as `checks` of a service takes it. Made by `simSwapCheck` and `deviceSwapCheck`. */
export interface SwapCheck {
  readonly name: CheckName
  readonly kind: SwapKind
  readonly provider: SwapProvider
  /** Whole hours. */
  readonly maxAge: number
  readonly onUnknown: 'refuse' | 'allow'
  /** Milliseconds. */
  readonly cache: number
  /** Milliseconds. */
  readonly timeout: number
  readonly limits: readonly Limit[]
}

/**
 * Refuses a text to a number whose SIM card changed of late: another person may read it.
 * @throws TypeError for options that are missing or misspelt, and a provider that does not know of SIM cards.
 * @example
 * new SmsOtp({ sender, secret, countries: ['DE'], checks: { simSwap: simSwapCheck({ provider, maxAge: '240h' }) } })
 */
export const simSwapCheck = (options: SwapCheckOptions): SwapCheck => swapCheck('simSwapCheck', 'sim-swap', options)

/**
 * Refuses a text to a number whose SIM card was put in another phone of late.
 * @throws TypeError for options that are missing or misspelt, and a provider that does not know of phones.
 * @example
 * const checks = { deviceSwap: deviceSwapCheck({ provider, maxAge: '72h' }) }
 */
export const deviceSwapCheck = (options: SwapCheckOptions): SwapCheck =>
  swapCheck('deviceSwapCheck', 'device-swap', options)

/** In milliseconds. */
export const HOUR = 60 * 60_000
const kindOfCheck: Readonly<Record<CheckName, SwapKind>> = { 'sim-swap': 'sim', 'device-swap': 'device' }

function swapCheck(called: string, name: CheckName, options: SwapCheckOptions): SwapCheck {
  checkOptionNames(called, options, ['provider', 'maxAge', 'onUnknown', 'cache', 'timeout', 'limits'])
  const { provider, maxAge = '240h', onUnknown = 'refuse', cache = '1h', timeout = '3s' } = options
  const kind = kindOfCheck[name]
  checkProvider(called, provider, kind)
  checkOneOf('onUnknown', onUnknown, ['refuse', 'allow'])
  return {
    name, kind, provider, onUnknown,
    maxAge: wholeHours(maxAge),
    cache: milliseconds('cache', cache),
    timeout: duration('timeout', timeout, '1m'),
    limits: readWindows(`limits of ${called}`, options.limits ?? { '1h': 1000 }),
  }
}

function checkProvider(called: string, provider: unknown, kind: SwapKind): void {
  const { name, kinds: known } = Object(provider) as Partial<SwapProvider>
  if (!hasMethods(provider, ['swapped']) || typeof name !== 'string' || !Array.isArray(known)) {
    throw new TypeError(`${called} needs a provider, such as camaraSwaps({ ... }), or { name, kinds, swapped(question, { signal }) }.`)
  }
  if (known.includes(kind)) return
  throw new TypeError(`${called} needs a provider that knows of a ${kind} swap: '${name}' does not.`)
}

function wholeHours(maxAge: unknown): number {
  const hours = duration('maxAge', maxAge, '2400h') / HOUR
  if (Number.isInteger(hours)) return hours
  throw new TypeError(`maxAge is of whole hours, such as '240h', not ${JSON.stringify(maxAge)}.`)
}
