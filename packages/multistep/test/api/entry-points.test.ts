import { anyOf, optional, when, type FlowStore, type MultistepOptions } from '../../src/index.js'
import { browser, buildApp, people, pin, Scripted, type Person, type Setup } from '../support/app.js'
import { cookieBrowser } from '../support/cookie-browser.js'
import { device, texting, texts } from '../support/factors.js'
import { describeWithBackends, type Backend } from '../support/stores.js'

/*
 * One rule at every entry point. A rule that was mended in a login's steps may still be broken where a route requires a proof, where the app vouches,
 * or where it mounts the steps by hand. So each rule here is written once, and runs through each of them.
 */

const minute = 60_000
const start = 1_700_000_000_000
const right = { code: '246810' }
const password = { username: 'ada', password: 'lovelace-1815' }
const nobody = { authenticated: false, user: null, amr: [] }

type Browser = ReturnType<typeof browser>
type Names = 'local' | 'pin' | 'text'

/** How a person proves the password, and then `pin`, of a login or of what a route requires. */
interface Way {
  readonly first: (ada: Browser) => ReturnType<Browser['post']>
  readonly prove: (ada: Browser, requirement?: string) => ReturnType<Browser['post']>
}

const byRouter: Way = { first: (ada) => ada.password(), prove: (ada, requirement) => ada.post('/login/pin', { ...right, for: requirement }) }
const byHand: Way = { first: (ada) => ada.post('/by-hand/local', password), prove: (ada) => ada.post('/by-hand/pin', right) }
const byVouching: Way = { first: (ada) => ada.post('/vouch/local/ada'), prove: (ada) => ada.post('/vouch/pin/ada') }

const wayAt = (place: string): Way => (place === 'hand-mounted' ? byHand : place === 'vouch' ? byVouching : byRouter)

/** Comes to stand before the last proof; of a requirement with its id. */
async function begin(place: string, ada: Browser): Promise<string | undefined> {
  await wayAt(place).first(ada).expect(200)
  if (place !== 'require') return undefined
  await wayAt(place).prove(ada).expect(200)
  await ada.post('/later').expect(200)
  return (await ada.get('/guarded').expect(403)).body.requirement.id
}

const loginAt = (place: string) => (place === 'router' ? '/login/local' : '/by-hand/local')

