import cookieSession from 'cookie-session'
import type { RequestHandler } from 'express'
import { when, type MultistepOptions } from '../../src/index.js'
import { browser, buildApp, people, pin, type Person, type Setup } from '../support/app.js'
import { cookieBrowser } from '../support/cookie-browser.js'
import { device } from '../support/factors.js'
import { slowWriter } from '../support/slow-writer.js'
import { describeWithBackends, type Backend } from '../support/stores.js'

const right = { username: 'ada', password: people().ada!.password }
const code = { code: '246810' }
const nobody = { authenticated: false, user: null, amr: [] }

type Options = Partial<MultistepOptions<'local' | 'pin'>>
const passwordOnly: Options = { steps: ['local', when(() => false, 'pin')] }

describeWithBackends('logins and their sessions', (create) => {
  let backend: Backend
  beforeEach(async () => { backend = await create() })
  afterEach(() => backend.close())

  const started = (setup: Partial<Omit<Setup<'local' | 'pin'>, 'options'>> & { options?: Options } = {}) => {
    const built = buildApp({
      strategies: [pin()], session: { store: backend.sessions }, ...setup,
      options: { steps: ['local', 'pin'], factors: { pin: device, local: { lockout: 'own' } }, store: backend.flows, ...setup.options },
    })
    return { ...built, browser: (cookies?: Record<string, string>) => cookieBrowser(built.app, cookies) }
  }
  type Host = ReturnType<typeof started>

  const pending = async (host: Host, name = 'ada') => {
    const one = host.browser()
    expect((await one.password(name)).body.status).toBe('pending')
    return one
  }
  const loggedIn = async (host: Host, name = 'ada') => {
    const one = await pending(host, name)
    expect((await one.post('/login/pin', code)).body.status).toBe('complete')
    return one
  }
  const who = async (one: ReturnType<Host['browser']>): Promise<unknown> => (await one.get('/who')).body

  describe('sessions.revokeAll', () => {
    it('sessions.revokeAll ends every login of one user, wherever it was made, and no other user\'s (R-56 at steps)', async () => {
      const host = started()
      const browsers = [await loggedIn(host), await loggedIn(host), await loggedIn(host)]
      const alan = await loggedIn(host, 'alan')
      await host.login.sessions.revokeAll('u1')
      for (const one of browsers) {
        expect(await who(one)).toEqual(nobody)
        expect((await one.get('/account')).body.code).toBe('login_required')
      }
      expect(await who(alan)).toMatchObject({ user: 'u3' })
    })

    it('sessions.revokeAll ends pending logins: a user between the steps begins again (R-56)', async () => {
      const host = started()
      const one = await pending(host)
      await host.login.sessions.revokeAll('u1')
      const { status, body } = await one.post('/login/pin', code)
      expect([status, body.code]).toEqual([401, 'flow_expired'])
    })

    it('sessions.revokeAll leaves a login alone that is made afterwards, in the same millisecond too', async () => {
      const host = started({ options: { store: backend.flowsAt(() => 1_800_000_000_000) } })
      for (let time = 0; time < 3; time += 1) {
        const one = await loggedIn(host)
        await host.login.sessions.revokeAll('u1')
        expect(await who(one)).toEqual(nobody)
        expect(await who(await loggedIn(host))).toMatchObject({ user: 'u1' })
      }
    })

    it('sessions.revokeAll leaves no way in to any of 20 logins that complete at the same moment', async () => {
      const host = started()
      const browsers = await Promise.all(Array.from({ length: 20 }, () => pending(host)))
      const answers = await Promise.all([...browsers.map((one) => one.post('/login/pin', code)), host.login.sessions.revokeAll('u1')])
      expect(answers.filter((answer) => answer && ![200, 401, 409].includes(answer.status))).toEqual([])
      for (const one of browsers) expect(await who(one)).toEqual(nobody)
    })

    it('sessions.revokeAll is final, though a slow request brings the session back (P-03, R-56)', async () => {
      const writer = slowWriter()
      const host = started({ routes: (app) => writer.routes(app) })
      const one = await loggedIn(host)
      const old = host.browser({ ...one.cookies })
      const slow = old.get('/slow')
      await writer.inside
      await host.login.sessions.revokeAll('u1')
      writer.finish()
      await slow
      expect([await who(old), await who(one)]).toEqual([nobody, nobody])
    })

    it('sessions.revokeAll takes the id as userId gives it, a number or a text', async () => {
      const users: Record<string, Person> = { seven: { id: 7 as never, name: 'seven', password: 'x' } }
      const host = started({ users })
      for (const id of [7, '7', 7n]) {
        const one = host.browser()
        await one.post('/login/local', { username: 'seven', password: 'x' })
        await one.post('/login/pin', code)
        expect((await one.get('/who')).body.authenticated).toBe(true)
        await host.login.sessions.revokeAll(id)
        expect(await who(one)).toEqual(nobody)
      }
    })

    it('sessions.revokeAll holds for as long as the longest login could have lived', async () => {
      let now = 1_800_000_000_000
      const host = started({ options: { store: backend.flowsAt(() => now), session: { absolute: '2d' } } })
      const one = await loggedIn(host)
      await host.login.sessions.revokeAll('u1')
      now += 2 * 86_400_000 - 1
      expect(await who(one)).toEqual(nobody)
    })
  })

  it('a shorter session.absolute counts for logins made before it, so that none outlives sessions.revokeAll (R-45, R-56)', async () => {
    let now = Date.now()
    const store = backend.flowsAt(() => now)
    const [long, short] = (['30d', '24h'] as const).map((absolute) => started({ options: { ...passwordOnly, store, session: { absolute } } })) as [Host, Host]
    const [revoked, other] = [long.browser(), long.browser()]
    await revoked.password('ada')
    await other.password('alan')
    await short.login.sessions.revokeAll('u1')
    const [later, early] = [short.browser(revoked.cookies), short.browser(other.cookies)]
    expect((await early.get('/who')).body.user).toBe('u3')
    now += 24 * 3_600_000 + 1
    expect((await later.get('/who')).body).toEqual(nobody)
    expect((await early.get('/who')).body).toEqual(nobody)
  })

  describe('a slow request', () => {
    it('a slow request that overlaps with a step-up brings back a session without a login, and takes nothing from the new one (P-05, R-47)', async () => {
      const writer = slowWriter()
      const host = started({ options: passwordOnly, routes: (app, login) => {
        writer.routes(app)
        app.get('/strong', login.require({ factors: 'pin' }) as RequestHandler, (_req, res) => { res.json({ strong: true }) })
      } })
      const one = host.browser()
      await one.password()
      const { body: { requirement } } = await one.get('/strong')
      const old = host.browser({ ...one.cookies })
      const slow = old.get('/slow')
      await writer.inside
      expect((await one.post('/login/pin', { ...code, for: requirement.id })).status).toBe(200)
      writer.finish()
      await slow
      expect([(await one.get('/strong')).body, await who(old), (await old.get('/strong')).status]).toEqual([{ strong: true }, nobody, 401])
    })

    it('a slow request that logs in may lose what another one wrote meanwhile, and stays logged in (P-06 at steps)', async () => {
      let reached: (cookie: string) => void = () => {}
      const inside = new Promise<string>((resolve) => { reached = resolve })
      let go: () => void = () => {}
      const held = new Promise<void>((resolve) => { go = resolve })
      const host = started({ router: false, options: passwordOnly, routes: (app, login) => {
        app.post('/in', login.authenticate('local') as RequestHandler, async (req, res) => {
          reached(req.sessionID)
          await held
          res.json({})
        })
      } })
      const one = host.browser()
      const entering = one.post('/in', right)
      const id = await inside
      expect((await backend.keptSessions())[id]).toMatchObject({ passport: { user: 'u1' } })
      await new Promise<void>((resolve, reject) => {
        backend.sessions.get(id, (error, data) => backend.sessions.set(id, { ...data!, note: 'kept, or lost' } as never, (wrong) => (error ?? wrong ? reject(new Error('store')) : resolve())))
      })
      go()
      await entering
      expect(await who(one)).toMatchObject({ authenticated: true, user: 'u1' })
    })

    it('a slow request that logs in while the user is logged out elsewhere is logged out, whatever it saves last (P-06, R-56)', async () => {
      const built = started({ router: false, options: passwordOnly, routes: (app, login) => {
        app.post('/in', login.authenticate('local') as RequestHandler, async (req, res) => {
          await login.sessions.revokeAll('u1')
          ;(req.session as unknown as { note: string }).note = 'written last'
          res.json({})
        })
      } })
      const one = built.browser()
      await one.post('/in', right)
      expect(Object.values(await backend.keptSessions())).toMatchObject([{ passport: { user: 'u1' } }])
      expect(await who(one)).toEqual(nobody)
    })
  })

  it('a session that was idle for too long asks for the whole login again, and on a remembered device for the password alone (P-20 at steps, R-45 at steps)', async () => {
    const idle = async () => {
      const ids = Object.keys(await backend.keptSessions())
      await Promise.all(ids.map((id) => new Promise((resolve) => { backend.sessions.destroy(id, resolve) })))
    }
    const plain = started()
    const one = await loggedIn(plain)
    await idle()
    expect(await who(one)).toEqual(nobody)
    expect((await one.password()).body.status).toBe('pending')
    const host = started({ options: { remember: { skips: ['pin'], fingerprint: (user) => (user as Person).password } } })
    const other = await pending(host)
    await other.post('/login/pin', { ...code, remember: true })
    await idle()
    expect(await who(other)).toEqual(nobody)
    expect((await other.password()).body).toMatchObject({ status: 'complete', amr: ['pwd'] })
  })

  it('one session has one pending login at a time, and each pending login ends by itself (R-46)', async () => {
    const created: string[] = []
    const store = new Proxy(backend.flows, { get: (target, name) => {
      const value: unknown = Reflect.get(target, name)
      if (typeof value !== 'function') return value
      return (...args: unknown[]) => {
        if (name === 'createFlow') created.push(args[0] as string)
        return Reflect.apply(value as () => unknown, target, args)
      }
    } })
    const host = started({ options: { store } })
    const one = host.browser()
    for (let time = 0; time < 5; time += 1) await one.password()
    const found = await Promise.all(created.map((id) => backend.flows.readFlow(id)))
    expect(found.map(({ flow }) => flow !== undefined)).toEqual([false, false, false, false, true])
    expect(found.at(-1)!.flow!.expiresAt - found.at(-1)!.at).toBeLessThanOrEqual(600_000)
  })

  it('ids of flows, logins and devices have 128 random bits each (R-44 at steps)', async () => {
    const host = started({ options: { remember: { skips: ['pin'], fingerprint: () => 'x' } } })
    const seen = new Set<string>()
    const keptIds = async () => Object.values(await backend.keptSessions()).map(({ multistep }) => multistep as { flow?: string, login?: string })
    for (let time = 0; time < 3; time += 1) {
      const one = await pending(host)
      const ids = await keptIds()
      await one.post('/login/pin', { ...code, remember: true })
      for (const { flow, login } of [...ids, ...await keptIds()]) {
        const random = (flow ?? login)!.split('.')[1]!
        expect(Buffer.from(random, 'base64url')).toHaveLength(16)
        seen.add(random)
      }
      const token = one.token()!
      expect([Buffer.from(token.slice(0, 22), 'base64url').length, Buffer.from(token.slice(22, 44), 'base64url').length]).toEqual([16, 16])
      seen.add(token.slice(0, 22)).add(token.slice(22, 44))
    }
    expect(seen.size).toBe(3 * 2 + 3 * 2)
  })
})

