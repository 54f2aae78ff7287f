/**
 * Tells the log of an error that nobody else is left to hear, such as one that an app's callback threw while it was
 * told of another. Never throws: what was thrown may be anything, also an object that throws while it is read. Node
 * reads a warning again when it prints it, so it is given a copy.
 */
export function warnOfError(thrown: unknown): void {
  process.emitWarning(readable(thrown))
}

function readable(thrown: unknown): Error | string {
  try {
    if (!(thrown instanceof Error)) return String(thrown)
    const { name, message, stack } = thrown as { readonly [member in 'name' | 'message' | 'stack']: unknown }
    return Object.assign(new Error(String(message)), { name: String(name), stack: String(stack) })
  } catch {
    return 'Something was thrown that cannot be read.'
  }
}
