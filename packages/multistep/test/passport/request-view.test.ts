import { viewOf, type Viewed } from '../../src/passport/request-view.js'
import type { Request } from '../../src/http/request.js'

const ada = { id: 'u1' } as Express.User

function viewed(req: object, more: Partial<Viewed> = {}) {
  const fail = jest.fn()
  const real = req as Request
  return { view: viewOf({ req: real, person: ada, seesQuery: true, body: real.body, ...more }, fail) as any, real: real as any, fail }
}

describe('the request as a strategy sees it', () => {
  it('the person of a pending login is on the view, and never on the request', () => {
    const { view, real } = viewed({ url: '/' })
    expect([view.user, view.isAuthenticated(), view.isUnauthenticated(), 'user' in view]).toEqual([ada, true, false, true])
    expect([real.user, 'isAuthenticated' in real]).toEqual([undefined, false])
  })

  it('a view of nobody has no person', () => {
    const { view } = viewed({ url: '/' }, { person: undefined })
    expect([view.user, view.isAuthenticated(), view.isUnauthenticated(), 'user' in view]).toEqual([undefined, false, true, false])
  })

  it('what a strategy defines of its own is on the request, and what it defines of the person is on the view alone', () => {
    const { view, real } = viewed({ url: '/' })
    Object.defineProperty(view, 'authInfo', { value: { scope: 'all' }, configurable: true })
    Object.defineProperty(view, 'user', { value: { id: 'u2' }, configurable: true })
    expect([real.authInfo, real.user]).toEqual([{ scope: 'all' }, undefined])
    expect(view.user).toEqual({ id: 'u2' })
  })

  it('what a strategy deletes of its own is gone from the request, and what it deletes of the person from the view alone', () => {
    const { view, real } = viewed({ url: '/', user: { id: 'real' }, note: 1 })
    expect([delete view.note, delete view.user]).toEqual([true, true])
    expect(['note' in real, view.user, 'user' in view, real.user]).toEqual([false, undefined, false, { id: 'real' }])
  })

  it('a strategy that may not read the query finds the address without it, wherever it looks', () => {
    const { view, real } = viewed({ url: '/cb?code=1', originalUrl: '/login/cb?code=1#x', query: { code: '1' } }, { seesQuery: false })
    expect([view.url, view.originalUrl, view.query]).toEqual(['/cb', '/login/cb', {}])
    expect(real.query).toEqual({ code: '1' })
  })

  it('a request of a server without Express has one address, and a request without any is for the root', () => {
    const { view } = viewed({ url: '/cb?code=1' }, { seesQuery: false })
    expect([view.url, view.originalUrl]).toEqual(['/cb', undefined])
    expect(viewed({}, { seesQuery: false }).view.url).toBe('/')
  })

  it('a parameter that is changed is changed in query, address and body, and the others stay', () => {
    const { view, real } = viewed(
      { url: '/cb?state=ours&code=1', query: { state: 'ours', code: '1' }, body: { state: 'ours', id: '7' } },
      { parameters: { state: 'theirs' } },
    )
    expect([view.url, view.query, view.body]).toEqual(['/cb?code=1&state=theirs', { state: 'theirs', code: '1' }, { state: 'theirs', id: '7' }])
    expect([real.url, real.body]).toEqual(['/cb?state=ours&code=1', { state: 'ours', id: '7' }])
  })

  it('a parameter that is taken away is in no place, and one that was not sent is put in none', () => {
    const sent = { url: '/cb?state=ours', query: { state: 'ours' }, body: {} }
    const without = viewed(sent, { parameters: { state: undefined } }).view
    expect([without.url, without.query, without.body]).toEqual(['/cb', {}, {}])
    const same = viewed(sent, { parameters: { more: '1' } }).view
    expect([same.url, same.query, same.body]).toEqual(['/cb?state=ours', { state: 'ours' }, {}])
    const both = viewed({ ...sent, body: { more: '2' } }, { parameters: { state: 'theirs', more: '1' } }).view
    expect([both.url, both.query, both.body]).toEqual(['/cb?state=theirs', { state: 'theirs' }, { more: '1' }])
  })

  it('a strategy that logs in by itself is refused, and told so where it listens', () => {
    const { view, fail } = viewed({ url: '/' })
    const done = jest.fn()
    view.logIn(ada, done)
    view.logout()
    expect(fail.mock.calls.map(([{ code }]) => code)).toEqual(['login_inside_step', 'login_inside_step'])
    expect(done.mock.calls).toEqual([[fail.mock.calls[0][0]]])
  })
})
