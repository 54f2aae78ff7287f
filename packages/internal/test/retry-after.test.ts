import type { Request } from 'express'
import { tellRetryAfter, wholeSeconds } from '#internal/retry-after'

it('a wait is told in whole seconds, rounded up, and one second at least', () => {
  expect([0, 1, 1000, 1001, 59_999].map(wholeSeconds)).toEqual([1, 1, 1, 2, 60])
})

describe('A failure', () => {
  const headersAfter = (failure: { retryAfter?: number }) => {
    const headers: string[][] = []
    tellRetryAfter({ res: { setHeader: (...header: string[]) => headers.push(header) } } as unknown as Request, failure)
    return headers
  }

  it('a failure that knows when another try makes sense tells it in Retry-After', () => {
    expect(headersAfter({ retryAfter: 30 })).toEqual([['Retry-After', '30']])
  })

  it('a failure that knows no time sets no Retry-After', () => {
    expect(headersAfter({})).toEqual([])
  })

  it('a failure of a request without a response is no error', () => {
    expect(() => { tellRetryAfter({} as Request, { retryAfter: 30 }) }).not.toThrow()
  })
})
