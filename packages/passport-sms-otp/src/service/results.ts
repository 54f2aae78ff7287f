import type { CheckName } from '../checks/swap-check.js'
import type { SmsChannel } from '../lib/channels.js'
import type { LimitScope } from '../limits/send-limits.js'

/** A text has left, or nobody knows whether it has. Its code is good. */
export interface Sent {
  readonly status: 'sent'
  /** The sealed handle: give it back with the code. It reveals nothing. */
  readonly challenge: string
  /** Masked, such as `+44 •••• •••456`. */
  readonly to: string
  readonly expiresAt: Date
  /** When the next text is allowed; absent when this challenge has no resends left. */
  readonly resendAt?: Date
  readonly attemptsLeft: number
  /** How the code went, where the option `channels` is given. */
  readonly channel?: SmsChannel
  /**
   * What is known of the last text: nothing yet, nothing for too long, that it did not arrive, or that it did. Only
   * where `expectDelivery` is given, and never of a text to a stranger.
   */
  readonly delivery?: DeliveryState
  /** Until when news of it are expected. */
  readonly expectedBy?: Date
  /** With `channelFailover`: the channel by which the code goes on if the text does not arrive. Of `otp.delivery`. */
  readonly next?: SmsChannel
}

/**
 * `waiting`: nothing is known yet. `late`: nothing was known by `expectedBy`. `failed`: it did not arrive.
 * `delivered`: a text with this code arrived.
 */
export type DeliveryState = 'waiting' | 'late' | 'failed' | 'delivered'

/** How a code stands that was sent. `unknown`: also where nothing is kept of its texts. */
export type DeliveryResult = Sent | { readonly status: 'exhausted' | 'expired' | 'used' | 'unknown' }

/**
 * `blocked`: the provider does not text this number. `detail`, if any, is for the app: what `beforeSend` gave as its
 * reason, or how it failed; what a check found, or why nobody knows; the provider's own code.
 */
export interface Refused {
  readonly status: 'refused'
  readonly reason: 'phone' | 'channel' | 'country' | 'number-type' | 'hook' | 'blocked' | CheckName
  readonly detail?: string
}

/** The text certainly did not leave. `temporary` says whether trying later may help. */
export interface Undeliverable {
  readonly status: 'undeliverable'
  readonly provider: string
  readonly providerCode?: string
  readonly temporary: boolean
}

/** What a provider or a gateway refused. */
export type NotSent = Undeliverable | Refused | { readonly status: 'throttled', readonly scope: 'provider', readonly retryAfter: number }

/** `retryAfter` is in whole seconds. `provider` is a limit of the provider's own. */
export type IssueResult =
  | Sent
  | { readonly status: 'throttled', readonly scope: LimitScope | 'channel' | 'delay' | 'resends' | 'provider', readonly retryAfter: number }
  | { readonly status: 'locked', readonly retryAfter: number }
  | { readonly status: 'disabled' }
  | Refused
  | Undeliverable

/** `exhausted`: all guesses are spent; a new challenge may begin after `retryAfter` seconds. */
export type ResendResult =
  | IssueResult
  | { readonly status: 'exhausted', readonly retryAfter: number }
  | { readonly status: 'expired' | 'used' | 'unknown' }

/**
 * What a code was worth. `malformed` is no attempt: it cannot be a code. `unknown`: the code is of another number,
 * subject, purpose or other details, or of nobody. `retryAfter` is in whole seconds.
 */
export type VerifyResult =
  | {
    readonly status: 'ok'
    readonly phone: string
    readonly subject: string
    readonly purpose: string
    readonly at: Date
    /**
     * All that the code went by, where the option `channels` is given. It was one code, so nobody knows which of them
     * the person read it from: the proof is worth what the weakest of them is.
     */
    readonly channels?: readonly SmsChannel[]
  }
  | { readonly status: 'wrong', readonly attemptsLeft: number }
  | { readonly status: 'malformed' | 'expired' | 'used' | 'exhausted' | 'unknown' | 'disabled' }
  | { readonly status: 'locked', readonly retryAfter: number }

/** Whole seconds, at least one, from one instant to another. */
export const secondsUntil = (until: number, at: number): number => Math.max(1, Math.ceil((until - at) / 1000))
