import type { Awaitable } from './awaitable.js'
import { MultistepError } from './errors.js'

/** Calls a store of the app. What it throws is told as `store_unavailable`. `what`: such as `'passkeys'`. */
export async function available<T>(what: string, call: () => Awaitable<T>): Promise<T> {
  try {
    return await call()
  } catch (cause) {
    throw new MultistepError('store_unavailable', `The store of ${what} did not answer.`, { cause })
  }
}
