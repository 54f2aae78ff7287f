import type { FactorOptions, MultistepEvents, MultistepOptions } from '../../src/index.js'
import { browser, buildApp, people, pin, Scripted } from '../support/app.js'
import { listening, posted } from '../support/network.js'
import { hosted } from '../support/hosted.js'
import { describeWithBackends, type Backend } from '../support/stores.js'

const device: FactorOptions = { sees: 'pending', kind: 'possession', channel: 'device', amr: 'otp', fields: ['code'] }
const wrong = { code: '000000' }
const right = { code: '246810' }
const minute = 60_000

/** A login by password, `pin` and `key`, whose failures lock after three. */
function setup(options: Partial<MultistepOptions<'local' | 'pin' | 'key'>> = {}) {
  let now = Date.UTC(2026, 0, 1)
  const strategies = { pin: pin(), key: pin('key') }
  const built = buildApp({
    strategies: Object.values(strategies),
    options: { steps: ['local', 'pin', 'key'], factors: { pin: device, key: { ...device, channel: 'key' } }, lockout: { after: 3, for: '15m', max: '1h' }, now: () => now, ...options },
    routes: (app, login) => { app.post('/sign-in/pin', login.authenticate('pin', { failureRedirect: '/sign-in' })) },
  })
  const locked: MultistepEvents['factor.locked'][] = []
  built.login.on('factor.locked', (event) => locked.push(event))
  return { ...built, strategies, locked, pass: (milliseconds: number) => { now += milliseconds } }
}
type Browsing = ReturnType<typeof browser>
const times = async <T>(count: number, work: () => PromiseLike<T>): Promise<T[]> => {
  const results: T[] = []
  for (let time = 0; time < count; time += 1) results.push(await work())
  return results
}
const statuses = (answers: { status: number }[]) => answers.map(({ status }) => status)
/** A browser of a person who has passed the password. */
const atPin = async (app: Parameters<typeof browser>[0], name = 'ada'): Promise<Browsing> => {
  const browsing = browser(app)
  await browsing.password(name).expect(200)
  return browsing
}

describe('a factor that was failed too often (R-05)', () => {
  it('a locked factor is 429 factor_locked with Retry-After, and the strategy does not see even the right answer', async () => {
    const { app, strategies } = setup()
    const ada = await atPin(app)
    expect(statuses(await times(3, () => ada.post('/login/pin', wrong)))).toEqual([401, 401, 401])
    const refused = await ada.post('/login/pin', right)
    expect(refused).toMatchObject({ status: 429, headers: { 'retry-after': '900' }, body: { code: 'factor_locked', retryAfter: 900 } })
    expect(strategies.pin.runs).toBe(3)
    expect(await ada.who()).toMatchObject({ authenticated: false })
  })

  it('a locked factor sends a browser to the page of refusals, which says for how long', async () => {
    const { app } = setup()
    const ada = await atPin(app)
    await times(3, () => ada.form('/sign-in/pin', wrong))
    expect(await ada.form('/sign-in/pin', right)).toMatchObject({ status: 303, headers: { location: '/sign-in', 'retry-after': '900' } })
    expect((await ada.get('/login')).body.problem).toMatchObject({ code: 'factor_locked', status: 429, retryAfter: 900 })
  })

  it('a lock opens at its end, to the second', async () => {
    const { app, pass } = setup({ ttl: '1d' })
    const ada = await atPin(app)
    await times(3, () => ada.post('/login/pin', wrong))
    pass(15 * minute - 1)
    expect(await ada.post('/login/pin', right)).toMatchObject({ status: 429, body: { retryAfter: 1 } })
    pass(1)
    expect((await ada.post('/login/pin', right)).status).toBe(200)
  })

  it('each further lock is twice as long, up to max', async () => {
    const { app, pass } = setup({ lockout: { after: 2, for: '15m', max: '45m' }, ttl: '1d' })
    const ada = await atPin(app)
    for (const minutes of [15, 30, 45]) {
      await times(2, () => ada.post('/login/pin', wrong))
      expect((await ada.post('/login/pin', right)).body).toMatchObject({ status: 429, retryAfter: minutes * 60 })
      if (minutes < 45) pass(minutes * minute)
    }
  })

  it('after a lock, the factor takes as many wrong answers again', async () => {
    const { app, pass } = setup({ ttl: '1d' })
    const ada = await atPin(app)
    await times(3, () => ada.post('/login/pin', wrong))
    pass(15 * minute)
    expect(statuses(await times(4, () => ada.post('/login/pin', wrong)))).toEqual([401, 401, 401, 429])
  })

  it('lockout locks after ten failures for 15 minutes by default', async () => {
    const { app } = buildApp({ strategies: [pin()], options: { steps: ['local', 'pin'], factors: { pin: device }, now: () => 0 } })
    const ada = await atPin(app)
    expect(statuses(await times(10, () => ada.post('/login/pin', wrong)))).toEqual(Array(10).fill(401))
    expect((await ada.post('/login/pin', right)).body).toMatchObject({ status: 429, retryAfter: 900 })
  })

  it('the app is told of each lock once', async () => {
    const { app, locked } = setup()
    const ada = await atPin(app)
    await times(6, () => ada.post('/login/pin', wrong))
    expect(locked).toEqual([{ factor: 'pin', userId: 'u1' }])
  })
})

