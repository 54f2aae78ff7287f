import type { SmsMessage } from './sender.js'

/** Writes a value so that it stays one value at its place. */
export type Escape = (value: string) => string
export type Template = (message: SmsMessage) => string

const values: Record<string, Template> = {
  num: ({ to }) => to,
  msg: ({ body }) => body,
  otp: ({ code }) => code,
  channel: ({ channel = 'sms' }) => channel,
  ref: ({ reference = '' }) => reference,
}

const PLACEHOLDER = /\$ctx\.(\w+)/

/**
 * The names of the placeholders in a template.
 * @throws TypeError for one that is not known.
 */
export function placeholdersIn(text: string): string[] {
  const names = text.split(PLACEHOLDER).filter((_, index) => index % 2 === 1)
  names.forEach(valueNamed)
  return names
}

/**
 * A template that is filled in one pass: what a value brings along is never read as a placeholder.
 * @param escapeAfter - the escape for a placeholder, by the text before it.
 * @throws TypeError for a placeholder that is not known.
 */
export function compile(text: string, escapeAfter: (before: string) => Escape): Template {
  const parts = text.split(PLACEHOLDER).map((part, index, all): Template => {
    if (index % 2 === 0) return () => part
    const escape = escapeAfter(all.slice(0, index).join(''))
    const value = valueNamed(part)
    return (message) => escape(value(message))
  })
  return (message) => parts.map((part) => part(message)).join('')
}

function valueNamed(name: string): Template {
  const value = Object.hasOwn(values, name) ? values[name] : undefined
  if (!value) throw new TypeError(`There is no placeholder $ctx.${name}. There are ${Object.keys(values).map((known) => `$ctx.${known}`).join(', ')}.`)
  return value
}

/** Half of a surrogate pair has no encoding, and `encodeURIComponent` would throw at it. */
export const asUrl: Escape = (value) => encodeURIComponent(Buffer.from(value).toString())
const asJson: Escape = (value) => JSON.stringify(value)
export const withinJsonString: Escape = (value) => JSON.stringify(value).slice(1, -1)

/** As references, line breaks last in attributes too. Other control characters have no place in XML (XML 1.0 §2.2). */
export const asXml: Escape = (value) => value.replace(/[\p{Cc}&<>"']/gu, (sign) => {
  const point = sign.charCodeAt(0)
  return point >= 32 || '\t\n\r'.includes(sign) ? `&#${point};` : '\uFFFD'
})

export const asIs: Escape = (value) => value

/** Within a string when the quotes before it are odd in number. */
export const jsonAfter = (before: string): Escape =>
  before.replace(/\\./gs, '').split('"').length % 2 === 0 ? withinJsonString : asJson
