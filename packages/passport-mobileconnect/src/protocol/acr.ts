/** What `acr` must come back: one of a list, or at least a level of assurance. */
export type AcrPolicy = { readonly level: number } | { readonly values: readonly string[] }

export interface AcrOptions {
  /** 1 to 4: 2 is something the person has, 3 that and a PIN or biometrics. What comes back must be at least this. Default: 2. */
  readonly levelOfAssurance?: number | undefined
  /** The operator's own names, strongest first. What comes back must be one of them. An empty list asks for none, and checks none. */
  readonly acrValues?: readonly string[] | undefined
}

/** @throws TypeError for what is neither a level nor a list, and for both. */
export function acrPolicy({ levelOfAssurance, acrValues }: AcrOptions): AcrPolicy | undefined {
  if (levelOfAssurance !== undefined && acrValues !== undefined) throw new TypeError('levelOfAssurance and acrValues say the same thing twice: give one of them.')
  if (acrValues !== undefined) return { values: checkAcrValues(acrValues) }
  if (levelOfAssurance === undefined) return undefined
  if (![1, 2, 3, 4].includes(levelOfAssurance)) throw new TypeError(`levelOfAssurance is 1, 2, 3 or 4, not ${JSON.stringify(levelOfAssurance)}.`)
  return { level: levelOfAssurance }
}

function checkAcrValues(values: readonly unknown[]): readonly string[] {
  const valid = Array.isArray(values) && values.every((value) => typeof value === 'string' && /^[\x21-\x7e]+$/.test(value))
  if (!valid) throw new TypeError('acrValues is a list such as [\'3\', \'2\'], strongest first: texts without spaces.')
  return values as string[]
}

/** OpenID Connect Core §3.1.2.1: by preference, separated by spaces. */
export const acrValuesOf = (policy: AcrPolicy): string => ('level' in policy ? String(policy.level) : policy.values.join(' '))

/** An operator may fall back to less than it was asked for, and says so only here (OpenID Connect Core §5.5.1.1). */
export function meets(policy: AcrPolicy, acr: unknown): boolean {
  if ('values' in policy) return policy.values.length === 0 || policy.values.includes(acr as string)
  return typeof acr === 'string' && /^[1-4]$/.test(acr) && Number(acr) >= policy.level
}
