import { MemoryFlowStore, type FlowStore } from '../../src/index.js'
import { buildApp, browser, people, pin, Scripted, type Person } from '../support/app.js'
import { device, texting, texts } from '../support/factors.js'

const right = { code: '246810' }
const twoSteps = (more: object = {}) => buildApp({ strategies: [pin()], options: { steps: ['local', 'pin'], factors: { pin: device } }, ...more })

describe('progress, as JSON', () => {
  it('progress() as JSON leaves the user out, because the sender may have a password alone', async () => {
    const { app } = twoSteps({ routes: (host: any, login: any) => {
      host.get('/state', async (req: any, res: any) => res.json(await login.progress(req)))
      host.get('/view', async (req: any, res: any) => res.json({ name: (await login.progress(req)).user.name }))
    } })
    const ada = browser(app)
    await ada.password()
    const { body } = await ada.get('/state').expect(200)
    expect(body).toMatchObject({ status: 'pending' })
    expect(JSON.stringify(body)).not.toMatch(/u1|K1|lovelace|447400/)
    expect((await ada.get('/view')).body).toEqual({ name: 'ada' })
  })
})

describe('evidence', () => {
  it('evidence() says nothing of a user whom another middleware put into req.user', async () => {
    const { app } = twoSteps({ routes: (host: any, login: any) => {
      const bearer = (req: any, _res: any, next: any) => { req.user = people().grace; next() }
      host.get('/mixed', bearer, (req: any, res: any) => res.json({ amr: login.amr(req), evidence: login.evidence(req) }))
      host.get('/guarded', bearer, login.require(), (_req: any, res: any) => res.json({}))
    } })
    const ada = browser(app)
    await ada.password()
    await ada.post('/login/pin', right).expect(200)
    expect((await ada.get('/mixed')).body).toEqual({ amr: [], evidence: [] })
    await ada.get('/guarded').expect(401)
  })

  it('evidence() stays with the same user whom another middleware has extended, or found again', async () => {
    const { app } = twoSteps({ routes: (host: any, login: any) => {
      const fuller = (req: any, _res: any, next: any) => { req.user = { ...req.user, tenant: 'acme' }; next() }
      const nameless = (req: any, _res: any, next: any) => { req.user = { tenant: 'acme' }; next() }
      host.get('/fuller', fuller, login.require({ factors: 'pin' }), (req: any, res: any) => res.json(req.user.tenant))
      host.get('/nameless', nameless, login.require(), (_req: any, res: any) => res.json({}))
    } })
    const ada = browser(app)
    await ada.password()
    await ada.get('/fuller').expect(401)
    await ada.post('/login/pin', right).expect(200)
    expect((await ada.get('/fuller').expect(200)).body).toBe('acme')
    await ada.get('/nameless').expect(401)
  })

  it('evidence() holds for the rest of the request that proved it, after a login and a step-up (R-47)', async () => {
    let now = 1_700_000_000_000
    const { app } = twoSteps({ router: false, routes: (host: any, login: any) => {
      const told = (req: any, res: any) => res.json([login.has(req, 'local'), login.has(req, 'pin', { maxAge: '1m' })])
      host.post('/local', login.authenticate('local'))
      host.post('/pin', login.authenticate('pin'), login.require({ factors: 'pin', maxAge: '1m' }), told)
      host.post('/safe', login.require({ factors: 'pin', maxAge: '1m' }), told)
    }, options: { steps: ['local', 'pin'], factors: { pin: device }, store: new MemoryFlowStore({ now: () => (now += 1) }) } })
    const ada = browser(app)
    await ada.post('/local', { username: 'ada', password: people().ada!.password }).expect(200)
    expect((await ada.post('/pin', right).expect(200)).body).toEqual([true, true])
    now += 120_000
    const { id } = (await ada.post('/safe').expect(403)).body.requirement
    expect((await ada.post('/pin', { ...right, for: id }).expect(200)).body).toEqual([true, true])
  })

  it('one factor is not two because its info says so (R-49)', async () => {
    const claiming = new Scripted('sso', function () { this.success(people().ada!, { amr: ['pwd', 'mfa'] }) })
    const { app, login } = buildApp({ strategies: [claiming], options: { steps: ['sso'], factors: { sso: { amr: 'mfa' } } }, routes: (host, its) => {
      host.get('/evidence', (req: any, res) => {
        for (const { amr } of its.evidence(req)) (amr as string[]).push('written')
        res.json(its.evidence(req))
      })
    } })
    const ada = browser(app)
    expect((await ada.post('/login/sso').expect(200)).body.amr).toEqual(['pwd'])
    expect((await ada.get('/evidence')).body).toMatchObject([{ amr: ['pwd', 'mfa'] }])
    expect(() => login.require({ mfa: true })).toThrow('nobody can meet mfa')
  })
})

