import { isSpeculative } from '#internal/speculative-request'

describe('A request', () => {
  it.each([
    { 'sec-purpose': 'prefetch' }, { 'sec-purpose': 'prefetch;prerender' }, { 'sec-purpose': 'Prefetch;anonymous-client-ip' },
    { purpose: 'prefetch' }, { 'x-purpose': 'preview' }, { 'x-moz': 'prefetch' },
  ])('a request is fetched ahead of the person with the headers %j', (headers) => {
    expect(isSpeculative({ headers })).toBe(true)
  })

  it.each([{}, { 'sec-purpose': '' }, { purpose: 'document' }, { 'sec-fetch-dest': 'prefetch' }])(
    'a request is the person\'s own with the headers %j', (headers) => {
      expect(isSpeculative({ headers })).toBe(false)
    })
})
