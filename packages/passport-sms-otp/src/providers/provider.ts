import { hasMethods } from '#internal/option-checks'
import type { SmsChannel } from '../lib/channels.js'
import type { Details } from '../texts/details.js'

/** What a provider is asked to send. */
export interface CodeStart {
  /** E.164, such as `+447400123456`. */
  readonly to: string
  /** What the code is for. A code of one purpose must not be right for another. */
  readonly purpose: string
  /** What the text has to show, the amount first: only values that `details` of the provider names. */
  readonly details: Details
  /** Our text, with `{{code}}` in the place of the code: for a provider that says `message`. */
  readonly message: string
  /** By which the code travels: one of the provider's `channels`. */
  readonly channel: SmsChannel
  readonly locale?: string
  /** Whole seconds for which we take the code. */
  readonly validFor: number
  /** The challenge has had a code before: it is repeated, or another one takes its place. */
  readonly repeated: boolean
}

/** How the provider names the code that it sent. */
export interface CodeStarted {
  /**
   * 1 to 200 visible characters of ASCII. It is kept with the challenge, and handed to `check`. Codes of two purposes
   * must have two ids, for one code must not be right for both.
   */
  readonly id: string
  /** What the provider said of it, for the event `sent`. */
  readonly status?: string
}

/** What a person typed. */
export interface CodeGuess {
  readonly id: string
  readonly to: string
  readonly code: string
  readonly purpose: string
  readonly details: Details
}

/**
 * What a code was worth. `expired`: the provider has forgotten it, or it was used. `exhausted`: it takes no more
 * guesses. `unchecked`: it certainly did not look at the code, because it could not be reached, or refused to work for
 * us: the attempt is given back.
 */
export type CodeVerdict = 'right' | 'wrong' | 'expired' | 'exhausted' | 'unchecked'

/**
 * A provider that makes the codes, sends them and checks them, in place of a sender. Attempts, lockout, limits, delays,
 * purposes and who may be texted stay with the service.
 * @example
 * const provider: CodeProvider = {
 *   name: 'acme',
 *   async start({ to, locale }, { signal }) {
 *     const { id } = await api.post('/codes', { to, locale }, signal)
 *     return { id }
 *   },
 *   async check({ id, code }, { signal }) {
 *     const { state } = await api.post(`/codes/${id}/check`, { code }, signal)
 *     return state === 'approved' ? 'right' : 'wrong'
 *   },
 * }
 */
export interface CodeProvider {
  /** Stands in events (`provider`) and `undeliverable` results. */
  readonly name: string
  /** Codes reach nobody outside: country rules are not required. */
  readonly development?: boolean
  /**
   * The channels that it can do.
   * @default ['sms']
   */
  readonly channels?: readonly SmsChannel[]
  /**
   * How its codes look.
   * @default { length: 6, alphabet: 'digits' }
   */
  readonly code?: ProviderCode
  /**
   * The values of `details` that its texts show and its codes are tied to: `'all'`, or their names. Others are refused
   * (`details_invalid`), for a person must not confirm what no text has shown.
   * @default none
   */
  readonly details?: 'all' | readonly string[]
  /** It writes our text (`message` of `start`), of so many characters at the most. */
  readonly message?: { readonly longest: number }
  /**
   * Resolves once the provider has taken it. Rejects with an `SmsOtpError` where nothing left for certain:
   * `send_throttled` (with `retryAfter` in seconds, where it is known) for a limit of the provider's own,
   * `send_refused` for a number that it does not text, `misconfigured` for what the app has to mend, `undeliverable`
   * for all else. After any other rejection, and a
   * deadline (`signal`), nobody knows, and the person is told to try again.
   */
  start(start: CodeStart, options: { readonly signal: AbortSignal }): Promise<CodeStarted>
  /**
   * Rejects with an `SmsOtpError` `provider_unavailable` in place of `unchecked`, if it can say why (`providerCode`,
   * `cause`). Any answer but a verdict, any other rejection, and a deadline (`signal`) are no verdict: the attempt
   * stays spent.
   */
  check(guess: CodeGuess, options: { readonly signal: AbortSignal }): Promise<CodeVerdict>
}

/** How the codes of a provider look. */
export interface ProviderCode {
  /** @default 6 */
  readonly length?: number
  /**
   * `'any'`: letters as they are typed, and digits.
   * @default 'digits'
   */
  readonly alphabet?: 'digits' | 'any'
}

/** Stands in `message` of `start` where the code will. */
export const CODE_PLACE = '{{code}}'

export const isProvider = (value: unknown): value is CodeProvider =>
  hasMethods(value, ['start', 'check']) && typeof (value as CodeProvider).name === 'string'