describe('the router', () => {
  it.each(['/login/%6cocal', '/login/loca%6C', '/login//local', '/login/local/', '/login/local//', '/login/LOCAL', '/LOGIN/local', '/Login/local'])('the router takes no other spelling of a path that the app stands in front of: %s (K-06 at router)', async (path) => {
    const { app } = twoSteps({ before: (host: any) => host.use((req: any, res: any, next: any) => (req.path === '/login/local' ? res.sendStatus(403) : next())) })
    const ada = browser(app)
    await ada.password().expect(403)
    const { status } = await ada.post(path, { username: 'ada', password: people().ada!.password })
    expect(status).toBe(404)
  })
})

describe('a password form whose fields have other names than multistep was told', () => {
  it('a password form with other field names is refused with what to write, and no guess is made', async () => {
    const warnings: string[] = []
    const spy = jest.spyOn(process, 'emitWarning').mockImplementation((warning) => void warnings.push(String(warning)))
    const tried: unknown[] = []
    const strategy = new Scripted('local', function (req) { tried.push(req.body.email); this.fail(undefined as never) })
    const post = (factors: object) => browser(buildApp({ strategies: [strategy], options: { steps: ['local'], lockout: { after: 2 }, factors } }).app)
    const refused = await post({}).post('/login/local', { email: 'ada@example', password: 'x' }).expect(400)
    expect(refused.body.detail).toBe('The field username is missing.')
    expect(tried).toEqual([])
    spy.mockRestore()
    expect(warnings).toContainEqual(expect.stringContaining('fields: [\'email\', \'password\']'))
    const told = post({ local: { fields: ['email', 'password'] } })
    for (const status of [401, 401, 429]) await told.post('/login/local', { email: 'ada@example', password: 'x' }).expect(status)
    expect(tried).toHaveLength(2)
  })
})

describe('an account that is found asynchronously', () => {
  it('an account that is found asynchronously is counted by its own name', async () => {
    const { app } = buildApp({ options: { steps: ['local'], lockout: { after: 2 }, factors: { local: { account: async (req) => req.body.username } } } })
    for (let time = 0; time < 3; time += 1) await browser(app).password('mallory', 'x')
    await browser(app).password('mallory', 'x').expect(429)
    await browser(app).password('ada').expect(200)
  })

  it('an account name that is no text is the app\'s mistake', async () => {
    const { app } = buildApp({ options: { steps: ['local'], factors: { local: { account: (() => ({})) as never } } } })
    expect((await browser(app).password().expect(500)).body).toMatchObject({ code: 'misconfigured' })
  })
})

