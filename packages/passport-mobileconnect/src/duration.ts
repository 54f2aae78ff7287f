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
  return Math.round(parsed)
}
