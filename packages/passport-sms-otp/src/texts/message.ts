import { errorName } from '../lib/error-name.js'
import type { SmsChannel } from '../lib/channels.js'
import { SmsOtpError } from '../lib/errors.js'
import { leftOut, listed, shownDetails, type Details } from './details.js'
import { locales, textFor } from './locales/index.js'
import { spokenMessage } from './spoken.js'
import { segment, segmentsOf } from './segments.js'

/** What a text is made of. */
export interface MessageParts {
  readonly code: string
  readonly appName: string | undefined
  readonly origin: string | undefined
  /**
   * By which the message goes. A call says a sentence of its own, and asks for none.
   * @default 'sms'
   */
  readonly channel?: Exclude<SmsChannel, 'voice'> | undefined
  /** Whole minutes for which the code is still good. */
  readonly minutes: number
  readonly locale: string | undefined
  /** As they were given, the amount first. Each must stand in the text. */
  readonly details: Details
  /** The details as one list, such as `amount: "100.00 EUR", payee: "Bob"`; `undefined` where there are none. */
  readonly confirms: string | undefined
}

/** May return a promise. */
export type MessageTemplate = (parts: MessageParts) => string | PromiseLike<string>

/** One sentence in the person's language, or in English, that fits one text of 160 GSM-7 characters. */
export const defaultMessage = ({ code, appName, confirms, locale }: MessageParts): string =>
  textFor(locale)({ code, name: appName, confirms })

/**
 * The whole text. Its last line binds the code to the origin, so that browsers fill it in there and nowhere else.
 * @see https://wicg.github.io/sms-one-time-codes/#format
 * @throws TypeError when the app's template leaves the code out, SmsOtpError `misconfigured` when it fails or leaves a
 * detail out.
 */
export async function compose(template: MessageTemplate, given: Omit<MessageParts, 'confirms'>): Promise<string> {
  const parts = partsOf(given)
  const text: unknown = await ask(template, parts)
  if (typeof text !== 'string' || !text.includes(parts.code)) throw withoutCode()
  const missing = leftOut(text, parts.code, parts.details)
  if (missing !== undefined) throw withoutDetail(missing)
  return bind(text, parts)
}

/** What a call says of the same. */
export const composeSpoken = (given: Omit<MessageParts, 'confirms' | 'channel'>): string => spokenMessage(partsOf(given))

export const partsOf = (parts: Omit<MessageParts, 'confirms'>): MessageParts =>
  ({ ...parts, details: shownDetails(parts.details), confirms: listed(parts.details) || undefined })

const withoutDetail = (name: string): SmsOtpError =>
  new SmsOtpError('misconfigured', `message left out details.${name}, which the code confirms: write m.confirms into the text, or each value as it is.`)

const withoutCode = (): TypeError => new TypeError('message must return a text that contains m.code.')

async function ask(template: MessageTemplate, parts: MessageParts): Promise<unknown> {
  try {
    return await template(parts)
  } catch (error) {
    // Without its cause: the template was handed the code, and may have put it into its error.
    throw new SmsOtpError('misconfigured', `message failed: ${errorName(error)}.`)
  }
}

/** Browsers look for the last line in texts alone. */
function bind(text: string, { origin, code, channel = 'sms' }: MessageParts): string {
  if (origin === undefined || channel !== 'sms') return text
  const lastLine = `@${origin} #${code}`
  return text.trimEnd().endsWith(`\n${lastLine}`) ? text.trimEnd() : `${text.trimEnd()}\n\n${lastLine}`
}

