import { html, type Markup, type Piece } from '#internal/html'

/** A message with its `{placeholders}` filled, once: a value that looks like a placeholder stays what it is. */
export const sentence = (message: string, values: Readonly<Record<string, Piece>> = {}): Markup => {
  const parts = message.split(/\{(\w+)\}/)
  return html`${parts.map((part, index) => {
    if (index % 2 === 0) return part
    return Object.hasOwn(values, part) ? values[part] : `{${part}}`
  })}`
}

/** The same for a title, where markup has no place. */
export const plainSentence = (message: string, values: Readonly<Record<string, string>>): string =>
  message.replace(/\{(\w+)\}/g, (whole, name: string) => lookUp(values, name) ?? whole)

/** Text in a direction of its own, such as a number, a code or a name in a sentence of any script. */
export const apart = (value: string, direction: 'ltr' | 'auto' = 'auto'): Markup => html`<bdi dir="${direction}">${value}</bdi>`

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

/** A day in words, in Coordinated Universal Time: the server does not know the visitor's time zone. */
export const dateInWords = (lang: string, instant: string): string =>
  new Intl.DateTimeFormat(lang, { dateStyle: 'medium', timeZone: 'UTC' }).format(new Date(instant))

/** Whole seconds from `now` to an ISO 8601 instant, `0` when it has passed, `undefined` when it is none. */
export const secondsUntil = (instant: unknown, now: number): number | undefined => {
  const at = typeof instant === 'string' ? Date.parse(instant) : NaN
  return Number.isNaN(at) ? undefined : Math.max(0, Math.ceil((at - now) / 1000))
}

/** The entry of a table by a name from outside: never something inherited. */
export const lookUp = (table: Readonly<Record<string, string>>, name: string): string | undefined =>
  (Object.hasOwn(table, name) ? table[name] : undefined)

const rightToLeft = new Set(['Arab', 'Hebr', 'Syrc', 'Thaa', 'Nkoo', 'Adlm', 'Rohg', 'Mand', 'Samr'])

/** The direction of a language's script. A tag that is none is taken to be written from left to right. */
export const directionOf = (lang: string): 'ltr' | 'rtl' => {
  try {
    return rightToLeft.has(new Intl.Locale(lang).maximize().script ?? '') ? 'rtl' : 'ltr'
  } catch {
    return 'ltr'
  }
}
