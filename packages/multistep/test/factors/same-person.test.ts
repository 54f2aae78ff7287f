import express from 'express'
import { Strategy as OAuth2Strategy } from 'passport-oauth2'
import type { FactorOptions, MultistepEvents } from '../../src/index.js'
import { browser, buildApp, people, pin, Scripted, type Person } from '../support/app.js'
import { listening } from '../support/network.js'

const device: FactorOptions = { kind: 'possession', channel: 'device', amr: 'otp', fields: ['code'] }
const right = { code: '246810' }
const nobody = { authenticated: false, user: null, amr: [] }

/** A factor that says by itself who a person is: the person whom the field `as` names. */
const whoever = (users: Record<string, Person>, name = 'card') => new Scripted(name, function (req) {
  this.success(users[req.body.as] ?? req.body.as)
})

describe('another person in the second step (R-40, F-22 at steps)', () => {
  const twoPeople = () => {
    const users = people()
    const built = buildApp({ users, strategies: [whoever(users)], options: { steps: ['local', 'card'], factors: { card: device } } })
    const events: MultistepEvents['person.mismatch'][] = []
    built.login.on('person.mismatch', (event) => events.push(event))
    return { ...built, events, browsing: browser(built.app) }
  }

  it('a second step by another user is refused, and neither of the two is logged in', async () => {
    const { browsing } = twoPeople()
    await browsing.password('ada')
    expect((await browsing.post('/login/card', { as: 'grace' })).body).toMatchObject({ status: 403, code: 'person_mismatch' })
    expect(await browsing.who()).toEqual(nobody)
  })

  it('a second step by another user ends the pending login: the right user\'s factor comes too late', async () => {
    const { browsing } = twoPeople()
    await browsing.password('ada')
    await browsing.post('/login/card', { as: 'grace' })
    expect((await browsing.post('/login/card', { as: 'ada' })).body).toMatchObject({ status: 401, code: 'login_required' })
    expect((await browsing.get('/login')).body).toMatchObject({ status: 'anonymous', step: 1, completed: [] })
  })

  it('a second step by another user is told to the app once, with the user of the steps before', async () => {
    const { browsing, events } = twoPeople()
    await browsing.password('ada')
    await browsing.post('/login/card', { as: 'grace' })
    expect(events).toEqual([{ factor: 'card', userId: 'u1' }])
  })

  it('a second step by the same user passes, though its strategy gives another object', async () => {
    const users = people()
    const copies = new Scripted('card', function () { this.success({ ...users.ada! }) })
    const { app } = buildApp({ users, strategies: [copies], options: { steps: ['local', 'card'], factors: { card: device } } })
    const browsing = browser(app)
    await browsing.password('ada')
    expect((await browsing.post('/login/card')).body).toMatchObject({ status: 'complete' })
    expect(await browsing.who()).toMatchObject({ user: 'u1' })
  })
})

describe('samePerson', () => {
  const linked = (samePerson: FactorOptions['samePerson']) => {
    const card = new Scripted('card', function (req) { this.success({ id: `card of ${req.body.as}` }) })
    const { app } = buildApp({ strategies: [card], options: { steps: ['local', 'card'], factors: { card: { ...device, ...(samePerson ? { samePerson } : {}) } } } })
    return browser(app)
  }
  const owns = (pending: unknown, result: unknown) => (result as { id: string }).id === `card of ${(pending as Person).name}`

  it.each([['synchronous', owns], ['asynchronous', async (pending: unknown, result: unknown) => owns(pending, result)]])(
    'samePerson overrules the comparison of ids, %s, and the user stays the one of the first step', async (_, samePerson) => {
      const browsing = linked(samePerson)
      await browsing.password('ada')
      expect((await browsing.post('/login/card', { as: 'ada' })).body).toMatchObject({ status: 'complete' })
      expect(await browsing.who()).toMatchObject({ user: 'u1' })
    })

  it('samePerson refuses another user, also asynchronously, and without it ids decide (F-22)', async () => {
    for (const [samePerson, as] of [[owns, 'grace'], [async () => false, 'ada'], [undefined, 'ada']] as const) {
      const browsing = linked(samePerson)
      await browsing.password('ada')
      expect((await browsing.post('/login/card', { as })).body).toMatchObject({ status: 403, code: 'person_mismatch' })
      expect(await browsing.who()).toEqual(nobody)
    }
  })

  it.each([
    ['throws', () => { throw new Error('no database') }],
    ['rejects', async () => { throw new Error('no database') }],
  ])('samePerson that %s logs no user in, and the login can go on (R-59)', async (_, samePerson) => {
    let broken = true
    const browsing = linked((pending, result) => (broken ? samePerson() : owns(pending, result)))
    await browsing.password('ada')
    expect((await browsing.post('/login/card', { as: 'ada' })).status).toBe(503)
    expect(await browsing.who()).toEqual(nobody)
    broken = false
    expect((await browsing.post('/login/card', { as: 'ada' })).body).toMatchObject({ status: 'complete' })
  })
})

