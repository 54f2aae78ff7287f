/** Rejections of {@link withDeadline} itself, apart from those of the work. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError'
}

/**
 * What `work` resolves to, or a {@link DeadlineError} after `limit` milliseconds. `work` is told by its signal, and whatever it
 * does afterwards is ignored. A synchronous throw is a rejection like any other.
 */
export async function withDeadline<T>(limit: number, work: (signal: AbortSignal) => T | PromiseLike<T>): Promise<T> {
  const controller = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    // After a busy moment the answer may be waiting in the socket: it is read before the deadline counts.
    timer = setTimeout(() => setImmediate(() => {
      reject(new DeadlineError(`No answer within ${limit} ms.`))
      controller.abort()
    }), limit)
  })
  const working = (async () => work(controller.signal))()
  try {
    return await Promise.race([working, late])
  } finally {
    clearTimeout(timer)
  }
}
