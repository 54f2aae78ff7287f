/** The `acr` that an answer needs: one of a list, or at least a level of assurance. */
export type AcrPolicy = { readonly level: number } | { readonly values: readonly string[] }

/** How strongly the operator must know the person. Give one of the two. */
export interface AcrOptions {
  /**
   * The level of assurance that the answer must reach, 1 to 4 (GSMA). At 2 the user has the phone; at 3 they also gave
   * a PIN or a biometric.
   * @default 2
   */
  readonly levelOfAssurance?: number | undefined
  /**
   * The operator's own names, strongest first. The answer must have one of them. With an empty list nothing is asked
   * for, and nothing is checked.
   * @default none: `levelOfAssurance` counts
   */
  readonly acrValues?: readonly string[] | undefined
}

/** @throws TypeError for a level or a list that is not valid, and when both are given. */
export function acrPolicy({ levelOfAssurance, acrValues }: AcrOptions): AcrPolicy | undefined {
  if (levelOfAssurance !== undefined && acrValues !== undefined) {
    throw new TypeError('levelOfAssurance and acrValues say the same thing twice: give one of them.')
  }
  if (acrValues !== undefined) return { values: checkAcrValues(acrValues) }
  if (levelOfAssurance === undefined) return undefined
  if (![1, 2, 3, 4].includes(levelOfAssurance)) {
    throw new TypeError(`levelOfAssurance is 1, 2, 3 or 4, not ${JSON.stringify(levelOfAssurance)}.`)
  }
  return { level: levelOfAssurance }
}

function checkAcrValues(values: readonly unknown[]): readonly string[] {
  const valid =
    Array.isArray(values) && values.every((value) => typeof value === 'string' && /^[\x21-\x7e]+$/.test(value))
  if (!valid) throw new TypeError('acrValues is a list such as [\'3\', \'2\'], strongest first: texts without spaces.')
  return values as string[]
}

/** In the order of preference, separated by spaces (OpenID Connect Core §3.1.2.1). */
export const acrValuesOf = (policy: AcrPolicy): string =>
  'level' in policy ? String(policy.level) : policy.values.join(' ')

/** Checked, because an operator may fall back to less, and only `acr` says so (OpenID Connect Core §5.5.1.1). */
export function meets(policy: AcrPolicy, acr: unknown): boolean {
  if ('values' in policy) return policy.values.length === 0 || policy.values.includes(acr as string)
  return typeof acr === 'string' && /^[1-4]$/.test(acr) && Number(acr) >= policy.level
}