describe('a person who is deleted between the steps (O-24)', () => {
  const deleted = async (deserialize?: (id: unknown, done: (error: unknown, user?: unknown) => void) => void) => {
    const users = people()
    const strategy = pin()
    const { app } = buildApp({ users, strategies: [strategy], ...(deserialize ? { deserialize } : {}), options: { steps: ['local', 'pin'], factors: { pin: { ...device, sees: 'pending' } } } })
    const browsing = browser(app)
    await browsing.password('ada')
    delete users.ada
    return { browsing, strategy }
  }

  it('a user who is deleted between the steps cannot complete the login', async () => {
    const { browsing, strategy } = await deleted()
    expect((await browsing.post('/login/pin', right)).body).toMatchObject({ status: 401, code: 'flow_expired' })
    expect(strategy.runs).toBe(0)
    expect(await browsing.who()).toEqual(nobody)
  })

  it.each([null, undefined, false])('a login cannot be completed when deserializeUser gives %s for its user', async (nothing) => {
    const { browsing } = await deleted((_, done) => done(null, nothing ?? false))
    expect((await browsing.post('/login/pin', right)).status).toBe(401)
    expect(await browsing.who()).toEqual(nobody)
  })

  it('a browser whose pending user is deleted can log another user in', async () => {
    const { browsing } = await deleted()
    expect((await browsing.get('/login')).body).toMatchObject({ status: 'anonymous', step: 1 })
    await browsing.password('grace')
    expect((await browsing.post('/login/pin', right)).body).toMatchObject({ status: 'complete' })
    expect(await browsing.who()).toMatchObject({ user: 'u2' })
  })
})

describe('userId (F-35)', () => {
  const ids: [string, unknown][] = [
    ['an object', { id: 1 }], ['a list', ['u1']], ['an empty string', ''], ['undefined', undefined], ['null', null], ['NaN', NaN], ['Infinity', Infinity], ['a boolean', true],
    ['a promise', Promise.resolve('u1')], ['a function', () => 'u1'], ['a symbol', Symbol('u1')],
  ]

  it.each(ids)('a userId that returns %s is an error in words at the first step, and no login is pending', async (_, id) => {
    const { app } = buildApp({ strategies: [pin()], options: { steps: ['local', 'pin'], factors: { pin: device }, userId: () => id } })
    const browsing = browser(app)
    const { status, body } = await browsing.password('ada')
    expect({ status, body }).toMatchObject({ status: 500, body: { code: 'misconfigured', detail: expect.stringContaining('userId') } })
    expect((await browsing.get('/login')).body).toMatchObject({ status: 'anonymous' })
  })

  it.each(ids)('a userId that returns %s for two users does not make them one at the second step', async (_, id) => {
    const users = people()
    let broken = false
    const { app } = buildApp({ users, strategies: [whoever(users)], options: { steps: ['local', 'card'], factors: { card: device }, userId: (user) => (broken ? id : (user as Person).id) } })
    const browsing = browser(app)
    await browsing.password('ada')
    broken = true
    expect((await browsing.post('/login/card', { as: 'grace' })).status).toBe(500)
    broken = false
    expect(await browsing.who()).toEqual(nobody)
  })

  it.each([['a string', 'x'], ['a number', 0], ['a bigint', 10n]])('a userId may be %s', async (_, id) => {
    const { app } = buildApp({ options: { steps: ['local'], userId: () => id } })
    const browsing = browser(app)
    expect((await browsing.password('ada')).body).toMatchObject({ status: 'complete' })
    expect((await browsing.get('/account')).status).toBe(200)
  })

  it('a userId of 0 in both steps is one user, and 0 and 1 are two', async () => {
    const users = people()
    const numbers: Record<string, number> = { u1: 0, u2: 1 }
    for (const [as, status] of [['ada', 200], ['grace', 403]] as const) {
      const { app } = buildApp({ users, strategies: [whoever(users)], options: { steps: ['local', 'card'], factors: { card: device }, userId: (user) => numbers[(user as Person).id] } })
      const browsing = browser(app)
      await browsing.password('ada')
      expect((await browsing.post('/login/card', { as })).status).toBe(status)
    }
  })
})

