/**
 * Runs before each test file. Once an `AsyncLocalStorage` was used, Node asks it about every promise and every callback of the process until it is
 * disabled. The storages of a test file that has ended slow down all files after it in the same worker, each a little more.
 */
import { AsyncLocalStorage } from 'node:async_hooks'

// Test files have a registry of modules each, but `node:async_hooks` is the same for all files of a worker.
const kept = Symbol.for('ended-storages')
const prototype = AsyncLocalStorage.prototype as unknown as Record<symbol, Set<AsyncLocalStorage<unknown>> | undefined>
const used = prototype[kept] ?? watched()

for (const storage of used) storage.disable()
used.clear()

function watched(): Set<AsyncLocalStorage<unknown>> {
  const storages = new Set<AsyncLocalStorage<unknown>>()
  for (const name of ['run', 'enterWith'] as const) {
    const original = AsyncLocalStorage.prototype[name] as (...given: unknown[]) => unknown
    AsyncLocalStorage.prototype[name] = function (this: AsyncLocalStorage<unknown>, ...given: unknown[]) {
      storages.add(this)
      return original.apply(this, given)
    } as never
  }
  prototype[kept] = storages
  return storages
}
