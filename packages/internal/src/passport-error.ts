/**
 * What a strategy hands to Passport's `error()` in the place of a thrown value. For Passport `null` is no error, and
 * for Express the text `'route'` is a direction: both would let the request pass. So only an object goes on as it is.
 */
export function errorForPassport(thrown: unknown): Error {
  if (typeof thrown === 'object' && thrown !== null) return thrown as Error
  return new Error('A callback of the app failed.', { cause: thrown })
}