/** An OAuth 2 provider, as far as passport-oauth2 asks: everybody is logged in there as whom `as` says. */
async function provider() {
  const app = express()
  app.get('/authorize', (req, res) => {
    const { redirect_uri: back, state } = req.query as Record<string, string>
    res.redirect(`${back}?code=code-of-thief&state=${encodeURIComponent(state!)}`)
  })
  app.post('/token', express.urlencoded({ extended: false }), (req, res) => {
    res.json({ access_token: `token for ${String(req.body.code)}`, token_type: 'bearer' })
  })
  return listening(app)
}

describe('an OAuth strategy whose verify callback links accounts to req.user', () => {
  /** As in the manuals of many providers: a person who is logged in gets the account linked; else it is looked up, or made. */
  const social = async (sees?: 'pending') => {
    const oauth = await provider()
    const users = people()
    const links: Record<string, Person> = {}
    const seen: unknown[] = []
    const strategy = new OAuth2Strategy({
      authorizationURL: `${oauth.url}/authorize`,
      tokenURL: `${oauth.url}/token`,
      clientID: 'client',
      clientSecret: 'of the test',
      callbackURL: 'http://127.0.0.1/login/oauth2/callback',
      state: true as never,
      passReqToCallback: true,
    }, ((req: any, token: string, _refresh: string, _profile: unknown, done: (error: unknown, user?: unknown) => void) => {
      seen.push(req.user, req.isAuthenticated())
      if (req.user) {
        links[token] = req.user
        return done(null, req.user)
      }
      links[token] ??= users.stranger = { id: 'u9', name: 'stranger', password: 'x' }
      done(null, links[token])
    }) as never)
    const built = buildApp({ users, strategies: [strategy], options: { steps: ['local', 'oauth2'], factors: { oauth2: { redirects: true, kind: 'possession', ...(sees ? { sees } : {}) } } } })
    return { ...built, oauth, users, links, seen, browsing: browser(built.app) }
  }
  /** Begins at the app, goes to the provider, and comes back with its answer. */
  const visit = async ({ browsing }: Awaited<ReturnType<typeof social>>) => {
    const { body } = await browsing.post('/login/oauth2')
    expect(body.status).toBe('redirect')
    const back = await fetch(body.url, { redirect: 'manual' })
    const { pathname, search } = new URL(back.headers.get('location')!)
    return browsing.get(pathname + search)
  }

  it('an OAuth strategy finds no req.user after a stolen password: the thief\'s account is refused, and is not linked to the victim (F-31)', async () => {
    const setup = await social()
    await setup.browsing.password('ada')
    expect((await visit(setup)).body).toMatchObject({ status: 403, code: 'person_mismatch' })
    expect(setup.seen).toEqual([undefined, false])
    expect(Object.values(setup.links).map(({ id }) => id)).toEqual(['u9'])
    expect(await setup.browsing.who()).toEqual(nobody)
    await setup.oauth.close()
  })

  it('an OAuth strategy finds no req.user when the victim\'s browser is logged in and begins a login anew (F-31)', async () => {
    const setup = await social()
    setup.links['token for code-of-thief'] = setup.users.ada!
    await setup.browsing.password('ada')
    expect((await visit(setup)).body).toMatchObject({ status: 'complete' })
    delete setup.links['token for code-of-thief']
    await setup.browsing.password('ada')
    expect(await setup.browsing.who()).toMatchObject({ user: 'u1' })
    expect((await visit(setup)).body).toMatchObject({ code: 'person_mismatch' })
    expect(setup.seen).toEqual([undefined, false, undefined, false])
    expect(setup.links['token for code-of-thief'].id).toBe('u9')
    await setup.oauth.close()
  })

  it('an OAuth strategy completes the login of the user to whom its account was linked before', async () => {
    const setup = await social()
    setup.links['token for code-of-thief'] = setup.users.ada!
    await setup.browsing.password('ada')
    expect((await visit(setup)).body).toMatchObject({ status: 'complete' })
    expect(await setup.browsing.who()).toMatchObject({ user: 'u1' })
    await setup.oauth.close()
  })

  it('an OAuth strategy finds the pending user on its view of the request alone, where the app says so', async () => {
    const setup = await social('pending')
    await setup.browsing.password('ada')
    expect((await visit(setup)).body).toMatchObject({ status: 'complete' })
    expect(setup.seen).toEqual([expect.objectContaining({ id: 'u1' }), true])
    await setup.oauth.close()
  })
})

