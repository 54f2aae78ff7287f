import type { Request } from 'express'

/** Work begins when the response has left, or in a later turn where there is none to wait for. */
export const afterResponse = ({ res }: Request) => (work: () => void): void => {
  if (!res || res.closed || res.writableFinished) setImmediate(work)
  else res.once('close', work)
}
