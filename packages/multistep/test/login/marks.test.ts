import { fieldsToPassOn, leaveSessionAlone } from '../../src/login/passing-on.js'
import { bringsBack, carriesAnswer, marked } from '../../src/login/redirect-mark.js'
import { arrivalOf, begunFor } from '../../src/login/redirects.js'
import { keep, kept } from '../../src/session/browser-session.js'
import type { Exchange } from '../../src/login/exchange.js'
import type { Factor } from '../../src/factors/factor.js'
import type { Request } from '../../src/http/request.js'
import { sessionRequest } from '../support/session-request.js'

const state = 'a state of multistep'

describe('the mark of a redirect', () => {
  it.each([
    ['OAuth 2', 'https://op.example/a?client_id=1', { state, wrote: { name: 'state' } }, `state=${encodeURIComponent(state)}`],
    ['OAuth 2 with a state of the strategy', 'https://op.example/a?state=own', { state, wrote: { name: 'state', value: 'own' } }, 'state=a%20state'],
    ['WS-Federation', 'https://op.example/a?wa=wsignin1.0', { state, wrote: { name: 'wctx' } }, 'wctx=a%20state'],
    ['SAML without an id', 'https://op.example/a?SAMLRequest=PGEvPg', { state, wrote: { name: 'RelayState' } }, 'RelayState=a%20state'],
    ['OAuth 1', 'https://op.example/a?oauth_token=t0ken', { state: 't0ken' }, 'oauth_token=t0ken'],
    ['CAS', 'https://op.example/a?service=https%3A%2F%2Fapp.example%2Fcb', { state }, 'service=https%3A%2F%2Fapp.example%2Fcb%3Fstate%3D'],
    ['CAS with a service that is no address', 'https://op.example/a?service=cb', { state, wrote: { name: 'state' } }, 'service=cb&state='],
  ])('a redirect of %s is marked where the other site repeats it', (_, url, mark, part) => {
    const found = marked(url, state)
    expect(found?.mark).toEqual(mark)
    expect(found?.url).toContain(part)
  })

  it.each(['request=jwt', 'request_uri=urn', 'Signature=s', 'response_mode=query.jwt'])('a redirect with %s cannot be marked', (query) => {
    expect(marked(`https://op.example/a?${query}`, state)).toBeUndefined()
  })

  it('an answer brings back a state under any name that a protocol has for it, and no other state', () => {
    const answer = (query: object) => ({ method: 'GET', query, headers: {} }) as unknown as Request
    expect(['state', 'RelayState', 'wctx', 'oauth_token', 'denied'].map((name) => bringsBack(answer({ [name]: state }), { state }))).toEqual([true, true, true, true, true])
    expect([{ state: 'another' }, { code: state }, {}].map((query) => bringsBack(answer(query), { state }))).toEqual([false, false, false])
    expect([carriesAnswer(answer({ state })), carriesAnswer(answer({ page: '1' })), carriesAnswer({ method: 'GET' } as Request)]).toEqual([true, false, false])
  })
})

describe('an answer that is passed on', () => {
  const posted = (body: unknown) => ({ method: 'POST', body, query: { of: 'query' } }) as unknown as Request

  it('an answer is passed on with the fields of its body, or of its query where it came by GET', () => {
    expect(fieldsToPassOn(posted({ code: '1', state: 's' }))).toEqual([['code', '1'], ['state', 's']])
    expect(fieldsToPassOn({ method: 'GET', query: { code: '1' } } as unknown as Request)).toEqual([['code', '1']])
  })

  it.each([undefined, null, 'code=1'])('an answer whose body was read as %j has no fields', (body) => {
    expect(fieldsToPassOn(posted(body))).toEqual([])
  })

  it('an answer that no form can hold is not passed on: a list, too many fields, too long a text', () => {
    const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`f${index}`, '']))
    expect([fieldsToPassOn(posted({ code: ['1', '2'] })), fieldsToPassOn(posted(many(51))), fieldsToPassOn(posted({ a: 'x'.repeat(512 * 1024) }))])
      .toEqual([undefined, undefined, undefined])
    expect(fieldsToPassOn(posted(many(50)))).toHaveLength(50)
  })

  it('a new session is left unwritten, and a session that holds something stays', () => {
    const [fresh, used, none] = [{ session: { cookie: {} } }, { session: { cookie: {}, basket: [1] } }, {}] as Request[]
    for (const req of [fresh!, used!, none!]) leaveSessionAlone(req)
    expect([fresh!.session, used!.session, none!.session]).toEqual([null, { cookie: {}, basket: [1] }, undefined])
  })
})

