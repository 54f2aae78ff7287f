import type { SmsChannel } from '../lib/channels.js'

// What each operation of a `ChallengeStore` is asked, and what it answers.

/**
 * Names one challenge: the tag of its subject (22 characters, base64url) and 128 random bits (22 characters,
 * base64url).
 */
export interface ChallengeKey {
  readonly subject: string
  readonly id: string
}

/** At most `limit` texts in `window` milliseconds. */
export interface Limit {
  readonly limit: number
  readonly window: number
}

/** A text that is to leave, and what limits it. All spans are milliseconds. */
export interface SendRequest {
  /** The tag of the subject: 22 characters, base64url. */
  readonly subject: string
  /** The challenge to begin when there is nothing to repeat. Absent: only repeat, else `unknown`. */
  readonly begin?: {
    readonly id: string
    readonly ttl: number
    readonly maxAttempts: number
    readonly maxResends: number
  }
  /** The id of a challenge of the same subject to repeat while it is live (not expired, used or unknown). */
  readonly repeat?: string
  /** The id of an earlier challenge of the same subject, session or flow, which a newly begun one retires. */
  readonly retire?: string
  /**
   * Milliseconds between any two texts; entry n applies after the nth text since the subject's last success, the last
   * one from then on. Empty: none.
   */
  readonly delays: readonly number[]
  /**
   * Sliding windows over all texts to the subject. Texts are remembered for the longest window, or twice the longest
   * delay, asked for so far.
   */
  readonly limits: readonly Limit[]
  /**
   * The same for the texts that were tried in vain (`undo` with `unsent`).
   * @default none
   */
  readonly unsentLimits?: readonly Limit[] | undefined
  /**
   * How the code travels. It is kept with the challenge. Nothing is kept of `'sms'` where the code goes by no other.
   * @default 'sms'
   */
  readonly channel?: SmsChannel | undefined
  /**
   * Milliseconds in which news of a text are expected: texts are remembered for as long, at least.
   * @default 0
   */
  readonly expect?: number | undefined
  /**
   * The text takes the place of the one with this number, which did not arrive: that was reported, or nothing was
   * within `expect`. It is not needed (`unneeded`) where a later text has left, one has arrived, news are still
   * expected, or the code went by this channel before. The delays do not hold for it, and everything else does. Only
   * with `repeat`.
   */
  readonly inPlaceOf?: number | undefined
}

/** Whether the text may leave. `retryAt`: when it may be asked for again, on the clock of the store. */
export type SendAnswer =
  | {
    readonly status: 'sent'
    readonly id: string
    /** `true`: the challenge was live already, and the same code goes out again. */
    readonly repeated: boolean
    /** Epoch milliseconds of the store's clock, as are all instants here. */
    readonly at: number
    readonly expiresAt: number
    /**
     * When the next text to this subject is allowed by the delays, or `undefined` when this challenge has no resends
     * left.
     */
    readonly resendAt: number | undefined
    readonly attemptsLeft: number
    /** Of a repeat: which text of its challenge it is, from 1. The first one is 0. */
    readonly text?: number
    /** Of a repeat: no text of its challenge went by this channel before. */
    readonly isNewChannel?: boolean
  }
  | { readonly status: 'throttled', readonly scope: 'delay' | 'subject' | 'resends', readonly retryAt: number, readonly at: number }
  | { readonly status: 'exhausted', readonly retryAt: number, readonly at: number }
  | { readonly status: 'locked', readonly retryAt: number, readonly at: number }
  | { readonly status: 'disabled', readonly at: number }
  /** Only without `begin`: nothing to repeat. */
  | { readonly status: 'expired' | 'used' | 'unknown', readonly at: number }
  /** Only with `inPlaceOf`. */
  | { readonly status: 'unneeded', readonly at: number }

/** When failures in a row lock a subject, and when they disable it. */
export interface LockoutPolicy {
  /**
   * Consecutive failures of one subject, over all challenges and purposes, that lock it; each further multiple locks
   * again.
   */
  readonly after: number
  /** Milliseconds of the first lock; each next one is twice as long. */
  readonly for: number
  /** Milliseconds of the longest lock. */
  readonly max: number
  /** Consecutive failures that disable the subject until `enable`. */
  readonly disableAfter: number
  /**
   * Milliseconds for which each failure from `disableAfter` on locks the subject, in place of disabling it. Absent: it
   * is disabled.
   */
  readonly disableFor?: number | undefined
}

/** One attempt at a code that this package has made. */
export interface VerifyRequest extends ChallengeKey {
  /** Whether the submitted code equals the derived one, compared by the caller in constant time. */
  readonly matched: boolean
  readonly lockout: LockoutPolicy
}

/** What an attempt was worth. All instants are epoch milliseconds of the store's clock. */
export type VerifyAnswer =
  /** `channels` that the code went by, in the order of their names there. Absent: `'sms'` alone. */
  | { readonly status: 'ok', readonly at: number, readonly channels?: readonly SmsChannel[] }
  /** `lockedUntil` or `disabled` when this failure brought it about. */
  | { readonly status: 'wrong', readonly attemptsLeft: number, readonly lockedUntil?: number, readonly disabled?: boolean, readonly at: number }
  | { readonly status: 'expired' | 'used' | 'exhausted' | 'unknown' | 'disabled', readonly at: number }
  | { readonly status: 'locked', readonly retryAt: number, readonly at: number }