describe('cookie-session (P-10)', () => {
  const using = (more: RequestHandler[] = []) => buildApp({
    strategies: [pin()],
    options: { steps: ['local', 'pin'], factors: { pin: device } },
    session: (req, res, next) => {
      cookieSession({ name: 'session', keys: ['a key of the tests'] })(req, res, (error?: unknown) => {
        if (error) return next(error)
        for (const handler of more) handler(req, res, () => {})
        next()
      })
    },
  })

  it('cookie-session is refused with a sentence that says what to use', async () => {
    const ada = browser(using().app)
    for (const response of [await ada.password(), await ada.get('/login'), await ada.get('/account')]) {
      expect([response.status, response.body.message]).toEqual([500, expect.stringContaining('use express-session, not cookie-session')])
    }
  })

  it('cookie-session is refused, too, with stand-ins for regenerate and save', async () => {
    const ada = browser(using([(req) => {
      const session = req.session as unknown as { regenerate?: unknown, save?: unknown }
      if (session.regenerate) return
      Object.defineProperty(session, 'regenerate', { value: (done: () => void) => { done() } })
      Object.defineProperty(session, 'save', { value: (done: () => void) => { done() } })
    }]).app)
    const response = await ada.password()
    expect([response.status, response.body.message ?? response.body.detail]).toEqual([500, expect.stringContaining('use express-session, not cookie-session')])
    expect((await ada.get('/who')).body.authenticated ?? false).toBe(false)
  })
})
