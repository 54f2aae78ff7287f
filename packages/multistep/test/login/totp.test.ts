import { Strategy as TotpStrategy } from 'passport-totp'
import type { FactorOptions } from '../../src/index.js'
import { browser, buildApp, people, type Person } from '../support/app.js'
import { listening, posted } from '../support/network.js'
import { codeOf } from '../support/totp.js'

jest.mock('node:timers/promises', () => jest.requireActual<typeof import('../support/short-pauses.js')>('../support/short-pauses.js').shortPauses())

const nobody = { authenticated: false, user: null, amr: [] }

/** passport-totp as it comes, with the key of `req.user`. */
function setup(factor: FactorOptions = {}, options: object = {}, path = '/code') {
  let now = Date.UTC(2026, 0, 1)
  const users = people()
  const asked: (string | undefined)[] = []
  const strategy = new TotpStrategy(options, (user, done) => {
    asked.push((user as Person | undefined)?.id)
    done(null, Buffer.from((user as Person).key ?? ''), 30)
  })
  const built = buildApp({
    users,
    strategies: [strategy as never],
    options: { steps: ['local', 'totp'], factors: { totp: { enrolled: (user) => Boolean((user as Person).key), ...factor } }, now: () => now },
    routes: (app, login) => {
      app.all(path, login.authenticate('totp', { failureRedirect: path, successRedirect: '/account' }))
    },
  })
  return { ...built, asked, users, pass: (milliseconds: number) => { now += milliseconds } }
}
const atCode = async (app: Parameters<typeof browser>[0], name = 'ada') => {
  const browsing = browser(app)
  await browsing.password(name).expect(200)
  return browsing
}

