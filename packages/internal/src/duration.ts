import ms from 'ms'

type Unit =
  | 'ms' | 'msec' | 'msecs' | 'millisecond' | 'milliseconds' | 's' | 'sec' | 'secs' | 'second' | 'seconds'
  | 'm' | 'min' | 'mins' | 'minute' | 'minutes' | 'h' | 'hr' | 'hrs' | 'hour' | 'hours' | 'd' | 'day' | 'days'
  | 'w' | 'week' | 'weeks' | 'y' | 'yr' | 'yrs' | 'year' | 'years'

/** A length of time with its unit, such as `'500ms'`, `'30s'`, `'5m'`, `'24h'` or `'1 day'`. */
export type Duration = `${number}${Unit}` | `${number} ${Unit}`

/** With any instant of today, or doubled, it is still an exact number. */
const LONGEST = ms('100y')

/**
 * Milliseconds of a duration in the notation of the `ms` package: `'30s'`, `'5m'`, `'1 day'`. At most `'100y'`.
 * @throws TypeError for anything else. A bare number is refused, because it does not tell seconds from milliseconds.
 */
export function milliseconds(option: string, value: unknown): number {
  const length = signedMilliseconds(option, value)
  if (length < 0) throw noDuration(option, value)
  return length
}

/** As {@link milliseconds}, and may point back: `'-5m'`. */
export function signedMilliseconds(option: string, value: unknown): number {
  if (typeof value === 'number') {
    throw new TypeError(`${option} is a duration: write a string with its unit, such as '30s' or '5m', not ${value}.`)
  }
  const parsed = typeof value === 'string' && /[a-z]/i.test(value) ? ms(value as ms.StringValue) : undefined
  if (parsed === undefined || !Number.isFinite(parsed)) throw noDuration(option, value)
  if (Math.abs(parsed) > LONGEST) throw new TypeError(`${option} is at most '100y', not ${JSON.stringify(value)}.`)
  return Math.round(parsed)
}

/**
 * As {@link milliseconds}, longer than nothing and at most `most`. A timer of Node holds 24 days, and longer ones are
 * over at once.
 */
export function duration(option: string, value: unknown, most = '100y'): number {
  const length = milliseconds(option, value)
  if (length < 1) throw new TypeError(`${option} must be longer than nothing, not ${JSON.stringify(value)}.`)
  if (length > milliseconds(option, most)) {
    throw new TypeError(`${option} is at most '${most}', not ${JSON.stringify(value)}.`)
  }
  return length
}

const noDuration = (option: string, value: unknown): TypeError =>
  new TypeError(`${option} is a duration such as '500ms', '30s' or '5m', not ${JSON.stringify(value)}.`)