// The basic character set of 3GPP TS 23.038 §6.2.1 without the signs that mean something in the last line.
const GSM7 = /^[A-Za-z0-9 £$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ!"¤%&'()*+,\-./:;<=>?¡ÄÖÑÜ§¿äöñüà]+$/

/** @throws TypeError for a name that could not stand in a text. */
export function checkAppName(appName: unknown): string | undefined {
  if (appName === undefined) return undefined
  if (typeof appName !== 'string' || appName.length > 20 || !GSM7.test(appName)) {
    throw new TypeError(`appName is at most 20 plain characters (GSM-7) without @, # and line breaks, such as 'Acme', not ${JSON.stringify(appName)}.`)
  }
  return appName
}

/** @throws TypeError for anything but a bare host that browsers could find in a text. */
export function checkOrigin(origin: unknown): string | undefined {
  if (origin === undefined) return undefined
  const host = typeof origin === 'string' ? hostOf(origin) : undefined
  if (host === undefined || host !== origin) {
    throw new TypeError(`origin is the bare host that asks for the code, such as '${host ?? 'acme.example'}', not ${JSON.stringify(origin)}.`)
  }
  const texts = Object.keys(locales).map((locale) => longestIn(locale, host))
  if (texts.some((text) => segmentsOf(text).segments > 1)) throw new TypeError(`origin is too long for one text: ${host}`)
  return host
}

function longestIn(locale: string, origin: string): string {
  const parts = { code: '0'.repeat(10), appName: 'x'.repeat(20), origin, minutes: 10, locale, details: {}, confirms: undefined }
  return bind(defaultMessage(parts), parts)
}

function hostOf(origin: string): string | undefined {
  const url = origin.includes('://') ? origin : `https://${origin}`
  return URL.canParse(url) ? new URL(url).hostname : undefined
}

/**
 * Tries an app's template once, at start-up and without details, with a code that is none. One that fails then or
 * answers later is not judged.
 * @throws TypeError for one that leaves the code out, or makes more than one text of it.
 */
export function checkMessage(template: MessageTemplate, allowMultiSegment: boolean, parts: MessageParts): void {
  const text = sampleOf(template, parts)
  if (text === undefined) return
  if (!text.includes(parts.code)) throw withoutCode()
  const { segments, alphabet, foreign } = segment(bind(text, parts))
  if (allowMultiSegment || segments.length <= 1) return
  const why = foreign === undefined ? '160 characters fit one' : `70 characters fit one, because ${JSON.stringify(foreign)} is not in the GSM alphabet`
  throw new TypeError(`message makes ${segments.length} texts (${alphabet}: ${why}). Shorten it, or pay for each: allowMultiSegment: true.`)
}

/**
 * The same for the text that a provider writes, with the place of its code in place of a code.
 * @throws TypeError for one that leaves that out, or is longer than the provider takes.
 */
export function checkTemplate(template: MessageTemplate, longest: number, parts: MessageParts): void {
  const text = sampleOf(template, parts)
  if (text === undefined) return
  if (!text.includes(parts.code)) throw withoutCode()
  if (text.length > longest) throw new TypeError(`message is of ${text.length} characters, and the provider takes ${longest}. Shorten it.`)
}

function sampleOf(template: MessageTemplate, parts: MessageParts): string | undefined {
  try {
    const text: unknown = template(parts)
    void Promise.resolve(text).catch(() => undefined)
    return typeof text === 'string' ? text : undefined
  } catch {
    return undefined
  }
}

let warnedOfLength = false

/** One segment for certain: most texts are, and counting costs. */
const isShort = (text: string): boolean => text.length <= 70 || (text.length <= 160 && PLAIN.test(text))

const PLAIN = /^[A-Za-z0-9 \n@#.,:;!?'"()/+-]*$/

/**
 * Says once that texts cost more than one: in another language, or by a template that answers later. Details may make
 * them longer.
 */
export function watchLength(text: string, details: Details): void {
  if (warnedOfLength || Object.keys(details).length > 0 || isShort(text)) return
  const { segments, alphabet } = segmentsOf(text)
  if (segments <= 1) return
  warnedOfLength = true
  process.emitWarning(`message made ${segments} texts (${alphabet}), and each is paid for. Shorten it, or set allowMultiSegment: true.`, { code: 'SMS_OTP_LONG_TEXT' })
}
