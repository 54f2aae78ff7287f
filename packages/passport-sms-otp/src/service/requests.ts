import { warnOncePerCode } from '#internal/warn-once-per-code'
import type { SmsChannel } from '../lib/channels.js'
import type { Details } from '../texts/details.js'

/**
 * To whom a code is sent, and what for.
 * @example
 * const request: IssueRequest = {
 *   to: account.phone, purpose: 'transfer', subject: account.id, ip: req.ip, known: true,
 * }
 */
export interface IssueRequest {
  /** The number in international notation, spaces and hyphens allowed: `+44 7400 123456`. */
  readonly to: string
  /** What the code is for, such as `'transfer'`: it is worth nothing for anything else. */
  readonly purpose: string
  /**
   * Whose failures are counted: the account's id.
   * @default the number
   */
  readonly subject?: string | undefined
  /** Named values that stand in the text, and that the code is tied to. */
  readonly details?: Details | undefined
  /**
   * Language tag, such as `de-AT`: of the text, for `message`, and handed to the sender.
   * @default English
   */
  readonly locale?: string | undefined
  /**
   * The address of the person who asks: `req.ip`. All whose address is not known, or is none, share one limit. Left out
   * altogether, texts are not limited by address: the app does so itself, and a process warning says it once.
   */
  readonly ip?: string | undefined
  /**
   * How the code is to travel: one of the option `channels`. Another one is `refused`, with the reason `channel`.
   * @default the first of them
   */
  readonly channel?: SmsChannel | undefined
  /**
   * The number stands in an account: the limits by address, prefix and country do not apply.
   * @default false
   */
  readonly known?: boolean | undefined
}

/** Which code is sent once more. */
export interface ResendRequest {
  /** The sealed handle that `issue` returned. */
  readonly challenge: string
  /** As they were issued. */
  readonly details?: Details | undefined
  /** As of `issue`. */
  readonly ip?: string | undefined
  /**
   * As of `issue`. It is the same code, and counts against the same limits, whatever it goes by.
   * @default the one that it went by before
   */
  readonly channel?: SmsChannel | undefined
}

/**
 * What a person entered, and what it has to be for.
 * @example
 * const request: VerifyRequest = { challenge, code: req.body.code, purpose: 'transfer', subject: account.id }
 */
export interface VerifyRequest {
  /** The sealed handle that `issue` or `resend` returned. */
  readonly challenge: string
  /** As it was typed. */
  readonly code: string
  /** As it was issued: with another one the code is `unknown`. */
  readonly purpose: string
  /**
   * As it was issued.
   * @default the number
   */
  readonly subject?: string | undefined
  /** As they were issued. */
  readonly details?: Details | undefined
  /**
   * The account's number as it is now: a code that was sent to another one is `unknown`, and so is any when this is
   * present but no number.
   */
  readonly to?: string
}

/** @throws TypeError that shows how it is called. */
export function checkRequest<Request>(call: string, request: Request): Request {
  if (typeof request === 'object' && request !== null) return request
  throw new TypeError(`It is called as ${call}, with an object, not ${typeof request}.`)
}

const LONGEST_NAME = 200

/**
 * As JSON, which takes 6 bytes for a character at most. The reference of a text holds two purposes and a subject, and
 * no more than 4096 characters of it come back.
 */
const MOST_BYTES = 3 * LONGEST_NAME

/** @throws TypeError for anything but a short string that is not empty: nobody's id is `undefined`. */
export function checkName(what: string, value: unknown): string {
  if (typeof value === 'string' && value !== '' && value.length <= LONGEST_NAME) {
    if (Buffer.byteLength(JSON.stringify(value)) - 2 <= MOST_BYTES) return value
    throw new TypeError(`${what} holds too many characters that nobody can read: it is at most ${MOST_BYTES} bytes as JSON.`)
  }
  throw new TypeError(`${what} is a string of 1 to ${LONGEST_NAME} characters, not ${typeof value === 'string' ? `${value.length}` : typeof value}.`)
}

/** An address that is not known is given all the same, and is not like one that was left out. */
export const askedFrom = (request: { readonly ip?: string | undefined }): { ip?: string | undefined } => ('ip' in request ? { ip: request.ip } : {})

export function warnOfNoIp(): void {
  warnOncePerCode('SMS_OTP_NO_IP', 'passport-sms-otp: otp.issue() was called for a number that stands in no account, and without ip: its texts are not limited by address. '
    + 'Give ip: req.ip, or know that the app limits them itself.')
}

/** @throws TypeError for what no address is: a limit must not be lifted by what is no text. */
export function checkAddress(ip: unknown): string | undefined {
  if (ip === undefined || typeof ip === 'string') return ip
  throw new TypeError(`ip is a string such as req.ip, or undefined, not ${ip === null ? 'null' : typeof ip}.`)
}

/** A language tag, or nothing: it often comes from a header. Written `de_AT` it is read as well. */
export const readLocale = (locale: unknown): string | undefined =>
  typeof locale === 'string' && /^[A-Za-z0-9_-]{2,35}$/.test(locale) ? locale.replaceAll('_', '-') : undefined