describe.each(['/login/totp', '/code'])('passport-totp, unmodified, at %s (F-32 at router and hand-mounted)', (path) => {
  it('a code of the account\'s key takes the step', async () => {
    const { app, asked } = setup()
    const ada = await atCode(app)
    expect((await ada.post(path, { code: codeOf('key-of-ada-1815') })).body).toMatchObject({ status: 'complete', amr: ['pwd', 'otp', 'mfa'] })
    expect(asked).toEqual(['u1'])
    expect(await ada.who()).toMatchObject({ user: 'u1' })
  })

  it('a wrong code, an old one, and one of another user\'s key are refused', async () => {
    const { app } = setup()
    const ada = await atCode(app)
    for (const code of [codeOf('key-of-alan-1912'), '000000', '', codeOf('key-of-ada-1815', -400)]) expect((await ada.post(path, { code })).status).toBe(401)
    expect(await ada.who()).toEqual(nobody)
  })

  it('a code is taken once, in whatever browser, and however long it would still be right', async () => {
    const { app, asked, pass } = setup()
    for (const seconds of [0, -170, 170]) {
      const code = codeOf('key-of-ada-1815', seconds)
      expect((await (await atCode(app)).post(path, { code })).body).toMatchObject({ status: 'complete' })
      const before = asked.length
      const again = await atCode(app)
      expect((await again.post(path, { code })).body).toMatchObject({ status: 401, code: 'factor_failed' })
      pass(6 * 60_000)
      expect((await (await atCode(app)).post(path, { code })).status).toBe(401)
      expect(asked).toHaveLength(before)
      expect(await again.who()).toEqual(nobody)
    }
  })

  it('of nine parallel posts of one code, in as many browsers, one is taken', async () => {
    const { app, login } = setup()
    const completed: unknown[] = []
    login.on('flow.completed', (event) => completed.push(event))
    const server = await listening(app)
    const { username, password } = { username: 'ada', password: people().ada!.password }
    const cookies = await Promise.all(Array.from({ length: 9 }, async () => (await posted(`${server.url}/login/local`, { username, password })).cookie))
    const code = codeOf('key-of-ada-1815')
    const answers = await Promise.all(cookies.map((cookie) => posted(server.url + path, { code }, cookie)))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(8).fill(401)])
    expect(completed).toHaveLength(1)
    await server.close()
  })

  it('the same digits are taken from another user: each user has their own spent codes', async () => {
    const { app, users } = setup()
    users.alan!.key = 'key-of-ada-1815'
    const code = codeOf('key-of-ada-1815')
    expect((await (await atCode(app, 'ada')).post(path, { code })).body).toMatchObject({ status: 'complete' })
    expect((await (await atCode(app, 'alan')).post(path, { code })).body).toMatchObject({ status: 'complete' })
  })

  it('a code in the query is not read', async () => {
    const { app } = setup()
    const ada = await atCode(app)
    const code = codeOf('key-of-ada-1815')
    expect((await ada.post(`${path}?code=${code}`)).status).toBe(400)
    expect((await ada.post(`${path}?code=${code}`, { code: '000000' })).status).toBe(401)
    expect(await ada.who()).toEqual(nobody)
    expect((await ada.post(`${path}?code=000000`, { code })).body).toMatchObject({ status: 'complete' })
  })

  it.each(['get', 'head', 'put', 'patch', 'delete', 'options'] as const)('the strategy is not run by %s: 405, nothing asked and nothing spent', async (method) => {
    const { app, asked } = setup()
    const ada = await atCode(app)
    const code = codeOf('key-of-ada-1815')
    const answer = await ada.agent[method](`${path}?code=${code}`).send(method === 'head' ? undefined : { code })
    expect(answer).toMatchObject({ status: 405, headers: { allow: 'POST' } })
    expect(asked).toEqual([])
    expect((await ada.post(path, { code })).body).toMatchObject({ status: 'complete' })
  })

  it('the strategy is not run for a user without a key, whose empty key is known to all', async () => {
    const { app, asked } = setup()
    const grace = await atCode(app, 'grace')
    expect((await grace.post(path, { code: codeOf('') })).body).toMatchObject({ status: 403, code: 'factor_not_enrolled' })
    expect(asked).toEqual([])
    expect(await grace.who()).toEqual(nobody)
  })

  it('the strategy is not run for a user whose key was removed after the password', async () => {
    const { app, asked, users } = setup()
    const ada = await atCode(app)
    delete users.ada!.key
    expect((await ada.post(path, { code: codeOf('') })).body).toMatchObject({ status: 403, code: 'factor_not_enrolled' })
    expect(asked).toEqual([])
  })

  it.each([['a list', [codeOf('key-of-ada-1815')]], ['a number', Number(codeOf('key-of-ada-1815'))], ['an object', { $ne: null }], ['null', null], ['nothing', undefined]])(
    'the strategy is not run with %s for a code: 400, and counted against no user', async (_, code) => {
      const { app, asked } = setup()
      const ada = await atCode(app)
      for (let time = 0; time < 12; time += 1) expect((await ada.post(path, { code })).status).toBe(400)
      expect(asked).toEqual([])
      expect((await ada.post(path, { code: codeOf('key-of-ada-1815') })).body).toMatchObject({ status: 'complete' })
    })

  it('the strategy is not run for a browser that has not passed the password', async () => {
    const { app, asked } = setup()
    expect((await browser(app).post(path, { code: codeOf('key-of-ada-1815') })).body).toMatchObject({ status: 401, code: 'login_required' })
    expect(asked).toEqual([])
  })
})

describe('passport-totp with a field of another name (F-32)', () => {
  it('each code is taken once where the app names the other field', async () => {
    const { app } = setup({ fields: ['otp'] }, { codeField: 'otp' })
    const code = codeOf('key-of-ada-1815')
    expect((await (await atCode(app)).post('/login/totp', { otp: code })).body).toMatchObject({ status: 'complete' })
    expect((await (await atCode(app)).post('/login/totp', { otp: code })).status).toBe(401)
  })

  it('no code is taken where the app does not name the other field: a code that multistep cannot see could be used twice', async () => {
    const { app, asked } = setup({}, { codeField: 'otp' })
    const ada = await atCode(app)
    expect((await ada.post('/login/totp', { otp: codeOf('key-of-ada-1815') })).status).toBe(400)
    expect(asked).toEqual([])
  })
})

describe('once, for any other factor', () => {
  it('each token of a factor of the app\'s own is taken once', async () => {
    const { app } = setup({ once: (req) => (typeof req.body?.code === 'string' ? req.body.code : undefined) })
    const code = codeOf('key-of-ada-1815')
    expect((await (await atCode(app)).post('/login/totp', { code })).body).toMatchObject({ status: 'complete' })
    expect((await (await atCode(app)).post('/login/totp', { code })).status).toBe(401)
  })
})
