/**
 * Tells the log of an error that nobody else is left to hear, such as one that an app's callback threw while it was
 * told of another. Never throws: what was thrown may be anything, also an object that throws while it is read. Node
 * reads a warning when it prints it, long after the caller, so an error is read before it is handed on.
 */
export function warnOfError(thrown: unknown): void {
  process.emitWarning(readable(thrown))
}

function readable(thrown: unknown): Error | string {
  try {
    if (!(thrown instanceof Error)) return String(thrown)
    const { name, message, stack } = thrown
    const isText = [name, message, stack, thrown.toString()].every((text) => typeof text === 'string')
    return isText ? thrown : 'An error was thrown that cannot be read.'
  } catch {
    return 'Something was thrown that cannot be read.'
  }
}