describe('a first factor while a login is complete', () => {
  const loggedIn = async () => {
    const built = buildApp({ strategies: [pin()], options: { steps: ['local', 'pin'], factors: { pin: { ...device, sees: 'pending' } } } })
    const browsing = browser(built.app)
    await browsing.password('ada')
    await browsing.post('/login/pin', right).expect(200)
    return { ...built, browsing }
  }

  it('a first factor of another user ends the completed login at once', async () => {
    const { browsing } = await loggedIn()
    expect((await browsing.password('grace')).body).toMatchObject({ status: 'pending', completed: [{ factor: 'local' }] })
    expect(await browsing.who()).toEqual(nobody)
    expect((await browsing.get('/account')).body).toMatchObject({ status: 401, code: 'factor_required' })
  })

  it('a first factor of another user ends the completed login in the store too: its session, brought back, is anonymous', async () => {
    const { browsing, store } = await loggedIn()
    const sessions = (store as unknown as { sessions: Record<string, string> }).sessions
    const old = Object.values(sessions).find((text) => text.includes('"login"'))!
    await browsing.password('grace')
    for (const id of Object.keys(sessions)) sessions[id] = old
    expect(await browsing.who()).toEqual(nobody)
  })

  it('a first factor of another user takes over none of the old proofs', async () => {
    const { browsing } = await loggedIn()
    await browsing.password('grace')
    await browsing.post('/login/pin', right)
    expect(await browsing.who()).toEqual({ authenticated: true, user: 'u2', amr: ['pwd', 'otp', 'mfa'] })
  })

  it('a first factor of the same user keeps the completed login until the new one completes', async () => {
    const { browsing } = await loggedIn()
    expect((await browsing.password('ada')).body).toMatchObject({ status: 'pending', step: 2 })
    expect(await browsing.who()).toMatchObject({ authenticated: true, user: 'u1' })
    expect((await browsing.get('/account')).status).toBe(200)
    expect((await browsing.post('/login/pin', { code: 'wrong' })).status).toBe(401)
    expect(await browsing.who()).toMatchObject({ authenticated: true, user: 'u1' })
    await browsing.post('/login/cancel').expect(200)
    expect((await browsing.get('/login')).body).toMatchObject({ status: 'complete' })
  })

  it('a first factor that fails keeps the completed login, whichever user it was for', async () => {
    const { browsing } = await loggedIn()
    expect((await browsing.password('grace', 'wrong')).status).toBe(401)
    expect(await browsing.who()).toMatchObject({ authenticated: true, user: 'u1' })
  })
})
