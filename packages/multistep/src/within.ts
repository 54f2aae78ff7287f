/**
 * The promise's outcome, or a rejection once `milliseconds` have passed. What comes too late is ignored, and a late rejection is not unhandled.
 */
export async function within<T>(milliseconds: number, promise: Promise<T>, late: () => Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const deadline = new Promise<never>((_, reject) => {
    // After a busy moment the answer may be waiting in the socket: it is read before the deadline counts.
    timer = setTimeout(() => setImmediate(() => reject(late())), milliseconds)
  })
  try {
    return await Promise.race([promise, deadline])
  } finally {
    clearTimeout(timer)
  }
}
