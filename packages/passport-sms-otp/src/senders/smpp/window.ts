/** At most so many at a time, in the order they came. */
export interface Window {
  /** `false` if the signal came first. A caller that enters has to leave. */
  enter(signal: AbortSignal): Promise<boolean>
  leave(): void
}

export function createWindow(size: number): Window {
  let free = size
  const queue = new Set<() => void>()
  return {
    async enter(signal) {
      if (signal.aborted) return false
      if (free > 0) {
        free -= 1
        return true
      }
      return new Promise((resolve) => {
        const go = () => {
          signal.removeEventListener('abort', giveUp)
          resolve(true)
        }
        const giveUp = () => {
          queue.delete(go)
          resolve(false)
        }
        queue.add(go)
        signal.addEventListener('abort', giveUp, { once: true })
      })
    },
    leave() {
      const [next] = queue
      if (!next) {
        free += 1
        return
      }
      queue.delete(next)
      next()
    },
  }
}
