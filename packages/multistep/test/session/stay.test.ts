import type { MultistepOptions } from '../../src/index.js'
import { people, pin } from '../support/app.js'
import { device, operator } from '../support/factors.js'
import { hosted, right } from '../support/hosted.js'
import { describeWithBackends, type Backend } from '../support/stores.js'

const day = 86_400_000
const ada = { username: 'ada', password: people().ada!.password }
const grace = { username: 'grace', password: people().grace!.password }

/** For how many hours a browser keeps the session's cookie; `undefined`: until it is closed. */
function hours(response: { headers: unknown }): number | undefined {
  const cookie = ((response.headers as { 'set-cookie'?: string[] })['set-cookie'] ?? []).find((line) => line.startsWith('connect.sid='))
  if (cookie === undefined) throw new Error('No session cookie was set.')
  const [, expires] = /Expires=([^;]+)/.exec(cookie) ?? []
  return expires === undefined ? undefined : Math.round((Date.parse(expires) - Date.now()) / 3_600_000)
}

describeWithBackends('a user who wishes to stay logged in', (create) => {
  let backend: Backend
  beforeEach(async () => { backend = await create() })
  afterEach(() => backend.close())

  const options = { steps: ['local', 'pin'], factors: { pin: device } } as unknown as MultistepOptions<'local'>
  const byHand = (more: object = {}, session: object = {}) => hosted<'local'>(backend, {
    strategies: [pin()],
    session: { store: backend.sessions, ...session },
    options: { ...options, ...more },
    routes: (app, login) => {
      app.post('/in', (req, _res, next) => {
        if (req.body.life !== undefined) req.session.cookie.maxAge = req.body.life
        next()
      }, login.authenticate('local') as never)
      app.post('/pin', login.authenticate('pin' as never, { successRedirect: '/home' }) as never)
      app.post('/out', login.logout() as never)
    },
  }).browsing

  it('the login\'s cookie has the life that the app gave it with the first factor, through both renewals (K-10 at hand-mounted)', async () => {
    const browsing = byHand({ session: { absolute: '90d' } })
    expect(hours(await browsing.post('/in', { ...ada, life: 30 * day }))).toBe(720)
    expect(hours(await browsing.post('/pin', right))).toBe(720)
    expect(hours(await browsing.post('/out'))).toBeUndefined()
  })

  it('the login\'s cookie lives no longer than the login (K-10 at hand-mounted)', async () => {
    const browsing = byHand()
    await browsing.post('/in', { ...ada, life: 30 * day })
    expect(hours(await browsing.post('/pin', right))).toBe(24)
  })

  it('the cookie keeps the app\'s default life, or a shorter one that the app gives it (K-10 at hand-mounted)', async () => {
    const plain = byHand({}, { cookie: { maxAge: 7 * day } })
    await plain.post('/in', ada)
    expect(hours(await plain.post('/pin', right))).toBe(168)
    const less = byHand({}, { cookie: { maxAge: 7 * day } })
    await less.post('/in', { ...ada, life: null })
    expect(hours(await less.post('/pin', right))).toBeUndefined()
  })

  it('the wish of one user to stay is not taken over to another user of the browser (K-10 at hand-mounted)', async () => {
    const browsing = byHand()
    await browsing.post('/in', { ...ada, life: 12 * 3_600_000 })
    await browsing.post('/login/cancel')
    await browsing.post('/in', grace)
    expect(hours(await browsing.post('/pin', right))).toBeUndefined()
    await browsing.post('/in', { ...ada, life: 12 * 3_600_000 })
    expect(hours(await browsing.post('/in', grace))).toBeUndefined()
  })

  const offered = (more: object = {}) => hosted<'local'>(backend, {
    strategies: [pin(), operator()],
    options: { ...options, stay: '30d', session: { absolute: '30d' }, ...more },
  }).browsing

  it('a user who ticks "stay" with the first post gets a cookie of that life at completion (K-11 at router)', async () => {
    const browsing = offered()
    const state = (await browsing.get('/login')).body
    expect(state.factors[0].stay).toEqual({ for: '30d' })
    expect((await browsing.page('/login')).text).toContain('name="stay"')
    expect(hours(await browsing.form('/login/local', { ...ada, stay: 'on' }))).toBeUndefined()
    expect((await browsing.page('/login')).text).not.toContain('name="stay"')
    expect(hours(await browsing.form('/login/pin', right))).toBe(720)
  })

  it.each([{ stay: true }, { stay: 'yes' }])('a JSON client asks to stay with %j (K-11 at router)', async (wish) => {
    const browsing = offered()
    await browsing.post('/login/local', { ...ada, ...wish })
    expect(hours(await browsing.post('/login/pin', right))).toBe(720)
  })

  it.each([{}, { stay: false }, { stay: 'off' }, { stay: ['on'] }, { stay: { on: true } }])('a user who posts %j gets no cookie of a longer life (K-11 at router)', async (wish) => {
    const browsing = offered()
    await browsing.post('/login/local', { ...ada, ...wish })
    expect(hours(await browsing.post('/login/pin', { ...right, stay: 'on' }))).toBeUndefined()
  })

  it('the login page does not offer to stay where the app does not (K-11 at router)', async () => {
    const browsing = offered({ stay: undefined })
    expect((await browsing.get('/login')).body.factors[0].stay).toBeUndefined()
    await browsing.post('/login/local', { ...ada, stay: 'on' })
    expect(hours(await browsing.post('/login/pin', right))).toBeUndefined()
  })

  it('the wish to stay ends with its login: the browser\'s next login has none (K-11 at router)', async () => {
    const browsing = offered()
    await browsing.post('/login/local', { ...ada, stay: 'on' })
    await browsing.post('/login/local', ada)
    expect(hours(await browsing.post('/login/pin', right))).toBeUndefined()
  })

  it('a user who ticks "stay" gets the longer cookie after a login of one step, too (K-11 at router)', async () => {
    const browsing = offered({ steps: ['local'], factors: {} })
    expect(hours(await browsing.post('/login/local', { ...ada, stay: 'on' }))).toBe(720)
  })

  it('the programmer is told at start-up where the cookie would outlive the login (K-11 at router)', () => {
    expect(() => offered({ session: {} })).toThrow('stay is \'30d\', and a login lives no longer than session.absolute')
    expect(() => offered({ stay: true })).toThrow('stay is a duration')
  })
})
