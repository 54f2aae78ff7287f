import { multistep, type Messages, type Render, type View, type ViewState } from '../../src/index.js'
import { RecoveryCodeStrategy, MemoryRecoveryCodeStore } from '../../src/recovery-codes.js'
import { Passport } from 'passport'
import { browser, buildApp, people, pin, Scripted, type Person } from '../support/app.js'
import { device, away, operator } from '../support/factors.js'

interface Drawn { view: View, state: any, status: number, headers: Record<string, unknown> }

const right = { code: '246810' }

/** Draws each page as JSON, and keeps what it was drawn from. */
function drawing(render?: Render) {
  const drawn: Drawn[] = []
  const keeper = new RecoveryCodeStrategy({ store: new MemoryRecoveryCodeStore(), count: 2 })
  const broken = new Scripted('broken', function () { this.error(new Error('no database')) })
  const built = buildApp({
    strategies: [pin(), operator(), broken, keeper as never],
    options: {
      steps: ['local', { type: 'anyOf', factors: ['pin', 'operator', 'broken', 'recovery-code'] }],
      factors: {
        pin: device, operator: { redirects: true, sees: 'pending' }, broken: { sees: 'pending' },
        'recovery-code': { enrolled: async (user) => (await keeper.remaining(user)) > 0 },
      },
      remember: { skips: ['pin'], fingerprint: (user) => (user as Person).password },
      locale: () => 'de',
      render: render ?? ((_req, res, view, state) => {
        drawn.push({ view, state, status: res.statusCode, headers: res.getHeaders() })
        res.end(`drawn ${view}`)
      }),
    },
  })
  built.login.on('step.failed', () => undefined)
  return { ...built, drawn, ada: browser(built.app), last: () => drawn.at(-1)! }
}

const loggedIn = async (built: ReturnType<typeof drawing>) => {
  await built.ada.form('/login/local', { username: 'ada', password: people().ada!.password })
  await built.ada.form('/login/pin', right)
  return built.ada
}

describe('render', () => {
  it('render draws the login, with all that it shows: state, chosen factor, sentences and labels of the locale', async () => {
    const { ada, last } = drawing()
    await ada.form('/login/local', { username: 'ada', password: 'wrong' })
    const answer = await ada.page('/login?factor=local')
    expect(answer.text).toBe('drawn login')
    expect(last()).toMatchObject({ view: 'login', status: 200 })
    expect(last().state).toMatchObject({
      status: 'anonymous', step: 1, steps: 2, chosen: 'local', loginPath: '/login', csrfToken: expect.any(String),
      factors: [{ factor: 'local', label: 'Passwort', links: { authenticate: '/login/local' } }],
      problem: { code: 'factor_failed', message: 'Das war nicht richtig. Bitte versuchen Sie es noch einmal.' },
      messages: { lang: 'de', logIn: 'Anmelden' },
    })
  })

  it('render finds status and security headers set, so that a page of the app is no weaker than ours (R-55)', async () => {
    const { ada } = drawing()
    const answer = await ada.page('/login')
    expect(answer.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store', 'referrer-policy': 'same-origin', 'x-frame-options': 'DENY', 'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringContaining('default-src \'none\''),
    })
  })

  it('render draws the way to another site', async () => {
    const { ada, last } = drawing()
    await ada.form('/login/local', { username: 'ada', password: people().ada!.password })
    await ada.form('/login/operator')
    expect(last()).toMatchObject({ view: 'redirect', state: { redirectTo: expect.stringMatching(away) } })
  })

  it('render draws what cannot be done, with its status', async () => {
    const { ada, last } = drawing()
    await ada.form('/login/local', { username: 'ada', password: people().ada!.password })
    expect((await ada.form('/login/broken')).status).toBe(503)
    expect(last()).toMatchObject({ view: 'unavailable', status: 503, state: { chosen: 'broken', problem: { code: 'factor_unavailable' }, factors: expect.any(Array) } })
  })

  it('render draws a refusal that no step can show, with its status', async () => {
    const { ada, last } = drawing()
    expect((await ada.page('/login/local')).status).toBe(405)
    expect(last()).toMatchObject({ view: 'refused', status: 405, state: { problem: { code: 'method_not_allowed', message: 'So kann diese Seite nicht aufgerufen werden.' } } })
  })

  it('render draws the completed login, the devices, and recovery codes, left and new', async () => {
    const built = drawing()
    const ada = await loggedIn(built)
    await ada.page('/login')
    expect(built.last()).toMatchObject({ view: 'complete', state: { status: 'complete', returnTo: '/', amr: ['pwd', 'otp', 'mfa'] } })
    await ada.page('/login/devices')
    expect(built.last()).toMatchObject({ view: 'devices', state: { status: 'complete', devices: [], returnTo: '/' } })
    await ada.page('/login/recovery-codes')
    expect(built.last()).toMatchObject({ view: 'recovery-codes', state: { remaining: 0, csrfToken: expect.any(String) } })
    await ada.form('/login/recovery-codes')
    expect(built.last()).toMatchObject({ view: 'recovery-codes', state: { remaining: 2, codes: [expect.any(String), expect.any(String)] } })
  })

  it('render may take its time: its promise is waited for', async () => {
    const { ada } = drawing(async (_req, res, view, { status }) => {
      await new Promise((resolve) => setImmediate(resolve))
      res.end(`late ${view} ${status}`)
    })
    expect((await ada.page('/login')).text).toBe('late login anonymous')
  })

  it.each([
    ['throws', () => { throw new Error('no template') }], ['rejects', async () => { throw new Error('no template') }],
  ] as [string, Render][])('a render that %s is the app\'s to handle, once, and leads to no other page', async (_, render) => {
    let calls = 0
    const { ada } = drawing((...page) => {
      calls += 1
      return render(...page)
    })
    const answer = await ada.page('/login')
    expect(answer.status).toBe(500)
    expect(answer.body).toMatchObject({ handled: true, message: 'no template' })
    expect(calls).toBe(1)
  })

  it.each([['undefined', undefined], ['the word that skips routes', 'route']])('a render that rejects with %s is an error all the same', async (_, thrown) => {
    // eslint-disable-next-line @typescript-eslint/only-throw-error
    const { ada } = drawing(async () => { throw thrown })
    expect((await ada.page('/login')).body).toMatchObject({ handled: true, code: 'misconfigured' })
  })

  it('render is not asked for JSON', async () => {
    const { ada, drawn } = drawing()
    expect((await ada.get('/login')).body).toMatchObject({ status: 'anonymous' })
    expect(drawn).toEqual([])
  })

  it('render\'s types know by the view what the state holds', () => {
    const shown: unknown[] = []
    const passport = new Passport()
    passport.use(pin())
    multistep(passport, {
      steps: ['pin'],
      render: (_req, res, view, state) => {
        if (view === 'recovery-codes') shown.push(state.remaining, state.codes?.length)
        if (view === 'devices') shown.push(state.devices.length)
        if (view === 'redirect') shown.push(state.redirectTo satisfies string)
        // @ts-expect-error: a login has no devices
        if (view === 'login') shown.push(state.devices)
        const messages: Messages = state.messages
        res.render(`login/${view}`, { ...state, title: messages.logIn })
      },
    })
    const devices: ViewState<'devices'>['devices'] = []
    expect(devices).toEqual([])
    expect(() => buildApp({ options: { steps: ['local'], render: 'login' as never } })).toThrow('render is a function, such as (req, res, view, state) =>')
  })
})
