import ms from 'ms'

/**
 * Milliseconds of a duration in the notation of the `ms` package: `'30s'`, `'5m'`, `'1 day'`.
 * @throws TypeError for anything else. A bare number is refused because nobody can see whether it means seconds or milliseconds.
 */
export function milliseconds(option: string, value: unknown): number {
  if (typeof value === 'number') throw new TypeError(`${option} is a duration: write a string with its unit, such as '30s' or '5m', not ${value}.`)
  const parsed = typeof value === 'string' && value.length > 0 && /[a-z]/i.test(value) ? ms(value as ms.StringValue) : undefined
  if (parsed === undefined || !Number.isFinite(parsed) || parsed < 0) {
    throw new TypeError(`${option} is a duration such as '30s', '5m' or '1d', not ${JSON.stringify(value)}.`)
  }
  if (parsed > LONGEST) throw new TypeError(`${option} is at most '100y', not ${JSON.stringify(value)}.`)
  return Math.round(parsed)
}

/** The same, longer than nothing and at most `most`. A timer of Node holds 24 days, and longer ones are over at once. */
export function duration(option: string, value: unknown, most?: string): number {
  const length = milliseconds(option, value)
  if (length < 1) throw new TypeError(`${option} must be longer than nothing, not ${JSON.stringify(value)}.`)
  if (most !== undefined && length > milliseconds(option, most)) throw new TypeError(`${option} is at most '${most}', not ${JSON.stringify(value)}.`)
  return length
}

/** With any instant of today, or doubled, still an exact number. */
const LONGEST = ms('100y')
