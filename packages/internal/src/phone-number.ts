/** A number as operators spell it: digits with the country code, without `+`. `undefined`: it is not international. */
export function msisdn(number: unknown): string | undefined {
  const written = typeof number === 'string' ? folded(number) : ''
  // With (0) it is a national and an international number at once, and the two may differ.
  if (!/^\+?[\d ()./-]+$/.test(written) || /\( *0 *\)/.test(written)) return undefined
  const digits = written.replace(/\D/g, '')
  return /^[1-9]\d{6,14}$/.test(digits) ? digits : undefined
}

/** Address books and web pages write numbers with invisible marks of direction, no-break spaces and several dashes. */
const folded = (number: string): string =>
  number.replace(/\p{Cf}/gu, '').trim().replace(/[\p{Zs}\t]/gu, ' ').replace(/[\p{Pd}\u2212]/gu, '-')
