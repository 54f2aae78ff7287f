/** Characters of an operator's own words that a log may hold. */
const MAX_LOGGED_CHARACTERS = 300

/** What somebody upstream said, fit for a log: one line, bounded, and no whole number of anybody in it. */
export const sanitized = (text: unknown): string =>
  (typeof text === 'string' ? text : '').replace(/\p{C}+/gu, ' ').replace(/\d{5,}/g, (digits) => `${'•'.repeat(digits.length - 3)}${digits.slice(-3)}`).slice(0, MAX_LOGGED_CHARACTERS)

/**
 * An error without what it carries along: libraries keep the whole answer in `cause`, tokens included, and errors end in logs.
 */
export function bareError(error: unknown): Error {
  if (!(error instanceof Error)) return new Error('Something that is no Error was thrown.')
  const { code } = error as { code?: unknown }
  const words = [error.message, ...deeper(error)].map(sanitized).filter((text, index, all) => text !== '' && all.indexOf(text) === index)
  const cause = new Error(words.join(': '))
  cause.name = error.name
  return typeof code === 'string' ? Object.assign(cause, { code }) : cause
}

/** The messages of what caused it, and of errors alone: what else stands in `cause` may be anything. */
function deeper({ cause }: Error, depth = 0): string[] {
  if (!(cause instanceof Error) || depth > 3) return []
  return [cause.message, ...deeper(cause, depth + 1)]
}
