/** The words of a strategy's `fail(info)`: its code, the reason behind that, such as `sim-swap`, and its message. */
export function wordsOfFailure(info: unknown): string | undefined {
  if (typeof info === 'string') return info
  const { code, reason, message } = typeof info === 'object' && info !== null ? (info as Record<string, unknown>) : {}
  const words = [code, reason, message].filter((one) => typeof one === 'string' && one !== '')
  return words.length > 0 ? words.join(': ') : undefined
}

/** The words of an error and of its causes. */
export function wordsOfError(thrown: unknown): string {
  const words: string[] = []
  let error = thrown as Thrown | undefined | null
  while (words.length < 4 && error !== undefined && error !== null) {
    const { name, code, message, cause } = error
    words.push([name, code, message].filter((one) => typeof one === 'string' && one !== '').join(' ') || typeof error)
    error = cause as Thrown | undefined | null
  }
  return words.join(' ← ')
}

interface Thrown {
  readonly name?: unknown
  readonly code?: unknown
  readonly message?: unknown
  readonly cause?: unknown
}

const MAX_REASON_LENGTH = 300

/**
 * The member `reason` of an event: one line for the log, without anything that could be a code, number, address or
 * token.
 */
export function reasonIn(words: string | undefined): { reason?: string } {
  if (words === undefined || words === '') return {}
  const plain = words.slice(0, 4 * MAX_REASON_LENGTH)
    .replace(/[\p{C}\s]+/gu, ' ')
    .replace(/[^\s@<>"']+@[^\s@<>"']+/g, '…@…')
    .replace(/\b([a-z][a-z0-9+.-]*:\/\/[^\s/?#"'<>@]*)[^\s"'<>]*/gi, '$1/…')
    .replace(/\beyJ[\w-]*(?:\.[\w-]*)*/g, '…')
    .replace(/[\w+/=-]{24,}(?:\.[\w+/=-]+)*/g, '…')
    .replace(/\+?\p{Nd}(?:[\s().-]?\p{Nd}){3,}/gu, '…')
    .trim()
  return plain === ''
    ? {}
    : { reason: plain.length > MAX_REASON_LENGTH ? `${plain.slice(0, MAX_REASON_LENGTH)}…` : plain }
}