describe('failures belong to a person and a factor (R-05)', () => {
  it('(O-06) failures add up over browsers and flows: a new login is no new guess', async () => {
    const { app, strategies } = setup()
    for (let time = 0; time < 3; time += 1) await (await atPin(app)).post('/login/pin', wrong)
    expect((await (await atPin(app)).post('/login/pin', right)).status).toBe(429)
    expect(strategies.pin.runs).toBe(3)
  })

  it('(O-18) a right password clears nothing of another factor', async () => {
    const { app } = setup()
    const ada = await atPin(app)
    await times(2, () => ada.post('/login/pin', wrong))
    await ada.password()
    expect(statuses(await times(2, () => ada.post('/login/pin', wrong)))).toEqual([401, 429])
  })

  it('(O-19) a right answer clears its own factor, and leaves the password\'s failures alone', async () => {
    const { app, strategies } = setup()
    const ada = await atPin(app)
    await times(2, () => browser(app).password('ada', 'wrong'))
    await times(2, () => ada.post('/login/pin', wrong))
    await ada.post('/login/pin', right).expect(200)
    expect(statuses(await times(2, () => browser(app).password('ada', 'wrong')))).toEqual([401, 429])
    expect(strategies.pin.runs).toBe(3)
  })

  it('(O-19) after a right answer, the factor takes as many wrong ones as before', async () => {
    const { app } = setup({ steps: ['local', 'pin'], factors: { pin: device } })
    const ada = await atPin(app)
    await times(2, () => ada.post('/login/pin', wrong))
    await ada.post('/login/pin', right).expect(200)
    const again = await atPin(app)
    expect(statuses(await times(4, () => again.post('/login/pin', wrong)))).toEqual([401, 401, 401, 429])
  })

  it('another factor of the same person stays open', async () => {
    const { app } = setup()
    const ada = await atPin(app)
    await ada.post('/login/pin', right)
    await times(3, () => ada.post('/login/key', wrong))
    expect((await ada.post('/login/key', right)).status).toBe(429)
    const again = await atPin(app)
    expect((await again.post('/login/pin', right)).status).toBe(200)
  })

  it('the same factor of another person stays open', async () => {
    const { app } = setup()
    await times(3, async () => (await atPin(app)).post('/login/pin', wrong))
    expect((await (await atPin(app, 'grace')).post('/login/pin', right)).status).toBe(200)
  })
})

describe('the password, before anybody is known (R-57)', () => {
  const shown = ({ status, headers, text }: { status: number, headers: Record<string, string>, text: string }) => {
    const { date: _, ...rest } = headers
    return { status, headers: rest, text }
  }

  it('a wrong password is answered byte for byte alike for an unknown name, lock and delays included', async () => {
    const { app, pass } = setup({ lockout: { after: 2, for: '15m', max: '24h' } })
    const series = async (name: string) => {
      const answers: unknown[] = []
      for (let round = 0; round < 3; round += 1) {
        for (const answer of await times(4, () => browser(app).password(name, 'wrong'))) answers.push(shown(answer))
      }
      return answers
    }
    const known = await series('ada')
    expect(await series('nobody-here')).toEqual(known)
    expect(known).toContainEqual(expect.objectContaining({ status: 429, headers: expect.objectContaining({ 'retry-after': '900' }) }))
    pass(15 * minute)
    const later = await series('ada')
    expect(await series('nobody-here')).toEqual(later)
    expect(later).toContainEqual(expect.objectContaining({ headers: expect.objectContaining({ 'retry-after': '1800' }) }))
  })

  it('a wrong password on a page is answered alike for an unknown name', async () => {
    const { app } = setup()
    const series = async (username: string) => {
      const browsing = browser(app)
      return times(5, async () => {
        const { status, headers } = await browsing.form('/login/local', { username, password: 'wrong' })
        const { csrfToken: _, factors: [{ prefill, ...factor }], ...state } = (await browsing.get('/login')).body
        expect(prefill).toEqual({ username })
        return { status, location: headers.location, retryAfter: headers['retry-after'], state, factor }
      })
    }
    const known = await series('ada')
    expect(await series('nobody-here')).toEqual(known)
    expect(known.at(-1)).toMatchObject({ retryAfter: '900', state: { status: 'anonymous', problem: { code: 'factor_locked' } } })
  })

  it('a password is locked by name, in every spelling, for every sender', async () => {
    const { app } = setup()
    for (const name of ['ada', 'ADA', '  Ada ']) await browser(app).password(name, 'wrong')
    expect((await browser(app).password('ada')).status).toBe(429)
    expect((await browser(app).password('grace')).status).toBe(200)
  })

  it('failures of a password are cleared by the right password alone', async () => {
    const { app } = setup()
    await times(2, () => browser(app).password('ada', 'wrong'))
    await browser(app).password('ada').expect(200)
    expect(statuses(await times(4, () => browser(app).password('ada', 'wrong')))).toEqual([401, 401, 401, 429])
  })
})

