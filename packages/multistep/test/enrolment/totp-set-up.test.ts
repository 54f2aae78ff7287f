import { Strategy as TotpStrategy } from 'passport-totp'
import { anyOf, optional } from '../../src/index.js'
import { MemoryTotpKeyStore, TotpSetUp } from '../../src/totp.js'
import { fromBase32, toBase32 } from '../../src/enrolment/one-time-code.js'
import { browser, buildApp, people, pin } from '../support/app.js'
import { device } from '../support/factors.js'
import { describeWithBackends, type Backend } from '../support/stores.js'
import { codeOf } from '../support/totp.js'

const page = '/login/totp/set-up'
const minute = 60_000
const codeOfKey = (key: string, seconds = 0) => codeOf(fromBase32(key) as never, seconds)

function setup({ backend, hasPin = () => false, now = () => Date.now() }: { backend?: Backend, hasPin?: (user: any) => boolean, now?: () => number } = {}) {
  const store = new MemoryTotpKeyStore()
  const authenticators = new TotpSetUp({ store, issuer: 'Acme & Co', account: (user) => (user as never as { name: string }).name, qr: (text) => `<svg data-text="${encodeURIComponent(text)}"></svg>` })
  const events: unknown[] = []
  const built = buildApp({
    users: people(),
    strategies: [new TotpStrategy({ window: 1 }, authenticators.key as never) as never, pin()],
    ...(backend ? { session: { store: backend.sessions } } : {}),
    options: {
      steps: ['local', optional(anyOf('totp', 'pin'))], factors: { totp: authenticators.factor, pin: { ...device, enrolled: hasPin } }, now,
      ...(backend ? { store: backend.flowsAt(now) } : {}),
    },
  })
  built.login.on('factor.set-up', (event) => events.push(['set-up', event]))
  built.login.on('factor.removed', (event) => events.push(['removed', event]))
  const byPassword = async (name = 'ada') => {
    const person = browser(built.app)
    await person.password(name).expect(200)
    return person
  }
  return { ...built, store, events, byPassword }
}