describe('a verify callback that rejects', () => {
  it.each(['_verify', '_signonVerify', 'verify'])('a verify callback that rejects is an error of its step, whatever the strategy calls it: %s', async (name) => {
    const strategy = Object.assign(new Scripted('saml', function (req) {
      const { [name]: verify } = this as unknown as Record<string, (body: unknown, done: () => void) => void>
      verify!(req.body, () => this.fail(undefined as never))
    }), { [name]: async () => { throw new Error('the directory is down') } })
    const { app, login } = buildApp({ strategies: [strategy], options: { steps: ['saml'] } })
    const failures: any[] = []
    login.on('step.failed', (event) => failures.push(event))
    await browser(app).post('/login/saml').expect(503)
    expect(failures).toMatchObject([{ factor: 'saml', error: { cause: { message: 'the directory is down' } } }])
  })

  it('a verify callback that rejects warns where it was, and not what it said', async () => {
    const warned: string[] = []
    const spy = jest.spyOn(process, 'emitWarning').mockImplementation((warning) => void warned.push(String(warning)))
    const { app } = buildApp({ strategies: [new Scripted('odd', () => { throw new RangeError('code 246810 of +447400123456') })], options: { steps: ['odd'] } })
    await browser(app).post('/login/odd').expect(503)
    spy.mockRestore()
    expect(warned).toEqual([expect.stringMatching(/the factor "odd" broke with RangeError[\s\S]*hardening\.test/)])
    expect(warned[0]).not.toMatch(/246810|4474/)
  })
})

describe('of parallel right answers to one challenge of the first step', () => {
  it('of parallel right answers to one challenge of the first step, exactly one becomes a login', async () => {
    let waiting: (() => void)[] = []
    const held = new Scripted('held', function (_req, options) {
      if (options.action) return (this.pass as (info: unknown) => void)({ challenge: 'c' })
      waiting.push(() => this.success(people().ada))
    })
    const { app, login } = buildApp({ strategies: [held, pin()], options: { steps: ['held', 'pin'], factors: { pin: device, held: { challenge: { action: 'send' }, lockout: 'own', fields: ['code'] } } } })
    const started: unknown[] = []
    login.on('flow.started', (event) => started.push(event))
    const { headers } = await browser(app).post('/login/held/challenge').expect(200)
    const cookie = ([headers['set-cookie']].flat() as string[]).map((one) => one.split(';', 1)[0]).join('; ')
    const posts = Array.from({ length: 20 }, () => browser(app).agent.post('/login/held').set('Cookie', cookie).send({}).then(({ status }) => status))
    while (waiting.length < 20) await new Promise(setImmediate)
    waiting.forEach((answer) => answer())
    waiting = []
    const statuses = await Promise.all(posts)
    expect(statuses.filter((status) => status === 200)).toHaveLength(1)
    expect(started).toHaveLength(1)
  })
})

describe('a right code while the challenge moves', () => {
  it('a right code while the challenge moves is not lost: the login goes on from where it stands', async () => {
    let release: () => void = () => {}
    const slow = new Scripted('slow', function (req, options) {
      if (options.action) return (this.pass as (info: unknown) => void)({ challenge: 'c', public: {} })
      release = () => this.success(req.user)
    })
    const { app } = buildApp({ strategies: [slow], options: { steps: ['local', 'slow'], factors: { slow: texting } } })
    const ada = browser(app)
    await ada.password().expect(200)
    const verifying = ada.post('/login/slow', { code: 'x' }).then((response) => response)
    const idle = release
    while (release === idle) await new Promise(setImmediate)
    await ada.post('/login/slow/challenge').expect(200)
    release()
    expect((await verifying).body).toMatchObject({ status: 'complete' })
  })
})

describe('a login whose person cannot be read any more', () => {
  it('a login whose user can no longer be read can be given up (F-11)', async () => {
    let broken = false
    const users = people()
    const { app } = twoSteps({ users, deserialize: (id: string, done: any) => (broken ? done(new Error('no such user')) : done(null, Object.values(users).find((user: Person) => user.id === id))) })
    const ada = browser(app)
    await ada.password()
    broken = true
    expect((await ada.get('/login').expect(200)).body.status).toBe('anonymous')
    expect((await ada.post('/login/cancel').expect(200)).body.status).toBe('anonymous')
  })
})

