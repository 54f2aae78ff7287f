import { html, type Markup, type Piece } from '#internal/html'

/** A message with its `{placeholders}` filled, once: a value that looks like a placeholder stays what it is. */
export const sentence = (message: string, values: Readonly<Record<string, Piece>> = {}): Markup => {
  const parts = message.split(/\{(\w+)\}/)
  return html`${parts.map((part, index) => index % 2 === 0 ? part : Object.hasOwn(values, part) ? values[part] : `{${part}}`)}`
}

/** Whole seconds in words, rounded up: `90 seconds`, `5 minutes`, `30 days`. */
export const timeInWords = (lang: string, seconds: number): string => {
  const [value, unit] = seconds < 120 ? [seconds, 'second'] : seconds < 7200 ? [seconds / 60, 'minute'] : seconds < 172_800 ? [seconds / 3600, 'hour'] : [seconds / 86_400, 'day']
  return new Intl.NumberFormat(lang, { style: 'unit', unit, unitDisplay: 'long' }).format(Math.ceil(value))
}

/** A day in words, in Coordinated Universal Time: the server does not know the visitor's. */
export const dateInWords = (lang: string, instant: string): string =>
  new Intl.DateTimeFormat(lang, { dateStyle: 'medium', timeZone: 'UTC' }).format(new Date(instant))

/** Whole seconds from `now` to an ISO 8601 instant, `0` when it has passed, `undefined` when it is none. */
export const secondsUntil = (instant: unknown, now: number): number | undefined => {
  const at = typeof instant === 'string' ? Date.parse(instant) : NaN
  return Number.isNaN(at) ? undefined : Math.max(0, Math.ceil((at - now) / 1000))
}

/** The entry of a table by a name from outside: never something inherited. */
export const lookUp = (table: Readonly<Record<string, string>>, name: string): string | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined
