// Nothing longer than a code: a sentence of the provider may hold the number.
const CODE = /^[\w.-]{1,40}$/

/** The provider's own code in an error, where it has a short one. */
export function codeOf(error: unknown): string | undefined {
  const { providerCode } = Object(error) as { providerCode?: unknown }
  return typeof providerCode === 'string' && CODE.test(providerCode) ? providerCode : undefined
}