describeWithBackends('setting up an authenticator app', (create) => {
  let backend: Backend
  let ahead: number
  beforeEach(async () => {
    ahead = 0
    backend = await create()
  })
  afterEach(() => backend.close())
  const now = () => Date.now() + ahead

  it('takes no method but GET, HEAD and POST', async () => {
    const { store, byPassword } = setup({ backend })
    const put = await (await byPassword()).agent.put(page).send({})
    expect([put.status, put.headers.allow, put.body.code]).toEqual([405, 'GET, HEAD, POST', 'method_not_allowed'])
    expect(store.read('u1')).toBeUndefined()
  })

  it('takes a key that is shown once and a code of it, and the next login asks for a code', async () => {
    const { app, store, events, byPassword } = setup({ backend })
    const ada = await byPassword()
    expect((await ada.page(page).expect(200)).text).toContain('Set up an authenticator app')
    const shown = await ada.form(page).expect(200)
    const [, key = ''] = /<code>([^<]*)<\/code>/.exec(shown.text)!
    expect(key).toMatch(/^([A-Z2-7]{4} ){7}[A-Z2-7]{4}$/)
    expect(shown.text).toContain(`otpauth://totp/Acme%20%26%20Co:ada?secret=${key.replaceAll(' ', '')}&amp;issuer=Acme%20%26%20Co`)
    expect(shown.text).toContain('<svg data-text="otpauth')
    expect(shown.headers['cache-control']).toBe('no-store')
    expect(store.read('u1')).toBeUndefined()

    const wrong = await ada.form(page, { code: '000000' })
    expect([wrong.status, store.read('u1')]).toEqual([401, undefined])
    expect(wrong.text).not.toContain(key)
    expect(wrong.text).not.toContain('otpauth:')
    expect(wrong.text).toContain('name="code"')
    const code = codeOfKey(key)
    expect((await ada.form(page, { code: `${code.slice(0, 3)} ${code.slice(3)}` }).expect(303)).headers.location).toBe(page)
    expect(store.read('u1')).toBe(key.replaceAll(' ', ''))
    const after = await ada.page(page).expect(200)
    expect(after.text).toContain('Your authenticator app is set up')
    expect(after.text).not.toContain(key.slice(0, 9))
    await ada.form(page, { code: codeOfKey(key) }).expect(401)
    expect(events).toEqual([['set-up', { factor: 'totp', userId: 'u1' }]])

    const again = browser(app)
    expect((await again.password('ada')).body).toMatchObject({ status: 'pending', factors: [{ factor: 'totp' }] })
    expect((await again.post('/login/totp', { code: codeOfKey(key, 30) })).body).toMatchObject({ status: 'complete', amr: ['pwd', 'otp', 'mfa'] })
  })

  it('takes the code that finished a set-up for no login: a code counts once (RFC 6238 §5.2)', async () => {
    const { app, byPassword } = setup({ backend })
    const ada = await byPassword()
    const { key } = (await ada.post(page)).body.begun
    const code = codeOfKey(key)
    await ada.post(page, { code: `${code.slice(0, 3)} ${code.slice(3)}` }).expect(200)

    const thief = browser(app)
    await thief.password('ada')
    expect((await thief.post('/login/totp', { code })).body).toMatchObject({ code: 'factor_failed', status: 401 })
    expect((await thief.post('/login/totp', { code: codeOfKey(key, 30) })).body).toMatchObject({ status: 'complete' })
  })

  it('counts no failure against the person who sets it up', async () => {
    const { app, byPassword } = setup({ backend })
    const ada = await byPassword()
    const { key } = (await ada.post(page)).body.begun
    for (let wrong = 0; wrong < 12; wrong += 1) await ada.post(page, { code: '12345' }).expect(401)
    await ada.post(page, { code: codeOfKey(key) }).expect(200)
    const again = browser(app)
    await again.password('ada')
    for (let wrong = 0; wrong < 3; wrong += 1) await again.post('/login/totp', { code: '000000' }).expect(401)
    expect((await again.post('/login/totp', { code: codeOfKey(key, 30) })).body).toMatchObject({ status: 'complete' })
  })

  it('is asked for in JSON by programs', async () => {
    const { byPassword } = setup({ backend })
    const ada = await byPassword()
    expect((await ada.get(page).expect(200)).body).toEqual({ factor: 'totp', isSetUp: false, csrfToken: expect.any(String) })
    const { body } = await ada.post(page).expect(200)
    expect(body.begun).toEqual({ key: expect.stringMatching(/^[A-Z2-7]{32}$/), uri: expect.stringContaining(body.begun.key), qr: expect.any(String) })
    expect((await ada.get(page)).body).not.toHaveProperty('begun')
    expect((await ada.post(page, { code: '123' })).body).toMatchObject({ code: 'factor_failed', status: 401 })
    expect((await ada.post(page, { code: codeOfKey(body.begun.key) })).body).toMatchObject({ isSetUp: true })
  })

  it('an attacker with the password alone, or with a session that has proven nothing lately, neither replaces nor removes it (R-52)', async () => {
    const { app, store, byPassword } = setup({ backend, now })
    const ada = await byPassword()
    const { key } = (await ada.post(page)).body.begun
    await ada.post(page, { code: codeOfKey(key, ahead / 1000) }).expect(200)

    const thief = browser(app)
    await thief.password('ada')
    for (const body of [{}, { remove: 'on' }, { code: '123456' }]) expect((await thief.post(page, body)).body).toMatchObject({ code: 'factor_required', status: 401 })
    // Of the session that set it up: the password was proven, and never the app.
    for (const body of [{}, { remove: 'on' }]) expect((await ada.post(page, body)).body).toMatchObject({ code: 'step_up_required', missing: ['totp'] })
    expect((await ada.form(page)).headers.location).toMatch(/^\/login\?for=/)

    const { id } = (await ada.post(page)).body.requirement
    await ada.post('/login/totp', { code: codeOfKey(key, 30), for: id }).expect(200)
    const second = (await ada.post(page).expect(200)).body.begun.key
    expect(second).not.toBe(key)
    expect(store.read('u1')).toBe(key)
    ahead += 6 * minute
    expect((await ada.post(page, { remove: 'on' })).body).toMatchObject({ code: 'step_up_required', expired: ['totp'] })
    expect(store.read('u1')).toBe(key)
  })

  it('what an attacker with the password began before the owner set up theirs is never finished (R-52)', async () => {
    const { store, byPassword } = setup({ backend })
    const [thief, ada] = [await byPassword(), await byPassword()]
    const stolen = (await thief.post(page).expect(200)).body.begun.key
    const own = (await ada.post(page).expect(200)).body.begun.key
    await ada.post(page, { code: codeOfKey(own) }).expect(200)
    expect((await thief.post(page, { code: codeOfKey(stolen) })).body).toMatchObject({ status: 403, code: 'step_up_required' })
    expect(store.read('u1')).toBe(own)
  })

  it('a session in which the password was proven long ago sets nothing up: it is asked for again (R-52)', async () => {
    const { store, byPassword } = setup({ backend, now })
    const ada = await byPassword()
    ahead += 6 * minute
    expect((await ada.post(page)).body).toMatchObject({ code: 'step_up_required' })
    expect(store.read('u1')).toBeUndefined()
  })

  it('who has another second factor proves that one first (R-52)', async () => {
    const { byPassword } = setup({ backend, hasPin: () => true })
    const ada = await byPassword()
    await ada.post('/login/pin', { code: '246810' }).expect(200)
    await ada.post(page).expect(200)
  })

  it('what was begun ends after ten minutes, at a logout and with a new beginning, and belongs to its session', async () => {
    const { byPassword } = setup({ backend, now })
    const [ada, elsewhere] = [await byPassword(), await byPassword()]
    const { key } = (await ada.post(page)).body.begun
    expect((await elsewhere.post(page, { code: codeOfKey(key) })).body).toMatchObject({ code: 'flow_expired' })
    const later = (await ada.post(page)).body.begun.key
    expect((await ada.post(page, { code: codeOfKey(key) })).body).toMatchObject({ code: 'factor_failed' })
    ahead += 11 * minute
    expect((await ada.post(page, { code: codeOfKey(later, ahead / 1000) })).body).toMatchObject({ code: 'flow_expired' })
  })

  it('is begun, finished and removed by no other site (W-09)', async () => {
    const { store, byPassword } = setup({ backend })
    const ada = await byPassword()
    const foreign = (body: object) => ada.agent.post(page).set({ Accept: 'text/html', 'Sec-Fetch-Site': 'cross-site' }).type('form').send(body)
    for (const body of [{}, { code: '1' }, { remove: 'on' }]) await foreign(body).expect(403)
    expect(store.read('u1')).toBeUndefined()
  })

  it('is removed by its owner, who has just proven it', async () => {
    const { store, events, byPassword } = setup({ backend })
    const ada = await byPassword()
    const { key } = (await ada.post(page)).body.begun
    await ada.post(page, { code: codeOfKey(key) })
    const { id } = (await ada.post(page, { remove: 'on' })).body.requirement
    await ada.post('/login/totp', { code: codeOfKey(key, 30), for: id }).expect(200)
    expect((await ada.post(page, { remove: 'on' })).body).toMatchObject({ isSetUp: false })
    expect(store.read('u1')).toBeUndefined()
    expect(events).toContainEqual(['removed', { factor: 'totp', userId: 'u1' }])
  })
})

