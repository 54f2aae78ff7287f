import type { SmsMessage } from './sender.js'
import { asUrl, asXml, withinJsonString } from './templates.js'

export type Redact = (text: string) => string

const HIDDEN = '•••'
const BETWEEN = '(?:[ ().,-]|%20|%2C){0,3}'

/**
 * Hides the text, the number and the code of a message in every spelling that a provider may send back, and all of
 * `more`: texts, and patterns wherever they match.
 */
export function redactor({ to, body, code }: SmsMessage, more: readonly (string | RegExp)[] = []): Redact {
  const patterns = [
    ...[body, ...more].flatMap((entry) => (typeof entry === 'string' ? spellings(entry).map(literal) : [everywhere(entry)])),
    numberPattern(to),
    spelled(code),
  ]
  return (text) => patterns.reduce((left, found) => left.replace(found, HIDDEN), plainDigits(text))
}

/**
 * A copy of an error that holds its name, message, code and causes, redacted, and nothing else: no request, no headers,
 * no answer.
 */
export function redactedError(error: unknown, redact: Redact, depth = 3): Error {
  const { name, message, code, cause } = (typeof error === 'object' && error !== null ? error : { message: error }) as Record<string, unknown>
  const copy = new Error(redact(typeof message === 'string' ? message : ''), cause && depth > 0 ? { cause: redactedError(cause, redact, depth - 1) } : undefined)
  if (typeof name === 'string') copy.name = redact(name)
  return typeof code === 'string' || typeof code === 'number' ? Object.assign(copy, { code: redact(String(code)) }) : copy
}

const spellings = (text: string): string[] => [text, asUrl(text), asUrl(text).replaceAll('%20', '+'), withinJsonString(text), asXml(text)]
const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
const pattern = (source: string, flags: string): RegExp => new RegExp(source === '' ? '(?!)' : source, flags)
const literal = (text: string): RegExp => pattern(escaped(text), 'gi')
const everywhere = ({ source, flags }: RegExp): RegExp => new RegExp(source, flags.replace(/[gy]/g, '') + 'g')
const spelled = (text: string): RegExp => pattern(Array.from(text, escaped).join(BETWEEN), 'gi')

/** By its last seven digits, so that national spellings are found too. */
function numberPattern(to: string): RegExp {
  const end = Array.from(to.replace(/\D/g, '').slice(-7)).join(BETWEEN)
  return pattern(end && `(?:\\+|%2B|&#43;|&#x2B;|\\\\u002B)?[\\d ().-]{0,20}${end}`, 'gi')
}

/** Digits that were encoded without need: `%31`, `\u0031`, `&#x31;`, `&#49;`. */
const plainDigits: Redact = (text) => text
  .replace(/%3(\d)|\\u003(\d)|&#x3(\d);/gi, '$1$2$3')
  .replace(/&#(4[89]|5[0-7]);/g, (_, point: string) => String.fromCharCode(Number(point)))
