import express5, { type ErrorRequestHandler, type Express as ExpressApp } from 'express'
import express4 from 'express4'
import session from 'express-session'
import { Passport } from 'passport'
import { Strategy as LocalStrategy } from 'passport-local'
import { multistep, type MultistepEvents } from '../../src/index.js'
import { browser, buildApp, people, pin, type Person, type Setup } from '../support/app.js'
import { device } from '../support/factors.js'
import { describeWithBackends, type Backend } from '../support/stores.js'

const code = { code: '246810' }
const nobody = { authenticated: false, user: null, amr: [] }

type Done = (error: unknown, user?: unknown) => void
type Deserialize = (id: string, done: Done, found: Person | undefined) => unknown

/** How deserializers of real apps say that an account is gone. */
const gone: Record<string, Deserialize> = {
  'an error': (_id, done, found) => (found ? done(null, found) : done(new Error('User not found'))),
  undefined: (_id, done, found) => done(null, found),
  'a text in place of an error': (_id, done, found) => (found ? done(null, found) : done('User not found')),
  'an exception': (_id, done, found) => {
    if (!found) throw new Error('User not found')
    done(null, found)
  },
  'a rejection': async (_id, done, found) => {
    if (!found) throw new Error('User not found')
    done(null, found)
  },
  'no answer': (_id, done, found) => { if (found) done(null, found) },
  'a person without an id': (_id, done, found) => done(null, found ?? { name: 'deleted' }),
  'a text in place of a person': (_id, done, found) => done(null, found ?? 'deleted'),
}

function host(how: Deserialize, setup: Partial<Setup<'local' | 'pin'>> = {}, backend?: Backend) {
  const users = people()
  const events: MultistepEvents['person.unreadable'][] = []
  const built = buildApp({
    users,
    strategies: [pin()],
    ...(backend ? { session: { store: backend.sessions } } : {}),
    deserialize: (id: string, done: Done) => how(id, done, Object.values(users).find((user) => user.id === id)),
    routes: (app: ExpressApp, login) => {
      app.get('/old', (req, res) => { res.json(req.isAuthenticated()) })
      app.post('/by-hand', login.authenticate('local') as any, (_req, res) => { res.json({}) })
    },
    ...setup,
    options: { steps: ['local', 'pin'], factors: { pin: device }, stepTimeout: '200ms', ...(backend ? { store: backend.flows } : {}), ...setup.options } as never,
  })
  built.login.on('person.unreadable', (event) => events.push(event))
  return { ...built, users, events, ada: browser(built.app) }
}

describeWithBackends('the cookie of an account that is gone', (create) => {
  let backend: Backend
  beforeEach(async () => { backend = await create() })
  afterEach(() => backend.close())

  it.each(Object.keys(gone))('the login page opens and another user can log in, where the deserializer gives %s (G-06 at router)', async (how) => {
    const { ada, users, events } = host(gone[how]!, {}, backend)
    await ada.password()
    await ada.post('/login/pin', code).expect(200)
    delete users.ada
    expect((await ada.get('/login')).body).toMatchObject({ status: 'anonymous' })
    expect((await ada.page('/login')).status).toBe(200)
    expect(events[0]).toEqual({ route: expect.stringContaining('GET /login'), userId: 'u1', error: expect.anything() })
    expect((await ada.password('grace')).body).toMatchObject({ status: 'pending' })
    expect((await ada.post('/login/pin', code)).body).toMatchObject({ status: 'complete' })
    expect(await ada.who()).toMatchObject({ user: 'u2' })
  })

  it.each(Object.keys(gone))('the cookie of a gone account logs out, where the deserializer gives %s (G-06)', async (how) => {
    const { ada, users } = host(gone[how]!, {}, backend)
    await ada.password()
    await ada.post('/login/pin', code).expect(200)
    delete users.ada
    expect((await ada.post('/logout')).status).toBe(200)
    expect(await ada.who()).toEqual(nobody)
    expect(await backend.keptLogins()).toBe(0)
  })

  it.each(Object.keys(gone))('the cookie of a gone account is an error on other routes, as with Passport, and the app is told, where the deserializer gives %s (G-06 at require)', async (how) => {
    const { ada, users, events } = host(gone[how]!, {}, backend)
    await ada.password()
    await ada.post('/login/pin', code).expect(200)
    delete users.ada
    for (const path of ['/old', '/account']) expect((await ada.get(path)).status).toBe(500)
    expect(events.map(({ route }) => route)).toEqual(['GET /old', 'GET /account'])
  })

  it.each(Object.keys(gone))('the cookie of a pending login of a gone account opens the login page, where the deserializer gives %s (G-06)', async (how) => {
    const { ada, users, app } = host(gone[how]!, {}, backend)
    await ada.password()
    delete users.ada
    expect((await ada.page('/login')).status).toBe(200)
    const other = browser(app)
    await other.password('alan')
    delete users.alan
    expect((await other.post('/login/pin', code)).status).toBeGreaterThanOrEqual(400)
    expect((await other.password('grace')).body).toMatchObject({ status: 'pending', completed: [{ factor: 'local' }] })
  })

  it('the cookie of a gone account goes on with a step that is mounted by hand (G-06 at hand-mounted)', async () => {
    const { ada, users } = host(gone['an error']!, {}, backend)
    await ada.password()
    await ada.post('/login/pin', code).expect(200)
    delete users.ada
    expect((await ada.post('/by-hand', { username: 'grace', password: 'hopper-1906' })).body).toMatchObject({ status: 'pending' })
  })
})

