import type { Request } from 'express'
import { Socket } from 'node:net'
import type { Scheduler } from '../service/context.js'

/**
 * Work begins when the response has left, or in a later turn where there is none to wait for. A host of functions hands
 * over responses of its own making, which are finished and never closed.
 */
export const afterResponse = ({ res }: Request): Scheduler => (work) => new Promise((resolve) => {
  const begin = () => { work().then(() => { resolve() }, () => { resolve() }) }
  if (!res || res.closed || res.writableFinished) {
    setImmediate(begin)
    return
  }
  let begun = false
  for (const event of ['finish', 'close']) {
    res.once(event, () => {
      if (!begun) begin()
      begun = true
    })
  }
})

/**
 * Whether the process goes on after the response: a function that was called with a request of its host's making has no
 * connection.
 */
export const hasConnection = ({ socket }: Partial<Request>): boolean => socket instanceof Socket
