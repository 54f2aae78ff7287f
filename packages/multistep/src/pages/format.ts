import { html, type Markup, type Piece } from '#internal/html'

/** Fills the `{placeholders}` of a message. A value that looks like a placeholder is not filled again. */
export const sentence = (message: string, values: Readonly<Record<string, Piece>> = {}): Markup => {
  const parts = message.split(/\{(\w+)\}/)
  return html`${parts.map((part, index) => {
    if (index % 2 === 0) return part
    return Object.hasOwn(values, part) ? values[part] : `{${part}}`
  })}`
}

/** The same as plain text, for a title. */
export const plainSentence = (message: string, values: Readonly<Record<string, string>>): string =>
  message.replace(/\{(\w+)\}/g, (whole, name: string) => lookUp(values, name) ?? whole)

/** The same for a sentence of the app, whose placeholders may be names of several words. Each value stands apart. */
export const filled = (message: string, values: Readonly<Record<string, string>>): Markup => {
  const parts = message.split(/\{([^{}]+)\}/)
  return html`${parts.map((part, index) => {
    const value = index % 2 === 0 ? undefined : lookUp(values, part)
    if (value !== undefined) return apart(value)
    return index % 2 === 0 ? part : `{${part}}`
  })}`
}

/** Text with its own direction, such as a number, a code or a name within a sentence of any script. */
export const apart = (value: string, direction: 'ltr' | 'auto' = 'auto'): Markup =>
  html`<bdi dir="${direction}">${value}</bdi>`

/** Whole seconds in words, rounded up: `90 seconds`, `5 minutes`, `30 days`. */
export const timeInWords = (lang: string, seconds: number): string => {
  const [value, unit] = unitOf(seconds)
  return new Intl.NumberFormat(lang, { style: 'unit', unit, unitDisplay: 'long' }).format(Math.ceil(value))
}

function unitOf(seconds: number): readonly [value: number, unit: string] {
  if (seconds < 120) return [seconds, 'second']
  if (seconds < 7200) return [seconds / 60, 'minute']
  return seconds < 172_800 ? [seconds / 3600, 'hour'] : [seconds / 86_400, 'day']
}

/** A day in words, in Coordinated Universal Time, because the server does not know the visitor's time zone. */
export const dateInWords = (lang: string, instant: string): string =>
  new Intl.DateTimeFormat(lang, { dateStyle: 'medium', timeZone: 'UTC' }).format(new Date(instant))

/** Whole seconds from `now` to an ISO 8601 instant. `0`: it has passed. `undefined`: it is no instant. */
export const secondsUntil = (instant: unknown, now: number): number | undefined => {
  const at = typeof instant === 'string' ? Date.parse(instant) : NaN
  return Number.isNaN(at) ? undefined : Math.max(0, Math.ceil((at - now) / 1000))
}

/** Looks up a name that comes from outside. It never finds an inherited property. */
export const lookUp = (table: Readonly<Record<string, string>>, name: string): string | undefined =>
  (Object.hasOwn(table, name) ? table[name] : undefined)

const rightToLeft = new Set(['Arab', 'Hebr', 'Syrc', 'Thaa', 'Nkoo', 'Adlm', 'Rohg', 'Mand', 'Samr'])

/** The direction of a language's script. An invalid tag counts as left to right. */
export const directionOf = (lang: string): 'ltr' | 'rtl' => {
  try {
    return rightToLeft.has(new Intl.Locale(lang).maximize().script ?? '') ? 'rtl' : 'ltr'
  } catch {
    return 'ltr'
  }
}