/** How the provider names the code of a challenge. */
export interface AssignRequest extends ChallengeKey {
  /** Of the provider: 1 to 200 visible characters of ASCII. */
  readonly verification: string
}

/** One attempt at a code that a provider has made, before the provider is asked. */
export interface CountRequest extends ChallengeKey {
  readonly lockout: LockoutPolicy
}

/** Whether the provider may be asked. `verification` is how it names the code. */
export type CountAnswer =
  /** `lockedUntil` or `disabled` when this attempt, were it wrong, brings it about. */
  | { readonly status: 'counted', readonly verification: string, readonly attemptsLeft: number, readonly lockedUntil?: number, readonly disabled?: boolean, readonly at: number }
  | { readonly status: 'unassigned', readonly at: number }
  | Exclude<VerifyAnswer, { readonly status: 'ok' | 'wrong' }>

/** What the provider said of a counted attempt. */
export interface ConcludeRequest extends ChallengeKey {
  readonly outcome: 'right' | 'unchecked' | 'expired' | 'exhausted'
  /** As the `counted` answer said, and so are the two below. */
  readonly verification: string
  readonly lockedUntil?: number | undefined
  readonly disabled?: boolean | undefined
}

/** How the challenge stands after it. Of many that were right, exactly one is `ok`. */
export type ConcludeAnswer =
  | Extract<VerifyAnswer, { readonly status: 'ok' }>
  | { readonly status: 'used' | 'unknown', readonly at: number }
  /** Of every outcome but `right`. */
  | { readonly status: 'concluded', readonly at: number }

/** What a provider says of a text; without `news` only the question how the challenge stands. */
export interface ReportRequest extends ChallengeKey {
  readonly news?: {
    /** Which text of the challenge, from 0: `text` of its `sent` answer. One that never left is no news. */
    readonly text: number
    readonly delivery: 'delivered' | 'failed'
  } | undefined
  /** As of `send`: they tell when the next text is allowed. */
  readonly delays: readonly number[]
}

/** How a challenge stands, and its last text. */
export type ReportAnswer =
  | {
    readonly status: 'standing'
    readonly at: number
    /** The last text of the challenge, from 0. */
    readonly text: number
    /** What is known of it. Absent: nothing. */
    readonly delivery?: 'delivered' | 'failed'
    /** It was not known before this call. */
    readonly changed: boolean
    readonly attemptsLeft: number
    /** That the last text went by; and all that it does not go by once more by itself. */
    readonly channel: SmsChannel
    readonly channels: readonly SmsChannel[]
    /** When the last text to the subject left, as far as it is remembered. */
    readonly textedAt: number | undefined
    /** As of a `sent` answer. */
    readonly resendAt: number | undefined
  }
  | { readonly status: 'exhausted' | 'expired' | 'used' | 'unknown', readonly at: number }

/** A text that was allowed and did not leave. */
export interface UndoRequest extends ChallengeKey {
  /** As the `sent` answer said. */
  readonly repeated: boolean
  /** As the `sent` answer said: names the text. */
  readonly at: number
  /** Counts among the texts that were tried in vain: something that costs (a hook, a gateway) was asked for it. */
  readonly unsent: boolean
  /**
   * Of a repeat in the place of a text that did not arrive: that is known again.
   * @default false
   */
  readonly failed?: boolean | undefined
  /**
   * Of a repeat: the channel of the text.
   * @default 'sms'
   */
  readonly channel?: SmsChannel | undefined
  /**
   * As the `sent` answer said: then the code did not go by this channel at all.
   * @default false
   */
  readonly isNewChannel?: boolean | undefined
  /**
   * A begun challenge stays all the same: the user was told of it.
   * @default false
   */
  readonly keepChallenge?: boolean | undefined
}

/** One counter: `key` is a tag that names what is counted. */
export interface Budget {
  readonly key: string
  readonly limits: readonly Limit[]
  readonly conversion?: Conversion | undefined
  /**
   * Only looked at: nothing is taken.
   * @default false
   */
  readonly peek?: boolean | undefined
}

/** What is given back to budgets, because the text did not leave. */
export interface ReleaseRequest {
  /** As they were reserved. */
  readonly budgets: readonly Budget[]
  /** As the `reserved` answer said. */
  readonly at: number
  /** What is counted instead. Their `peek` does not matter. */
  readonly charge?: readonly Budget[] | undefined
}

/**
 * Texts for which too few codes come back: fraud that earns by the text (SMS pumping) never enters one. Every `over`
 * texts are judged by the codes that were entered meanwhile; the next text begins a new count. A count is forgotten a
 * day after its last text.
 */
export interface Conversion {
  /**
   * The share of codes to texts, above 0 and at most 1, below which the budget is paused. The one number here that is
   * not whole.
   */
  readonly below: number
  readonly over: number
  /** Milliseconds. */
  readonly pauseFor: number
  /** Milliseconds that a text has, at least, before it is judged: at most twice as many pass. */
  readonly patience: number
}

/** Whether all budgets had one left. */
export type ReserveAnswer =
  | { readonly status: 'reserved', readonly at: number }
  /** The first budget that is paused. `began`: by this call, and what it was judged by. */
  | {
    readonly status: 'paused'
    readonly key: string
    readonly retryAt: number
    readonly at: number
    readonly began?: { readonly sent: number, readonly verified: number }
  }
  /** The first budget that is spent, in the order given, and when it opens again. */
  | { readonly status: 'spent', readonly key: string, readonly retryAt: number, readonly at: number }