describe('what counts against nobody', () => {
  const refusing = async (answer: ConstructorParameters<typeof Scripted>[1]) => {
    const odd = new Scripted('odd', function (req) {
      return req.body.code === 'wrong' ? this.fail(undefined as never) : answer.call(this, req, {})
    })
    const { app } = buildApp({ strategies: [odd], options: { steps: ['local', 'odd'], factors: { odd: { ...device, fields: ['code'] } }, lockout: { after: 2 }, stepTimeout: '20ms' } })
    return atPin(app)
  }

  it.each<[string, (this: any, req: any) => unknown]>([
    ...[400, 403, 405, 409, 429].map((status): [string, (this: any) => void] => [`fail with ${status}`, function () { this.fail({ message: 'no' }, status) }]),
    ['a failure that waits', function () { this.fail({ pending: true }) }],
    ['an error', function () { this.error(new Error('broken')) }],
    ['a throw', () => { throw new Error('broken') }],
    ['a rejection', async () => { throw new Error('broken') }],
    ['a redirect', function () { this.redirect('/elsewhere') }],
    ['an answer of its own', (req) => { req.res.end() }],
    ['no answer at all', () => {}],
  ])('%s', async (_, answer) => {
    const ada = await refusing(answer)
    await times(4, () => ada.post('/login/odd', { code: 'odd' }))
    expect(statuses(await times(3, () => ada.post('/login/odd', { code: 'wrong' })))).toEqual([401, 401, 429])
  })

  it.each<[string, (this: any) => unknown]>([
    ['fail', function () { this.fail() }],
    ['fail with 401', function () { this.fail({ code: 'mine' }, 401) }],
    ['pass', function () { this.pass() }],
    ['success with nobody', function () { this.success(false) }],
  ])('and what does: %s', async (_, answer) => {
    const ada = await refusing(answer)
    expect(statuses(await times(3, () => ada.post('/login/odd', { code: 'odd' })))).toEqual([401, 401, 429])
  })

  it('posts that never reach the strategy: another site\'s, the wrong method, another step\'s, no text', async () => {
    const ada = await refusing(() => {})
    await times(3, () => ada.agent.post('/login/odd').set('Sec-Fetch-Site', 'cross-site').send(wrong))
    await times(3, () => ada.agent.put('/login/odd').send(wrong))
    await times(3, () => ada.post('/login/odd', { code: ['wrong'] }))
    expect((await ada.post('/login/odd', { code: 'wrong' })).status).toBe(401)
  })

  it('a samePerson that breaks', async () => {
    const odd = new Scripted('odd', function (req) { return req.body.code === 'wrong' ? this.fail(undefined as never) : this.success({ id: 'x' }) })
    const { app } = buildApp({ strategies: [odd], options: { steps: ['local', 'odd'], factors: { odd: { ...device, samePerson: () => { throw new Error('no database') } } }, lockout: { after: 2 } } })
    const ada = await atPin(app)
    expect(statuses(await times(4, () => ada.post('/login/odd', right)))).toEqual([503, 503, 503, 503])
    expect((await ada.post('/login/odd', { code: 'wrong' })).status).toBe(401)
  })
})

