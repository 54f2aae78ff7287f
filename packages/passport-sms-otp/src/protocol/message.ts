import { SmsOtpError } from '../errors.js'

/** Named values that a code confirms, such as `{ payee: 'Bob', amount: '100.00 EUR' }`. */
export type Details = Readonly<Record<string, string>>

/** What a text is made of. */
export interface MessageParts {
  readonly code: string
  readonly appName: string | undefined
  readonly origin: string | undefined
  /** Whole minutes for which the code is still good. */
  readonly minutes: number
  readonly locale: string | undefined
  /** Reduced to characters that can neither break a line nor imitate the last one; in the order given. */
  readonly details: Details
}

/** May return a promise. */
export type MessageTemplate = (parts: MessageParts) => string | PromiseLike<string>

/** One English sentence that fits one text of 160 GSM-7 characters. */
export const defaultMessage = ({ code, appName, details }: MessageParts): string => {
  const listed = Object.entries(details).map(([name, value]) => `${name}: ${value}`).join(', ')
  return `${code} is your ${appName === undefined ? '' : `${appName} `}code${listed === '' ? '' : ` for ${listed}`}. Do not share it.`
}

/**
 * The whole text. Its last line binds the code to the origin, so that browsers fill it in there and nowhere else.
 * @see https://wicg.github.io/sms-one-time-codes/#format
 * @throws TypeError when the app's template leaves the code out, SmsOtpError `misconfigured` when it fails.
 */
export async function compose(template: MessageTemplate, parts: MessageParts): Promise<string> {
  const text: unknown = await ask(template, { ...parts, details: reduceDetails(parts.details) })
  if (typeof text !== 'string' || !text.includes(parts.code)) throw new TypeError('message must return a text that contains m.code.')
  return bind(text, parts)
}

async function ask(template: MessageTemplate, parts: MessageParts): Promise<unknown> {
  try {
    return await template(parts)
  } catch (error) {
    // Without its cause: the template was handed the code, and may have put it into its error.
    throw new SmsOtpError('misconfigured', `message failed: ${error instanceof Error ? error.name : typeof error}.`)
  }
}

function bind(text: string, { origin, code }: MessageParts): string {
  if (origin === undefined) return text
  const lastLine = `@${origin} #${code}`
  return text.trimEnd().endsWith(`\n${lastLine}`) ? text.trimEnd() : `${text.trimEnd()}\n\n${lastLine}`
}

const FORBIDDEN = /[^\p{L}\p{N} .,:+\-€$£/]/gu
// `evil.example/x` would be shown as a link: a space after the separator is enough to break it, and leaves amounts and dates alone.
const LINKING = /[.:/](?=[\p{L}/])/gu
const MAX_DETAILS = 8

const reduce = (text: string): string => cut(text
  .normalize('NFC').replace(/\s/g, ' ').replace(FORBIDDEN, '').replace(LINKING, '$& ').replace(/ +/g, ' '))

// By code points: half of a pair would be shown as a question mark.
const cut = (text: string): string => Array.from(text).slice(0, 40).join('').trim()

const reduceDetails = (details: Details): Details =>
  Object.fromEntries(Object.entries(details).map(([name, value]) => [reduce(name), reduce(value)]))

/** @throws TypeError for anything but a few named strings: what a code confirms must be exactly what the app meant. */
export function checkDetails(details: unknown): Details {
  if (details === undefined) return {}
  if (typeof details !== 'object' || details === null || Array.isArray(details)) throw new TypeError('details is an object of named strings.')
  const entries = Object.entries(details as Record<string, unknown>)
  if (entries.length > MAX_DETAILS) throw new TypeError(`details holds at most ${MAX_DETAILS} values: a text is short.`)
  if (new Set(entries.map(([name]) => reduce(name))).size < entries.length) throw new TypeError('details has two names that read alike in a text.')
  for (const [name, value] of entries) {
    if (typeof value !== 'string') throw new TypeError(`details.${name} is a string, not ${value === null ? 'null' : typeof value}. Write String(value).`)
  }
  return details as Details
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
  const parts = { code: '0'.repeat(10), appName: 'x'.repeat(20), origin: host, minutes: 10, locale: undefined, details: {} }
  const longest = bind(defaultMessage(parts), parts)
  if (longest.length > 160) throw new TypeError(`origin is too long for one text: ${host}`)
  return host
}

function hostOf(origin: string): string | undefined {
  const url = origin.includes('://') ? origin : `https://${origin}`
  return URL.canParse(url) ? new URL(url).hostname : undefined
}
