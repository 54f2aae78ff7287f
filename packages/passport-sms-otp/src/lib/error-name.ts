/** What may be told of an error of anybody: its message may hold a number or a code. */
export const errorName = (error: unknown): string => (error instanceof Error ? error.name : typeof error)

/** The names and codes of an error and of its causes, for the same reason without what they say. */
export function errorNames(error: unknown): string {
  const { name, code, cause } = (error ?? {}) as { name?: unknown, code?: unknown, cause?: unknown }
  const words = [name, code].filter((word) => typeof word === 'string' || typeof word === 'number')
  const own = words.length > 0 ? words.join(' ') : typeof error
  return cause === undefined ? own : `${own}, because of ${errorNames(cause)}`
}