describe('what the answer of another site belongs to', () => {
  const elsewhere = { name: 'operator', strategy: 'operator', redirects: true } as unknown as Factor
  const own = { ...elsewhere, ownState: true } as Factor
  const strategy = { name: 'operator', authenticate: () => undefined } as never
  const answer = (query: object, isCallback = true) => ({
    req: sessionRequest({}, { query }),
    factor: elsewhere,
    ...isCallback ? { pages: { callback: true } } : {},
  }) as unknown as Exchange
  const thrown = (work: () => unknown): string | undefined => {
    try {
      work()
      return undefined
    } catch (error) {
      return (error as { code: string }).code
    }
  }

  it('a request without a factor, or to a factor that stays here, begins whatever it carries', () => {
    const exchange = answer({ code: '1' })
    expect(arrivalOf({ ...exchange, factor: { ...elsewhere, redirects: false } })).toBe('begins')
    const { factor: _, ...none } = exchange
    expect(arrivalOf(none)).toBe('begins')
  })

  it('a request begins, unless it carries an answer, a link, or comes to the callback', () => {
    expect([answer({}, false), answer({ for: '1', factor: 'operator' }, false), answer({ code: '1' }, false), answer({ token: '1' }, false), answer({})].map(arrivalOf))
      .toEqual(['begins', 'begins', 'answer', 'link', 'answer'])
  })

  it('an answer with the mark of another pending login is lost, and is not used up', () => {
    const exchange = answer({ code: '1', state })
    keep(exchange.req, { flow: 'partition.here', sent: [{ factor: 'operator', mark: { state }, flow: 'partition.before' }] })
    expect(begunFor(exchange, elsewhere, strategy, false)).toBe('lost')
    expect(kept(exchange.req).sent).toHaveLength(1)
  })

  it('an answer for a requirement is lost where nobody is logged in, and counts once where a user is', () => {
    const exchange = answer({ code: '1', state })
    keep(exchange.req, { sent: [{ factor: 'operator', mark: { state }, requirement: 'one' }] })
    expect(begunFor(exchange, elsewhere, strategy, false)).toBe('lost')
    expect(begunFor(exchange, elsewhere, strategy, true)).toMatchObject({ about: { id: 'one' } })
    expect(begunFor(exchange, elsewhere, strategy, true)).toBe('lost')
  })

  it('an answer that names another requirement than its mark is lost', () => {
    const exchange = answer({ code: '1', state, for: 'two' })
    keep(exchange.req, { sent: [{ factor: 'operator', mark: { state }, requirement: 'one' }] })
    expect(begunFor(exchange, elsewhere, strategy, true)).toBe('lost')
  })

  it('an answer whose strategy binds it itself is refused where it could belong to two requirements', () => {
    const exchange = answer({ code: '1' })
    keep(exchange.req, { sent: [{ factor: 'operator', requirement: 'one' }, { factor: 'operator', requirement: 'two' }] })
    expect(thrown(() => begunFor(exchange, own, strategy, true))).toBe('requirement_ambiguous')
  })

  it('an answer whose strategy binds it itself is refused for a requirement that nothing was begun for', () => {
    expect(thrown(() => begunFor(answer({ code: '1', for: 'one' }), own, strategy, true))).toBe('flow_expired')
    const begun = answer({ token: '1', for: 'one' }, false)
    keep(begun.req, { sent: [{ factor: 'operator', requirement: 'two' }] })
    expect(thrown(() => begunFor(begun, own, strategy, true))).toBe('flow_expired')
  })

  it('a link that names a requirement, and that this browser did not ask for, is for that requirement', () => {
    expect(begunFor(answer({ token: '1', for: 'one' }, false), own, strategy, true)).toEqual({ about: { id: 'one' } })
    expect(begunFor(answer({ code: '1', for: 'one' }), own, strategy, false)).toEqual({ about: { id: 'one' } })
  })
})
