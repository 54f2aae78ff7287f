import type { Context } from '../../src/settings/context.js'
import type { Request, Session } from '../../src/http/request.js'
import { browserOf, forgetLogin, isTurned, keep, kept, turn, turnedTo } from '../../src/session/browser-session.js'
import { forgetGranted, noteGranted } from '../../src/session/granted.js'
import type { Granted } from '../../src/state/granted.js'
import { contentOf, sessionRequest } from '../support/session-request.js'

const granted = (key: string) => ({ key, id: key, details: {}, values: {}, page: '/', expiresAt: 5 }) as unknown as Granted

describe('what a session keeps', () => {
  it('a logout leaves the app\'s own part of the session, and what the pending login needs', () => {
    const req = sessionRequest({ basket: [1], passport: { user: 'u1' } })
    keep(req, { login: 'partition.login', flow: 'partition.flow', sent: [{ factor: 'operator' }] })
    req.user = { id: 'u1' }
    forgetLogin(req, 'passport')
    expect([req.user, kept(req), req.session.basket, 'passport' in req.session]).toEqual([undefined, { flow: 'partition.flow' }, [1], false])
  })

  it('a logout of a request without a session leaves no person on the request', () => {
    const req = { headers: {}, user: { id: 'u1' } } as unknown as Request
    forgetLogin(req, 'passport')
    expect(req.user).toBeUndefined()
  })

  it('a session keeps the five confirmations that were given last', () => {
    const req = sessionRequest()
    for (const key of ['1', '2', '3', '4', '5', '6', '2']) noteGranted(req, granted(key))
    expect(kept(req).granted?.map(({ key }) => key)).toEqual(['3', '4', '5', '6', '2'])
  })

  it('a confirmation that is used leaves the others, and the last one leaves nothing behind', () => {
    const req = sessionRequest()
    for (const key of ['1', '2']) noteGranted(req, granted(key))
    forgetGranted(req, '1')
    expect(kept(req).granted?.map(({ key }) => key)).toEqual(['2'])
    forgetGranted(req, '2')
    expect(contentOf(req)).toEqual({})
  })

  it('a confirmation that the session does not hold changes nothing in it when it is used', () => {
    const empty = sessionRequest()
    forgetGranted(empty, '1')
    expect(contentOf(empty)).toEqual({})
    const req = sessionRequest()
    noteGranted(req, granted('1'))
    const before = kept(req)
    forgetGranted(req, 'another')
    expect(kept(req)).toBe(before)
  })
})

describe('a request whose session another request has renewed', () => {
  const turned = () => {
    const req = sessionRequest({ passport: { user: 'u1' }, basket: [1] })
    const written: string[] = []
    for (const name of ['save', 'reload', 'destroy', 'regenerate']) {
      Object.defineProperty(req.session, name, { value: () => { written.push(name) }, configurable: true })
    }
    turn(req, '/account')
    return { req, session: req.session as Session & Record<string, (done?: () => void) => unknown>, written }
  }

  it('the request knows where the other one went, and has no session id to be saved under', () => {
    const { req } = turned()
    expect([isTurned(req), turnedTo(req), req.sessionID]).toEqual([true, '/account', undefined])
  })

  it.each(['save', 'reload', 'destroy'])('%s of its session calls back, with or without a callback, and writes nothing', (name) => {
    const { session, written } = turned()
    const called = jest.fn()
    expect([session[name]!(called), session[name]!()]).toEqual([session, session])
    expect([called.mock.calls, written, session.basket]).toEqual([[[]], [], [1]])
  })

  it('a session that is made anew is empty but for its cookie, and is not written', () => {
    const { req, session, written } = turned()
    const called = jest.fn()
    session.regenerate(called)
    expect([called.mock.calls, written, contentOf(req), 'cookie' in session]).toEqual([[[]], [], {}, true])
  })

  it('a request whose session is still its own is not turned', () => {
    const req = sessionRequest()
    turn(req, undefined)
    expect([isTurned(req), turnedTo(req), req.sessionID]).toEqual([false, undefined, 'sid'])
  })
})

describe('the digest of a browser', () => {
  const digestOf = (ip: string | undefined, agent: string | undefined) =>
    browserOf({ policy: '/login' } as Context['settings'], { ip, headers: { 'user-agent': agent } } as unknown as Request)

  it('a browser has the same digest in the same place, and another one elsewhere, or as another program', () => {
    expect(digestOf('192.0.2.1', 'Firefox')).toBe(digestOf('192.0.2.1', 'Firefox'))
    const others = [digestOf('192.0.2.1', 'Firefox'), digestOf('192.0.2.2', 'Firefox'), digestOf('192.0.2.1', 'curl'), digestOf('192.0.2.1', undefined), digestOf(undefined, 'Firefox'), digestOf(undefined, undefined)]
    expect(new Set(others).size).toBe(others.length)
  })
})