it('a page that asks for what the person does not have links to where it is set up, the app\'s page first', async () => {
  const authenticators = new TotpSetUp({ store: new MemoryTotpKeyStore(), issuer: 'Acme' })
  const { app } = buildApp({
    strategies: [new TotpStrategy({}, authenticators.key as never) as never, pin()],
    options: { steps: ['local', optional(anyOf('totp', 'pin'))], factors: { totp: authenticators.factor, pin: { ...device, enrolled: () => false, enrolPage: '/settings/pin' } } },
    routes: (host, login) => { host.get('/keys', login.require({ factors: anyOf('totp', 'pin') }) as any, (_req, res) => { res.json({}) }) },
  })
  const ada = browser(app)
  await ada.password().expect(200)
  const page = await ada.page('/keys').expect(403)
  expect(page.text).toContain('<a class="primary" href="/login/totp/set-up">Set up Authenticator app</a>')
  expect(page.text).toContain('<a class="primary" href="/settings/pin">Set up pin</a>')
  expect((await ada.get('/keys').expect(403)).body).toMatchObject({ code: 'factor_not_enrolled', setUp: [{ factor: 'totp', page: '/login/totp/set-up' }, { factor: 'pin', page: '/settings/pin' }] })
})

describe('a key of TOTP', () => {
  it('is written in base 32 as RFC 4648 §10 has it', () => {
    for (const [text, encoded] of [['f', 'MY'], ['fo', 'MZXQ'], ['foo', 'MZXW6'], ['foob', 'MZXW6YQ'], ['fooba', 'MZXW6YTB'], ['foobar', 'MZXW6YTBOI']] as const) {
      expect(toBase32(Buffer.from(text))).toBe(encoded)
      expect(fromBase32(encoded).toString()).toBe(text)
    }
  })

  it('that its store cannot tell is a 503, and what is no option throws', async () => {
    const down = new TotpSetUp({ store: { read: () => Promise.reject(new Error('secret of the database')), replace: () => undefined, remove: () => undefined }, issuer: 'Acme' })
    await expect(down.has({ id: 'u1' })).rejects.toMatchObject({ code: 'store_unavailable', status: 503, message: 'The store of keys did not answer.' })
    expect(() => new TotpSetUp({ issuer: 'Acme' } as never)).toThrow('TotpSetUp needs a store')
    expect(() => new TotpSetUp({ store: {}, issuer: 'Acme' } as never)).toThrow('TotpSetUp store is an object with the methods read, replace, remove')
  })
})
