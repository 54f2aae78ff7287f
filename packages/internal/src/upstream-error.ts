/** How much of an operator's own words the log may show. */
const MAX_LOGGED_CHARACTERS = 300

/** Makes an operator's words fit for a log: one line, bounded, with no whole phone number. */
export function sanitized(text: unknown): string {
  if (typeof text !== 'string') return ''
  return text.replace(/\p{C}+/gu, ' ').replace(/\d{5,}/g, masked).slice(0, MAX_LOGGED_CHARACTERS)
}

const masked = (digits: string): string => `${'•'.repeat(digits.length - 3)}${digits.slice(-3)}`

/**
 * A copy of an error with its messages alone. Libraries keep the whole answer in `cause`, tokens included, and errors
 * are logged.
 */
export function bareError(error: unknown): Error {
  if (!(error instanceof Error)) return new Error('Something that is no Error was thrown.')
  const { code } = error as { code?: unknown }
  const messages = [error.message, ...messagesOfCauses(error)].map(sanitized).filter((text) => text !== '')
  const bare = new Error([...new Set(messages)].join(': '))
  bare.name = error.name
  return typeof code === 'string' ? Object.assign(bare, { code }) : bare
}

/** Only messages of errors: anything else in `cause` may hold a token. */
function messagesOfCauses({ cause }: Error, depth = 0): string[] {
  if (!(cause instanceof Error) || depth > 3) return []
  return [cause.message, ...messagesOfCauses(cause, depth + 1)]
}
