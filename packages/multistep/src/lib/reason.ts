/** What a strategy's `fail(info)` says in words. */
export function wordsOf(info: unknown): string | undefined {
  if (typeof info === 'string') return info
  const { code, message } = typeof info === 'object' && info !== null ? (info as Record<string, unknown>) : {}
  const words = [code, message].filter((one) => typeof one === 'string' && one !== '')
  return words.length > 0 ? words.join(': ') : undefined
}

/** What broke, in words: of the error, and of what caused it. */
export function wordsOfError(thrown: unknown): string {
  const words: string[] = []
  for (let error = thrown; words.length < 4 && error !== undefined && error !== null; error = (error as { cause?: unknown }).cause) {
    const { name, code, message } = error as { name?: unknown, code?: unknown, message?: unknown }
    words.push([name, code, message].filter((one) => typeof one === 'string' && one !== '').join(' ') || typeof error)
  }
  return words.join(' ← ')
}

const length = 300

/** As an event's member: for developers and logs, so in one line, and without what could be a code, a number, an address or a token. */
export function reasonIn(words: string | undefined): { reason?: string } {
  if (words === undefined || words === '') return {}
  const plain = words.slice(0, 4 * length)
    .replace(/[\p{C}\s]+/gu, ' ')
    .replace(/[^\s@<>"']+@[^\s@<>"']+/g, '…@…')
    .replace(/\b([a-z][a-z0-9+.-]*:\/\/[^\s/?#"'<>@]*)[^\s"'<>]*/gi, '$1/…')
    .replace(/\beyJ[\w-]*(?:\.[\w-]*)*/g, '…')
    .replace(/[\w+/=-]{24,}(?:\.[\w+/=-]+)*/g, '…')
    .replace(/\+?\p{Nd}(?:[\s().-]?\p{Nd}){3,}/gu, '…')
    .trim()
  return plain === '' ? {} : { reason: plain.length > length ? `${plain.slice(0, length)}…` : plain }
}
