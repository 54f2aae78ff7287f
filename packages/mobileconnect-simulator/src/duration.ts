const units = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/**
 * Milliseconds of a duration such as `'500ms'`, `'30s'` or `'5m'`.
 * @throws TypeError for anything else. A bare number is refused because nobody can see whether it means seconds or milliseconds.
 */
export function milliseconds(option: string, value: unknown): number {
  if (typeof value === 'number') throw new TypeError(`${option} is a duration: write a string with its unit, such as '30s' or '5m', not ${value}.`)
  const [, amount, unit] = /^(\d+(?:\.\d+)?) ?(ms|s|m|h|d)$/.exec(String(value)) ?? []
  if (amount === undefined) throw new TypeError(`${option} is a duration such as '500ms', '30s' or '5m', not ${JSON.stringify(value)}.`)
  return Math.round(Number(amount) * units[unit as keyof typeof units])
}

/** As {@link milliseconds}, and may point back: `'-5m'`. */
export const signedMilliseconds = (option: string, value: unknown): number =>
  typeof value === 'string' && value.startsWith('-') ? -milliseconds(option, value.slice(1)) : milliseconds(option, value)