describe.each([['5', express5], ['4', express4]] as const)('a login that is mounted by hand in a router of Express %s', (_version, express) => {
  it('logs out the cookie of an account that is gone (G-06)', async () => {
    const users = people()
    const passport = new Passport()
    passport.use(new LocalStrategy((name, password, done) => done(null, users[name]?.password === password ? users[name] : false)))
    passport.serializeUser((user, done) => done(null, (user as Person).id))
    passport.deserializeUser((id, done) => {
      const found = Object.values(users).find((user) => user.id === id)
      if (found) done(null, found)
      else done(new Error('User not found'))
    })
    const login = multistep(passport, { steps: ['local'] })
    login.on('person.unreadable', () => {})
    const app = express()
    app.use(session({ secret: 'a secret of the tests', resave: false, saveUninitialized: false }), express.json(), login.session() as never)
    const account = express.Router()
    const inner = express.Router()
    inner.post('/out/:how', (_req: unknown, _res: unknown, next: () => void) => next(), login.logout() as never)
    inner.get('/out/:how', (_req: unknown, res: any) => { res.send('page') })
    account.use('/me', inner)
    app.post('/in', login.authenticate('local') as never, ((_req: unknown, res: any) => { res.json({}) }) as never)
    app.use('/account', account)
    const failed: ErrorRequestHandler = (error, _req, res, next) => (res.headersSent ? next(error) : void res.status(500).json({}))
    app.use(failed)
    const ada = browser(app as never)
    await ada.post('/in', { username: 'ada', password: 'lovelace-1815' }).expect(200)
    delete users.ada
    await ada.get('/account/me/elsewhere').expect(500)
    await ada.post('/account/me/out/now').expect(200)
    await ada.get('/account/me/out/now').expect(200)
  })
})

describe('a database that is down for a moment', () => {
  it('a database that is down for a moment ends no login, whatever page was opened meanwhile (G-06)', async () => {
    let down = false
    const { ada } = host((_id, done, found) => (down ? done(new Error('ECONNREFUSED')) : done(null, found)))
    await ada.password()
    await ada.post('/login/pin', code).expect(200)
    down = true
    await ada.get('/account').expect(500)
    await ada.get('/login').expect(200)
    down = false
    expect(await ada.who()).toMatchObject({ user: 'u1' })
  })
})

describe('what serializeUser gives', () => {
  const serializing = (serialize: (user: any, done: Done) => unknown) => host(gone.undefined!, { serialize })

  it.each<[string, (user: any, done: Done) => unknown, string]>([
    ['a bigint', (_user, done) => done(null, 12n), 'serializeUser gave a bigint, which no session can keep'],
    ['an object with a bigint in it', (_user, done) => done(null, { id: 12n }), 'which no session can keep'],
    ['a circle', (_user, done) => { const circle: any = {}; done(null, Object.assign(circle, { circle })) }, 'which no session can keep'],
    ['a function', (_user, done) => done(null, () => 'u1'), 'serializeUser gave a function'],
    ['a symbol', (_user, done) => done(null, Symbol('u1')), 'serializeUser gave a symbol'],
    ['nothing', (_user, done) => done(null, undefined), 'serializeUser failed'],
    ['a rejection', async () => { throw new Error('no') }, 'serializeUser failed'],
    ['no answer', () => {}, 'serializeUser failed'],
  ])('a login whose serializeUser gives %s is a 500 in words, and no user is logged in (G-07 at steps)', async (_what, serialize, words) => {
    const { ada } = serializing(serialize)
    const { status, body } = await ada.password()
    expect({ status, body }).toMatchObject({ status: 500, body: { code: 'misconfigured', detail: expect.stringContaining(words) } })
    expect(await ada.who()).toEqual(nobody)
    expect((await ada.get('/login')).body).toMatchObject({ status: 'anonymous' })
  })

  it('serializeUser may give the text of a bigint, and 0 (G-07)', async () => {
    for (const id of [String(12n), 0]) {
      const { ada } = host((_id, done) => done(null, people().ada), { serialize: (_user, done) => done(null, id) })
      await ada.password()
      await ada.post('/login/pin', code).expect(200)
      expect(await ada.who()).toMatchObject({ user: 'u1' })
    }
  })
})

describe('userId', () => {
  it.each<[string, () => unknown, string]>([
    ['throws', () => { throw new Error('no account') }, 'userId failed; its error is the cause'],
    ['is async', async () => 'u1', 'not a promise. It cannot be async'],
    ['gives an object without a text of its own', () => ({ hex: '64abc' }), 'String(user._id)'],
    ['gives a number that was rounded', () => 2 ** 53, 'is rounded, and two people become one'],
  ])('userId that %s is a 500 in words, and no user is logged in (G-07)', async (_what, userId, words) => {
    const { ada } = host(gone.undefined!, { options: { userId } as never })
    expect(await ada.password()).toMatchObject({ status: 500, body: { code: 'misconfigured', detail: expect.stringContaining(words) } })
    expect(await ada.who()).toEqual(nobody)
  })
})
