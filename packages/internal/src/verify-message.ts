/** The message that a verify callback gives with its refusal: `done(null, false, { message })`. Nothing else of it. */
export function messageIn(info: object | undefined): { message?: string } {
  const { message } = (info ?? {}) as { message?: unknown }
  return typeof message === 'string' ? { message } : {}
}