describe('what a failure says of the challenge under way', () => {
  it('the numbers of a failure are what the State shows of the challenge', async () => {
    const { strategy } = texts()
    const { app } = buildApp({ strategies: [strategy], options: { steps: ['local', 'text'], factors: { text: texting } } })
    const ada = browser(app)
    expect((await ada.password()).body.factors[0].challenge).toMatchObject({ attemptsLeft: 5 })
    await ada.post('/login/text', { code: 'wrong' }).expect(401)
    expect((await ada.get('/login')).body.factors[0].challenge).toMatchObject({ attemptsLeft: 4 })
  })
})

describe('a challenge that is refused, before anybody is known', () => {
  it('a refused challenge of an unknown user leaves nothing in the store', async () => {
    const store = new MemoryFlowStore({ capacity: 2 })
    const refusing = new Scripted('text', function () { this.fail({ code: 'phone_missing' } as never, 400) })
    const { app } = buildApp({ strategies: [refusing], options: { store, steps: ['text'], factors: { text: { ...texting, lockout: 'own' } } } })
    for (let time = 0; time < 9; time += 1) await browser(app).post('/login/text/challenge').expect(400)
  })
})

describe('a store that answers in another shape (O-10)', () => {
  const answering = (operation: keyof FlowStore, answer: unknown) =>
    Object.assign(Object.create(new MemoryFlowStore()) as FlowStore, { [operation]: async () => answer })

  it.each<[keyof FlowStore, unknown]>([
    ['attempt', undefined], ['attempt', {}], ['attempt', { status: 'LOCKED', at: 1 }], ['createFlow', 'OK'], ['createFlow', 1],
  ])('a store that answers in another shape is store_unavailable, and no login goes on: %s → %j', async (operation, answer) => {
    const { app } = twoSteps({ options: { steps: ['local', 'pin'], factors: { pin: device }, store: answering(operation, answer) } })
    const ada = browser(app)
    expect((await ada.password().expect(503)).body).toMatchObject({ code: 'store_unavailable' })
  })

  it.each<[keyof FlowStore, unknown]>([
    ['readFlow', undefined], ['readFlow', {}], ['finishFlow', 'true'], ['finishFlow', 1],
  ])('a store that answers the last step in another shape is a 503: %s → %j', async (operation, answer) => {
    const store = new MemoryFlowStore()
    const { app } = twoSteps({ options: { steps: ['local', 'pin'], factors: { pin: device }, store } })
    const ada = browser(app)
    await ada.password().expect(200)
    jest.spyOn(store, operation).mockImplementation(async () => answer as never)
    await ada.post('/login/pin', right).expect(503)
    expect((await ada.who()).authenticated).toBe(false)
  })
})

describe('a strategy that redirects', () => {
  it.each(['javascript:alert(1)', '//evil.example', 'data:text/html,x', '/\\evil.example'])('a strategy cannot redirect a browser to %j', async (url) => {
    const { app } = buildApp({ strategies: [new Scripted('op', function () { this.redirect(url) })], options: { steps: ['op'], factors: { op: { redirects: true } } } })
    const { status, text } = await browser(app).post('/login/op')
    expect(status).toBe(503)
    expect(text).not.toContain('evil')
  })
})

describe('a deserializer that fails with what Express takes for a way around', () => {
  it.each(['route', 'router'])('a deserializer that fails with what Express takes for a way around opens no route: %s', async (word) => {
    let failing = false
    const users = people()
    const deserialize = (id: string, done: any) => (failing ? done(word) : done(null, Object.values(users).find((user) => user.id === id)))
    const routes = (host: any, login: any) => host.get('/open', login.require(), (_req: any, res: any) => res.json({ entered: true }))
    const { app } = twoSteps({ users, deserialize, routes })
    const ada = browser(app)
    await ada.password()
    await ada.post('/login/pin', right).expect(200)
    await ada.get('/open').expect(200, { entered: true })
    failing = true
    expect((await ada.get('/open').expect(500)).body).toMatchObject({ code: 'misconfigured' })
  })
})