describe('unlock', () => {
  const lockedOut = async () => {
    const built = setup()
    const ada = await atPin(built.app)
    await ada.post('/login/pin', right)
    await times(3, () => ada.post('/login/key', wrong))
    await times(3, async () => (await atPin(built.app)).post('/login/pin', wrong))
    return { ...built, ada }
  }

  it('unlock() opens one factor of one user', async () => {
    const { login, app, ada } = await lockedOut()
    await login.unlock('u1', 'key')
    expect((await (await atPin(app)).post('/login/pin', right)).status).toBe(429)
    expect((await ada.post('/login/key', right)).status).toBe(200)
  })

  it('unlock() without a factor opens all factors of the user', async () => {
    const { login, app, ada } = await lockedOut()
    await login.unlock('u1')
    expect((await (await atPin(app)).post('/login/pin', right)).status).toBe(200)
    expect((await ada.post('/login/key', right)).status).toBe(200)
  })

  it('unlock() of another user opens nothing', async () => {
    const { login, app } = await lockedOut()
    await login.unlock('u2')
    expect((await (await atPin(app)).post('/login/pin', right)).status).toBe(429)
  })

  it('unlock() forgets how often the factor was locked', async () => {
    const { app, login } = setup()
    const ada = await atPin(app)
    await times(3, () => ada.post('/login/pin', wrong))
    await login.unlock('u1', 'pin')
    await times(3, () => ada.post('/login/pin', wrong))
    expect((await ada.post('/login/pin', right)).body.retryAfter).toBe(900)
  })

  it('unlock() opens a password by the name that was locked', async () => {
    const { app, login } = setup()
    await times(3, () => browser(app).password('ada', 'wrong'))
    await login.unlock('ada', 'local')
    expect((await browser(app).password('ada')).status).toBe(200)
  })

  it('unlock() rejects for a factor that the policy does not have', async () => {
    await expect(setup().login.unlock('u1', 'smsotp' as never)).rejects.toThrow('not a factor of this policy')
  })
})

describe('lockout: \'own\'', () => {
  it('lockout: \'own\' leaves the counting to the strategy: no 429 of multistep, and unchanged input', async () => {
    const seen: unknown[] = []
    const own = new Scripted('own', function (req) {
      seen.push(req.body.code)
      this.fail({ code: 'code_wrong', attemptsLeft: 1 } as never, 401)
    })
    const { app, login } = buildApp({ strategies: [own], options: { steps: ['local', 'own'], factors: { own: { ...device, lockout: 'own' } }, lockout: { after: 1 } } })
    const locked: unknown[] = []
    login.on('factor.locked', (event) => locked.push(event))
    const ada = await atPin(app)
    expect(statuses(await times(5, () => ada.post('/login/own', wrong)))).toEqual([401, 401, 401, 401, 401])
    await ada.post('/login/own', { code: ['1', '2'] })
    expect(seen).toEqual([...Array<string>(5).fill('000000'), ['1', '2']])
    expect(locked).toEqual([])
  })
})

describeWithBackends('500 parallel wrong answers (O-04)', (create) => {
  it('of 500 parallel wrong answers, exactly `after` are evaluated, for passwords and second factors', async () => {
    const backend = await create()
    const strategies = [pin()]
    let evaluated = 0
    const { app, passport } = buildApp({ strategies, session: { store: backend.sessions }, options: { steps: ['local', 'pin'], factors: { pin: device }, lockout: { after: 7 }, store: backend.flows, storeTimeout: '100s' } })
    const server = await listening(app)
    const password = people().ada!.password
    const { cookie } = await posted(`${server.url}/login/local`, { username: 'ada', password })

    const codes = await Promise.all(Array.from({ length: 500 }, () => posted(`${server.url}/login/pin`, wrong, cookie)))
    expect(codes.filter(({ status }) => status === 401)).toHaveLength(7)
    expect(codes.filter(({ status }) => status === 429)).toHaveLength(493)
    expect(strategies[0]!.runs).toBe(7)
    expect((await posted(`${server.url}/login/pin`, right, cookie)).status).toBe(429)

    passport.use(new Scripted('local', function () {
      evaluated += 1
      setImmediate(() => this.fail(undefined as never))
    }))
    const passwords = await Promise.all(Array.from({ length: 500 }, () => posted(`${server.url}/login/local`, { username: 'ada', password: 'wrong' })))
    expect(passwords.filter(({ status }) => status === 401)).toHaveLength(7)
    expect(evaluated).toBe(7)
    await server.close()
    await backend.close()
  })
})

describeWithBackends('A verify callback that throws an error made for an HTTP answer (N-01 at router)', (create) => {
  let backend: Backend
  beforeEach(async () => { backend = await create() })
  afterEach(() => backend.close())

  it('a verify callback that throws an HTTP error has refused the user: each guess is counted, and locks', async () => {
    const guarded = new Scripted('pin', function (req) {
      if (req.body.code !== '246810') throw Object.assign(new Error('Unauthorized'), { status: 401, getStatus: () => 401 })
      this.success(req.user)
    })
    const { browsing } = hosted(backend, { strategies: [guarded], options: { steps: ['local', 'pin'], factors: { pin: device }, lockout: { after: 3, for: '15m', max: '1h' } } })
    await browsing.password()
    const answers = await times(4, () => browsing.post('/login/pin', wrong))
    expect(answers.map(({ body }) => [body.code, body.detail])).toEqual([
      ...Array<string[]>(3).fill(['factor_failed', 'That was not right. Try again.']),
      ['factor_locked', expect.any(String)],
    ])
    expect((await browsing.post('/login/pin', right)).status).toBe(429)
  })
})
