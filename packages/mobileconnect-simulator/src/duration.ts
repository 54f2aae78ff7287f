import ms from 'ms'

/**
 * Milliseconds of a duration in the notation of the `ms` package: `'500ms'`, `'30s'`, `'5m'`.
 * @throws TypeError for anything else. A bare number is refused because nobody can see whether it means seconds or milliseconds.
 */
export function milliseconds(option: string, value: unknown): number {
  const duration = signedMilliseconds(option, value)
  if (duration < 0) throw new TypeError(`${option} is a duration such as '500ms', '30s' or '5m', not ${JSON.stringify(value)}.`)
  return duration
}

/** As {@link milliseconds}, and may point back: `'-5m'`. */
export function signedMilliseconds(option: string, value: unknown): number {
  if (typeof value === 'number') throw new TypeError(`${option} is a duration: write a string with its unit, such as '30s' or '5m', not ${value}.`)
  const parsed = typeof value === 'string' && /[a-z]/i.test(value) ? ms(value as ms.StringValue) : undefined
  if (parsed === undefined || !Number.isFinite(parsed)) throw new TypeError(`${option} is a duration such as '500ms', '30s' or '5m', not ${JSON.stringify(value)}.`)
  return Math.round(parsed)
}