describeWithBackends('One rule at every entry point:', (create) => {
  let backend: Backend
  let instant: number
  beforeEach(async () => {
    instant = start
    const made = await create()
    backend = { ...made, flows: made.flowsAt(() => instant) }
  })
  afterEach(() => backend.close())

  interface Host {
    options?: Partial<MultistepOptions<Names>>
    store?: FlowStore
    /** What `pin` does. */
    run?: ConstructorParameters<typeof Scripted>[1]
    more?: Partial<Setup<Names>>
  }

  const hosted = ({ options, store, run, more }: Host = {}) => {
    const users = more?.users ?? people()
    const built = buildApp<Names>({
      users,
      strategies: [run ? new Scripted('pin', run) : pin(), texts('text', users).strategy],
      session: { store: backend.sessions, cookie: { maxAge: 30 * minute } },
      options: {
        steps: ['local', anyOf('pin', 'text')],
        store: store ?? backend.flows,
        factors: {
          pin: { ...device, enrolled: (user) => Boolean((user as Person).key) },
          text: { ...texting, enrolled: (user) => Boolean((user as Person).phone), enroll: 'first' },
        },
        ...options,
      },
      ...more,
      routes: (app, login) => {
        more?.routes?.(app, login)
        app.post('/by-hand/local', login.authenticate('local') as any, (req, res) => { res.json({ user: (req.user as Person | undefined)?.id ?? null }) })
        app.post('/by-hand/pin', login.authenticate('pin') as any, (req, res) => { res.json({ user: (req.user as Person | undefined)?.id ?? null }) })
        app.post('/vouch/:factor/:name', (req, res, next) => {
          login.vouch(req as any, users[req.params.name] as unknown as Express.User, req.params.factor as Names).then((state) => res.json(state)).catch(next)
        })
        app.post('/by-hand/cancel', login.cancel() as any)
        app.post('/later', (_req, res) => {
          instant += 6 * minute
          res.json({})
        })
        app.get('/guarded', login.require({ factors: 'pin', maxAge: '5m' }) as any, (_req, res) => { res.json({ ran: true }) })
        app.get('/has/:factor', (req, res) => { res.json(login.has(req as any, req.params.factor as Names, { maxAge: '5m' })) })
        app.get('/explain', (req, res, next) => {
          login.explain(users.ada as unknown as Express.User, req as any).then((told) => res.json(told)).catch(next)
        })
      },
    })
    return { ...built, users, ada: browser(built.app) }
  }

  /** What this browser has proven lately: a step-up that went wrong must leave the login as it was, and everything else nobody logged in. */
  const expectNothingWon = async (place: string, ada: Browser) => {
    expect([401, 403]).toContain((await ada.get('/guarded')).status)
    expect((await ada.get('/has/pin')).body).toBe(false)
    if (place !== 'require') expect(await ada.who()).toEqual(nobody)
  }

  it.each([['steps'], ['hand-mounted'], ['vouch'], ['require']])('the right proof meets what was asked for (R-47 at %s)', async (place) => {
    const { ada } = hosted()
    const id = await begin(place, ada)
    await expectNothingWon(place, ada)
    await wayAt(place).prove(ada, id).expect(200)
    await ada.get('/guarded').expect(200)
    expect((await ada.get('/has/pin')).body).toBe(true)
    instant += 5 * minute + 1
    await ada.get('/guarded').expect(403)
    expect((await ada.get('/has/pin')).body).toBe(false)
  })

  describe('what has begun', () => {
    it.each([['steps'], ['hand-mounted'], ['vouch'], ['require']])('a login or step-up under way ends by itself, and a later proof comes too late (F-17 and R-46 at %s)', async (place) => {
      const { ada } = hosted({ options: { ttl: '10m' } })
      const id = await begin(place, ada)
      instant += 10 * minute
      const answer = await wayAt(place).prove(ada, id)
      // What an app vouches for is proven; what was proven before it is gone.
      if (place === 'vouch') expect(answer.body).toMatchObject({ status: 'pending', step: 1, completed: [{ factor: 'pin' }] })
      else expect(answer.body.code).toBe('flow_expired')
      await expectNothingWon(place, ada)
    })

    it.each([['steps'], ['hand-mounted'], ['vouch'], ['require']])('a factor that was removed meanwhile meets nothing (F-15 at %s)', async (place) => {
      const { ada, users } = hosted()
      const id = await begin(place, ada)
      delete users.ada!.key
      expect((await wayAt(place).prove(ada, id)).body.code).toMatch(/^factor_(not_enrolled|unexpected)$/)
      await expectNothingWon(place, ada)
    })

    it.each([['steps'], ['hand-mounted'], ['vouch']])('a login or step-up under way asks for more as soon as the policy does (F-16 at %s)', async (place) => {
      let strict = false
      const { ada } = hosted({ options: { steps: ['local', 'pin', when(() => strict, 'text')] } })
      await begin(place, ada)
      strict = true
      await wayAt(place).prove(ada)
      expect((await ada.get('/login')).body).toMatchObject({ status: 'pending', step: 3, steps: 3 })
      await expectNothingWon(place, ada)
    })

    it.each([['steps'], ['hand-mounted'], ['vouch']])('a login or step-up under way is in the session by its id alone, and in the answer without secrets (F-05 at %s)', async (place) => {
      const { ada } = hosted()
      const { text: answer } = await wayAt(place).first(ada).expect(200)
      const sessions = Object.values(await backend.keptSessions())
      expect(sessions.map((one) => Object.keys(one).filter((key) => key !== 'cookie'))).toEqual([['multistep']])
      expect(Object.keys(sessions[0]!.multistep as object)).toEqual(['flow'])
      for (const secret of ['+447400123456', '7400123456', 'key-of-ada-1815']) expect(answer + JSON.stringify(sessions)).not.toContain(secret)
    })

    it.each([['steps'], ['hand-mounted'], ['vouch']])('each step has a session id of its own: a planted one is anonymous (P-01 and R-43 at %s)', async (place) => {
      const { app, ada } = hosted({ more: { routes: (host) => host.get('/plant', (req, res) => {
        Object.assign(req.session, { basket: ['book'] })
        res.end()
      }) } })
      await ada.get('/plant').expect(200)
      const cookies = [cookieOf(ada)]
      await begin(place, ada)
      cookies.push(cookieOf(ada))
      await wayAt(place).prove(ada).expect(200)
      expect(new Set([...cookies, cookieOf(ada)]).size).toBe(3)
      expect(await ada.who()).toMatchObject({ user: 'u1' })
      for (const cookie of cookies) expect((await browser(app).get('/who').set('Cookie', cookie)).body).toEqual(nobody)
    })

    it.each([['router'], ['hand-mounted']])('a login or step-up that was given up is gone, and the policy is as before (F-11 at %s)', async (place) => {
      const { ada } = hosted()
      await begin(place, ada)
      await ada.post(place === 'router' ? '/login/cancel' : '/by-hand/cancel').expect(200)
      expect((await wayAt(place).prove(ada)).body.code).toBe('login_required')
      await expectNothingWon(place, ada)
      expect((await ada.get('/login')).body).toMatchObject({ status: 'anonymous', step: 1, steps: 2 })
    })

    it.each([['steps'], ['hand-mounted'], ['vouch'], ['require']])('of many last posts at the same moment, one completes the login or step-up (F-18 at %s)', async (place) => {
      const { app, ada, login } = hosted()
      const id = await begin(place, ada)
      const won: string[] = []
      for (const event of ['flow.completed', 'stepup.granted'] as const) login.on(event, () => won.push(event))
      const cookie = cookieOf(ada)
      await Promise.all(Array.from({ length: 12 }, () => wayAt(place).prove(browser(app), id).set('Cookie', cookie)))
      expect(won).toHaveLength(1)
    })

    it.each([['steps'], ['hand-mounted'], ['vouch'], ['require']])('another user\'s proof is 403 person_mismatch (F-22 at %s)', async (place) => {
      let other = false
      const { ada, users } = hosted({ run(req) { this.success(other ? users.alan : req.user) } })
      const id = await begin(place, ada)
      other = true
      const answer = place === 'vouch' ? await ada.post('/vouch/pin/alan') : await wayAt(place).prove(ada, id)
      expect([answer.status, answer.body.code]).toEqual([403, 'person_mismatch'])
      await expectNothingWon(place, ada)
    })

    it.each([['steps'], ['hand-mounted'], ['vouch'], ['require']])('a user id of another type is another user: 1 is not \'1\' (G-08 at %s)', async (place) => {
      let other = false
      const users = { ada: { ...people().ada!, id: 1 as never }, alan: { ...people().alan!, id: '1' } }
      const { ada } = hosted({ run(req) { this.success(other ? users.alan : req.user) }, more: { users } })
      const id = await begin(place, ada)
      other = true
      const answer = place === 'vouch' ? await ada.post('/vouch/pin/alan') : await wayAt(place).prove(ada, id)
      expect([answer.status, answer.body.code]).toEqual([403, 'person_mismatch'])
      await expectNothingWon(place, ada)
    })

    it.each([['steps'], ['hand-mounted'], ['require']])('a user whose account is gone, or cannot be read, meets nothing (P-17 at %s)', async (place) => {
      let answer: 'person' | 'nobody' | 'error' = 'person'
      const { ada } = hosted({ more: { deserialize: (_id, done) => (answer === 'error' ? done(new Error('no database')) : done(null, answer === 'person' ? people().ada : false)) } })
      const id = await begin(place, ada)
      for (const odd of ['error', 'nobody'] as const) {
        answer = odd
        expect((await wayAt(place).prove(ada, id)).status).toBeGreaterThanOrEqual(400)
      }
      answer = 'person'
      await expectNothingWon(place, ada)
    })

    it('a step-up ends with its login: no earlier cookie meets it (R-56 at require)', async () => {
      const { app, ada } = hosted()
      const id = await begin('require', ada)
      const cookie = cookieOf(ada)
      await ada.post('/logout').expect(200)
      expect((await browser(app).post('/login/pin', { ...right, for: id }).set('Cookie', cookie)).status).toBeGreaterThanOrEqual(400)
      expect((await browser(app).get('/guarded').set('Cookie', cookie)).status).toBe(401)
    })
  })

  describe('a login', () => {
    it.each([['steps'], ['vouch'], ['require']])('a login has an absolute end, which no use and no proof extends (R-45 and P-19 at %s)', async (place) => {
      const { ada } = hosted({ options: { session: { absolute: '1h' } }, more: { session: { store: backend.sessions, rolling: true, cookie: { maxAge: 30 * minute } } } })
      const id = await begin(place, ada)
      await wayAt(place).prove(ada, id).expect(200)
      instant = start + 60 * minute - 1
      expect((await ada.get('/account')).status).toBe(200)
      instant += 1
      expect(await ada.who()).toEqual(nobody)
      expect((await ada.get('/guarded')).status).toBe(401)
    })

    it.each([['steps'], ['vouch']])('a login over another one has a session id of its own, and the former is anonymous (P-02 at %s)', async (place) => {
      const { app, ada } = hosted({ options: { steps: ['local', 'pin'], factors: { pin: device } } })
      await begin('steps', ada)
      await byRouter.prove(ada).expect(200)
      const former = cookieOf(ada)
      if (place === 'vouch') await ada.post('/vouch/local/alan').expect(200)
      else await ada.password('alan').expect(200)
      await (place === 'vouch' ? ada.post('/vouch/pin/alan') : ada.post('/login/pin', right)).expect(200)
      expect(await ada.who()).toMatchObject({ user: 'u3' })
      expect(cookieOf(ada)).not.toBe(former)
      expect((await browser(app).get('/who').set('Cookie', former)).body).toEqual(nobody)
    })

    it('a login that an app writes into the session itself is anonymous, has proven nothing, and explains nothing (G-02 at require, has and explain)', async () => {
      const { ada } = hosted({ more: { routes: (app) => app.post('/write', (req, res) => {
        Object.assign(req.session, { passport: { user: 'u1' } })
        res.json({})
      }) } })
      await ada.post('/write').expect(200)
      await expectNothingWon('steps', ada)
      expect((await ada.get('/has/local')).body).toBe(false)
      const explained = (await ada.get('/explain')).text
      expect(explained).not.toContain('Proven at')
    })

    it.each([['steps'], ['vouch']])('a login on another user\'s trusted device skips nothing (D-01 at %s, D-07 at has)', async (place) => {
      const { app } = hosted({ options: { remember: { skips: ['pin'], fingerprint: () => 'x' } } })
      const shared = cookieBrowser(app)
      await shared.post('/login/local', password)
      await shared.post('/login/pin', { ...right, remember: true })
      await shared.post('/logout')
      expect(Object.keys(shared.cookies).join()).toContain('device')
      const alan = place === 'vouch' ? await shared.post('/vouch/local/alan') : await shared.post('/login/local', { username: 'alan', password: 'turing-1912' })
      expect(alan.body).toMatchObject({ status: 'pending', step: 2 })
      const own = place === 'vouch' ? await shared.post('/vouch/local/ada') : await shared.post('/login/local', password)
      expect(own.body).toMatchObject({ status: 'complete', amr: ['pwd'] })
      // What a device says is nothing that was proven now.
      expect((await shared.get('/has/pin')).body).toBe(false)
    })

    it('explain() uses the factors that are set up now (F-15 and F-16 at explain)', async () => {
      let strict = false
      const { ada, users } = hosted({ options: { steps: ['local', 'pin', when(() => strict, 'text')] } })
      const asked = async () => (await ada.get('/explain')).body.steps.map((step: { asked: unknown }) => step.asked)
      expect(await asked()).toEqual([true, true, false])
      strict = true
      expect(await asked()).toEqual([true, true, true])
      delete users.ada!.key
      expect((await ada.get('/explain')).body).toMatchObject({ possible: false })
    })

    it('explain() rejects once when a callback of the app rejects (P-15 at explain)', async () => {
      const enrolled = async () => { throw new Error('no database') }
      const { ada } = hosted({ options: { factors: { pin: { ...device, enrolled }, text: { ...texting, enrolled: () => true } } } })
      expect((await ada.get('/explain')).body).toMatchObject({ handled: true })
    })

    it('explain() tells the steps in the order in which they are asked (R-40 at explain)', async () => {
      const { ada } = hosted()
      expect((await ada.get('/explain')).body).toMatchObject({ possible: true, steps: [{ step: 'local', asked: true }, { step: 'anyOf(pin, text)', asked: true }] })
    })
  })

  describe('trouble wins nobody anything:', () => {
    it.each([['steps'], ['hand-mounted'], ['vouch'], ['require']])('a session store that fails at the last proof is a 503 (P-12 at %s)', async (place) => {
      const { ada } = hosted()
      const id = await begin(place, ada)
      const set = backend.sessions.set
      backend.sessions.set = (_id, _data, done) => void setImmediate(() => done?.(new Error('disk full')))
      expect((await wayAt(place).prove(ada, id)).body).toMatchObject({ code: 'store_unavailable' })
      backend.sessions.set = set
      await expectNothingWon(place, ada)
    })

    it.each([['steps'], ['hand-mounted'], ['vouch'], ['require']])('a flow store that fails at the last proof is a 503 (R-59 at %s)', async (place) => {
      let broken = false
      const orFails = <A extends unknown[], R>(act: (...given: A) => Promise<R>) => async (...given: A): Promise<R> => {
        if (broken) throw new Error('no connection')
        return act(...given)
      }
      const { flows } = backend
      const { ada } = hosted({ store: Object.assign(Object.create(flows) as FlowStore, {
        finishFlow: orFails(flows.finishFlow.bind(flows)), meetRequirement: orFails(flows.meetRequirement.bind(flows)),
      }) })
      const id = await begin(place, ada)
      broken = true
      expect((await wayAt(place).prove(ada, id)).body).toMatchObject({ code: 'store_unavailable' })
      await expectNothingWon(place, ada)
    })

    it.each([['steps'], ['hand-mounted'], ['vouch']])('a person that cannot be serialized at the end is a 500 (F-23 at %s)', async (place) => {
      let broken = false
      const { ada } = hosted({ more: { serialize: (user, done) => (broken ? done(new Error('no such column')) : done(null, user.id)) } })
      await begin(place, ada)
      broken = true
      expect((await wayAt(place).prove(ada)).status).toBe(500)
      broken = false
      await expectNothingWon(place, ada)
    })

    it.each([['steps'], ['hand-mounted'], ['vouch'], ['require']])('a session whose id cannot be renewed is a 500 (P-10 at %s)', async (place) => {
      let standIn = false
      const { ada } = hosted({ more: { before: (app) => app.use((req, _res, next) => {
        if (standIn) Object.defineProperty(req.session, 'regenerate', { value: (done: () => void) => { done() } })
        next()
      }) } })
      const id = await begin(place, ada)
      standIn = true
      expect((await wayAt(place).prove(ada, id)).status).toBe(500)
      standIn = false
      await expectNothingWon(place, ada)
    })

    it.each([['steps'], ['hand-mounted'], ['vouch'], ['require']])('a callback of the app that rejects is an error, told once (P-15 at %s)', async (place) => {
      let broken = false
      const enrolled = async () => {
        if (broken) throw new Error('no database')
        return true
      }
      const { ada } = hosted({ options: { factors: { pin: { ...device, enrolled }, text: { ...texting, enrolled: () => true } } } })
      const rejections: unknown[] = []
      const listen = (reason: unknown) => void rejections.push(reason)
      process.on('unhandledRejection', listen)
      const id = await begin(place, ada)
      broken = true
      expect((await wayAt(place).prove(ada, id)).status).toBeGreaterThanOrEqual(500)
      broken = false
      await expectNothingWon(place, ada)
      process.off('unhandledRejection', listen)
      expect(rejections).toEqual([])
    })
  })

  describe('a strategy', () => {
    it.each([['router'], ['hand-mounted'], ['require']])('a strategy that passes, succeeds without a user or is silent has proven nothing (F-20 at %s)', async (place) => {
      let say: Host['run']
      const { ada } = hosted({ options: { stepTimeout: '50ms' }, run(req, options) { return say ? say.call(this, req, options) : this.success(req.user) } })
      const id = await begin(place, ada)
      for (const odd of [
        function () { this.pass() }, function () { this.success(false) }, function () { this.success(undefined) }, function () {},
      ] satisfies Host['run'][]) {
        say = odd
        expect((await wayAt(place).prove(ada, id)).status).toBeGreaterThanOrEqual(401)
        await expectNothingWon(place, ada)
      }
    })

    it.each([['router'], ['hand-mounted'], ['require']])('a strategy that answers twice counts once (P-16 at %s)', async (place) => {
      let twice = false
      const { ada } = hosted({ run(req) {
        if (twice) this.fail(undefined as never)
        this.success(req.user)
      } })
      const id = await begin(place, ada)
      twice = true
      expect((await wayAt(place).prove(ada, id)).status).toBe(401)
      await expectNothingWon(place, ada)
    })

    it.each([['router'], ['hand-mounted'], ['require']])('a strategy that sends the response itself has proven nothing, whatever it says then (F-30 at %s)', async (place) => {
      let own = false
      const { ada } = hosted({ run(req) {
        if (own) req.res.status(202).json({ own })
        this.success(req.user)
      } })
      const id = await begin(place, ada)
      own = true
      expect((await wayAt(place).prove(ada, id)).body).toEqual({ own: true })
      await expectNothingWon(place, ada)
    })

    it.each([['router'], ['hand-mounted'], ['require']])('a strategy that logs in by itself is a 500 in words (F-29 at %s)', async (place) => {
      let own = false
      const { ada } = hosted({ run(req) {
        if (own) req.login(req.user, () => this.success(req.user))
        else this.success(req.user)
      } })
      const id = await begin(place, ada)
      own = true
      expect((await wayAt(place).prove(ada, id)).body).toMatchObject({ code: 'login_inside_step' })
      await expectNothingWon(place, ada)
    })

    it.each([['router'], ['hand-mounted'], ['require']])('a strategy that links accounts finds no user to link to (F-31 at %s)', async (place) => {
      const seen: unknown[] = []
      const { ada, users } = hosted({
        options: { factors: { pin: { kind: 'possession', channel: 'device' }, text: { ...texting, enrolled: () => true } } },
        run(req) {
          seen.push(req.user ?? null)
          this.success(users.ada)
        },
      })
      const id = await begin(place, ada)
      await wayAt(place).prove(ada, id).expect(200)
      expect(new Set(seen)).toEqual(new Set([null]))
    })

    it.each([['steps'], ['vouch'], ['require']])('an app with another userProperty has the user there, and req.user stays empty (P-14 at %s)', async (place) => {
      const { ada } = hosted({
        run(req) {
          if (req.body?.code === right.code && req.person) this.success(req.person)
          else this.fail(undefined as never)
        },
        more: {
          before: (app, passport) => app.use(passport.initialize({ userProperty: 'person' })),
          routes: (app) => app.get('/both', (req, res) => { res.json([(req.user as Person | undefined)?.id ?? null, (req as { person?: Person }).person?.id ?? null]) }),
        },
      })
      const id = await begin(place, ada)
      await wayAt(place).prove(ada, id).expect(200)
      expect((await ada.get('/both')).body).toEqual([null, 'u1'])
      await ada.get('/guarded').expect(200)
      expect((await ada.get('/has/pin')).body).toBe(true)
    })
  })

  describe('enrolling', () => {
    it('enrolling does not meet what a route requires, and cannot be vouched for (F-12 and R-51 at require and vouch)', async () => {
      const { ada, users } = hosted({ more: { routes: (app, login) => app.get('/texted', login.require({ factors: 'text' }) as any, (_req, res) => { res.json({}) }) } })
      await begin('steps', ada)
      await byRouter.prove(ada).expect(200)
      const { requirement: { id } } = (await ada.get('/texted').expect(403)).body
      delete users.ada!.phone
      for (const named of [{ for: id }, {}]) {
        expect((await ada.post('/login/text/challenge', { phone: '+447400999999', ...named })).body.code).toMatch(/^factor_/)
        expect((await ada.post('/login/text', { phone: '+447400999999', code: 'code of text 1', ...named })).body.code).toMatch(/^factor_/)
      }
      expect((await ada.get('/texted')).body.code).toBe('factor_not_enrolled')
      expect((await ada.post('/vouch/text/ada')).body.code).toBe('factor_not_enrolled')
    })
  })

  describe('a post', () => {
    it.each([['router'], ['hand-mounted'], ['require']])('a POST of another site proves nothing (W-09 and R-53 at %s)', async (place) => {
      const { ada } = hosted()
      const id = await begin(place, ada)
      expect((await wayAt(place).prove(ada, id).set('Sec-Fetch-Site', 'cross-site')).body).toMatchObject({ code: 'cross_site' })
      await expectNothingWon(place, ada)
    })

    it.each([['router'], ['hand-mounted']])('a POST of another site brings nobody into a login (W-10 at %s)', async (place) => {
      const { ada } = hosted({ options: { steps: ['local', optional('pin')], factors: { pin: { ...device, enrolled: () => false } } } })
      const answer = await ada.post(loginAt(place), password).set('Sec-Fetch-Site', 'cross-site')
      expect(answer.body).toMatchObject({ code: 'cross_site' })
      expect(await ada.who()).toEqual(nobody)
    })

    it.each([['router'], ['hand-mounted']])('a POST of an unknown name is answered, counted and locked like one of a known name (R-57 and W-12 at %s)', async (place) => {
      const { app } = hosted({ options: { lockout: { after: 3 } } })
      const answers = async (username: string) => {
        const told: unknown[] = []
        for (let time = 0; time < 5; time += 1) {
          const { status, body, headers } = await browser(app).post(loginAt(place), { username, password: 'wrong' })
          told.push([status, body, headers['retry-after'], headers['www-authenticate']])
        }
        return told
      }
      expect(await answers('nobody')).toEqual(await answers('ada'))
    })

    it.each([['router'], ['hand-mounted'], ['require']])('a POST and its refusal are never cached, and a redirect is a 303 (W-11 and R-55 at %s)', async (place) => {
      const { ada } = hosted()
      const id = await begin(place, ada)
      const path = place === 'hand-mounted' ? '/by-hand/pin' : '/login/pin'
      const wrong = await ada.post(path, { code: 'wrong', for: id })
      const form = await ada.form(path, { code: 'wrong', for: id ?? '' })
      const guarded = await ada.page('/guarded')
      for (const answer of [wrong, form, guarded]) expect(answer.headers['cache-control']).toBe('no-store')
      expect(guarded.status).toBe(303)
      expect(wrong.status).toBe(401)
    })
  })
})

const cookieOf = (ada: Browser): string => ada.agent.jar.getCookies({ domain: '127.0.0.1', path: '/', secure: false, script: false }).toValueString()
