const warned = new Set<string>()

/** Emits the warning of this code, once in this process: what it tells of goes on, and the log should stay readable. */
export function warnOncePerCode(code: string, message: string): void {
  if (warned.has(code)) return
  warned.add(code)
  process.emitWarning(message, { code })
}
