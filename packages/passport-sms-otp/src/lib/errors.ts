/** Every code that a failure, an error or a result of this package may carry. */
export type SmsOtpCode =
  | 'code_missing' | 'code_malformed' | 'phone_missing' | 'phone_invalid' | 'channel_invalid' | 'details_invalid'
  | 'code_wrong' | 'code_expired' | 'code_used' | 'challenge_unknown'
  | 'user_unknown' | 'send_refused' | 'disabled'
  | 'method_not_allowed'
  | 'phone_rejected'
  | 'too_many_attempts' | 'locked' | 'send_throttled'
  | 'misconfigured'
  | 'undeliverable'
  | 'store_unavailable'
  | 'provider_unavailable'

const statuses: Record<SmsOtpCode, number> = {
  code_missing: 400,
  code_malformed: 400,
  phone_missing: 400,
  phone_invalid: 400,
  channel_invalid: 400,
  details_invalid: 400,
  code_wrong: 401,
  code_expired: 401,
  code_used: 401,
  challenge_unknown: 401,
  user_unknown: 403,
  send_refused: 403,
  disabled: 403,
  method_not_allowed: 405,
  phone_rejected: 409,
  too_many_attempts: 429,
  locked: 429,
  send_throttled: 429,
  misconfigured: 500,
  undeliverable: 502,
  store_unavailable: 503,
  provider_unavailable: 503,
}

/**
 * The HTTP status that belongs to a code.
 * @example
 * statusOf('send_throttled') // 429
 */
export const statusOf = (code: SmsOtpCode): number => statuses[code]

/** What an error carries beside its code and message. */
export interface SmsOtpErrorOptions {
  /**
   * What failed underneath. Only the log may show it.
   * @default none
   */
  readonly cause?: unknown
  /**
   * Whether the person may read the message.
   * @default `true` below status 500
   */
  readonly expose?: boolean
  /**
   * Of `undeliverable`: the provider's own code for it.
   * @default none
   */
  readonly providerCode?: string | undefined
  /**
   * Of `undeliverable`: whether trying later may help.
   * @default false
   */
  readonly temporary?: boolean | undefined
  /**
   * Of `undeliverable`: whether another sender may take the text.
   * @default the value of `temporary`
   */
  readonly tryNext?: boolean | undefined
  /**
   * Whole seconds after which another try makes sense.
   * @default none
   */
  readonly retryAfter?: number | undefined
}

/**
 * What this package throws or hands to `error()` when its own side broke (store, provider). Match by `code`, not by
 * `instanceof`: an app may hold the package twice, as ESM and as CommonJS.
 * @example
 * const send: SmsSender['send'] = async ({ to, body }) => {
 *   const { status, id } = await gateway.post({ to, text: body })
 *   if (status === 400) throw new SmsOtpError('undeliverable', 'The gateway refused the number.', { temporary: false })
 *   return { id }
 * }
 */
export class SmsOtpError extends Error {
  override readonly name = 'SmsOtpError'
  readonly code: SmsOtpCode
  readonly status: number
  /** Whether `message` may be shown to the person (the convention of `http-errors`). */
  readonly expose: boolean
  /** Of what a provider refused or did not check: its own code for it. */
  readonly providerCode?: string
  /**
   * Of `undeliverable`: whether trying later may help.
   * @default false
   */
  readonly temporary?: boolean
  /**
   * Of `undeliverable`: whether another sender may take the text. Not if it is about the person (no such number, opted
   * out), or a suspicion of fraud.
   * @default temporary
   */
  readonly tryNext?: boolean
  /** Of `send_throttled`, as a provider tells it: whole seconds. */
  readonly retryAfter?: number

  constructor(code: SmsOtpCode, message: string, options: SmsOtpErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.code = code
    this.status = statusOf(code)
    this.expose = options.expose ?? this.status < 500
    if (options.providerCode !== undefined) this.providerCode = options.providerCode
    if (options.temporary !== undefined) this.temporary = options.temporary
    if (options.tryNext !== undefined) this.tryNext = options.tryNext
    if (options.retryAfter !== undefined) this.retryAfter = options.retryAfter
  }
}

/** Not by `instanceof`: the service may be of another copy of this package than the strategy. */
export const isSmsOtpError = (error: unknown): error is SmsOtpError =>
  typeof error === 'object' && error !== null && (error as Partial<SmsOtpError>).name === 'SmsOtpError'
