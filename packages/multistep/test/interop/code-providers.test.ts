import type { Request } from 'express'
import { Strategy as SmsOtpStrategy } from 'passport-sms-otp'
import { anyOf } from '../../src/index.js'
import { browser, buildApp, people, pin } from '../support/app.js'
import { device } from '../support/factors.js'
import { codeLines, type CodeLine } from './code-lines.js'

const minute = 60_000
const ada = people().ada!.phone!
const details = { amount: '25.50 EUR', payee: 'Bob' }

describe.each(codeLines)('In a login of multistep by a password and a code of $name', ({ start, showsDetails, guesses }) => {
  let line: CodeLine
  let now: number
  beforeEach(async () => {
    now = Date.now()
    line = await start(ada, () => now)
  })
  afterEach(() => line.close())

  const setUp = (options: object = {}) => {
    const strategy = new SmsOtpStrategy({
      ...line.options, secret: 'j6bXq0m2Vd9sKfT4hLr8pWz1YcNe5uGa', countries: ['GB', 'GG', 'IM', 'JE'], acceptNumber: () => true, now: () => now, ...options,
    })
    const { app } = buildApp({
      strategies: [strategy as never, pin()],
      options: { steps: ['local', anyOf('sms-otp', 'pin')], factors: { pin: device }, acknowledge: ['sms-only'], now: () => now } as never,
      routes: (host, login) => {
        const guard = login.require({ factors: 'sms-otp', bind: (req: Request) => req.body as object } as never)
        host.post('/transfer', guard as never, (req, res) => { res.json({ done: req.body }) })
      },
    })
    return browser(app)
  }
  type Browser = ReturnType<typeof setUp>
  const asksForText = async (user: Browser) => (await user.post('/login/sms-otp/challenge')).body
  const guess = async (user: Browser, code: string, more: object = {}) => (await user.post('/login/sms-otp', { code, ...more })).body
  const wrong = () => line.code().replace(/.$/, (last) => (last === '7' ? '3' : '7'))
  const logInByPin = async (user: Browser) => {
    await user.password()
    expect((await user.post('/login/pin', { code: '246810' })).body.status).toBe('complete')
  }

  it('the user is let in by the right code, after a wrong one, and the login has text and password', async () => {
    const user = setUp()
    await user.password()
    expect(await asksForText(user)).toMatchObject({ status: 'pending' })
    expect(await guess(user, wrong())).toMatchObject({ code: 'code_wrong' })
    expect(await guess(user, line.code())).toMatchObject({ status: 'complete' })
    expect(await user.who()).toMatchObject({ authenticated: true, user: 'u1', amr: ['pwd', 'sms', 'mfa'] })
  })

  it('a code opens one login: the user\'s other browser cannot use it, and nobody can use it again', async () => {
    const [user, thief] = [setUp(), setUp()]
    await user.password()
    await asksForText(user)
    await thief.password()
    expect((await guess(thief, line.code())).status).not.toBe('complete')
    const code = line.code()
    expect(await guess(user, code)).toMatchObject({ status: 'complete' })
    expect((await guess(thief, code)).status).not.toBe('complete')
  })

  it('bound values open the request that the text has shown them for, and are not confirmed where no text shows them', async () => {
    const user = setUp()
    await logInByPin(user)
    const refused = await user.post('/transfer', details)
    if (!showsDetails) {
      expect(refused.body).toMatchObject({ code: 'bind_invalid' })
      expect(line.asked()).toBe(0)
      return
    }
    const { id } = refused.body.requirement
    await user.post('/login/sms-otp/challenge', { for: id })
    for (const value of Object.values(details)) expect(line.shown()).toContain(value)
    expect(await guess(user, wrong(), { for: id })).toMatchObject({ code: 'code_wrong' })
    expect((await user.post('/transfer', details)).status).toBe(403)
    await guess(user, line.code(), { for: id })
    expect((await user.post('/transfer', { ...details, payee: 'Eve' })).status).toBe(403)
    expect((await user.post('/transfer', details)).body).toEqual({ done: details })
    expect((await user.post('/transfer', details)).status).toBe(403)
  })

  it('a code ends with its time, and the next one lets the user in', async () => {
    const user = setUp({ ttl: '2m' })
    await user.password()
    await asksForText(user)
    const first = line.code()
    now += 2 * minute
    const before = line.asked()
    expect(await guess(user, first)).toMatchObject({ code: 'code_expired' })
    expect(line.asked()).toBe(before)
    expect(await asksForText(user)).toMatchObject({ status: 'pending' })
    expect(await guess(user, line.code())).toMatchObject({ status: 'complete' })
  })

  it('a code that has taken all its guesses takes no right one, and the user takes another factor', async () => {
    const user = setUp({ maxAttempts: 10, lockout: { after: 50, for: '15m' } })
    await user.password()
    await asksForText(user)
    const tries = Math.min(guesses, 10)
    const told = []
    for (let attempt = 0; attempt <= tries; attempt += 1) told.push((await guess(user, wrong())).code)
    expect(told.slice(0, 2)).toEqual(['code_wrong', 'code_wrong'])
    expect(told.at(-1)).toBe('too_many_attempts')
    const before = line.asked()
    expect(await guess(user, line.code())).toMatchObject({ code: told.at(-1) })
    expect(line.asked()).toBe(before)
    expect((await user.post('/login/pin', { code: '246810' })).body.status).toBe('complete')
  })

  it('a provider that is down leaves the user the other factor, and works again later', async () => {
    const user = setUp()
    await user.password()
    line.down(true)
    const answer = await asksForText(user)
    // Of a sender nobody knows whether the text has left, so the page waits for its code.
    if ('provider' in line.options) expect(answer).toMatchObject({ status: expect.any(Number), code: expect.any(String) })
    expect((await user.get('/login')).body.factors).toEqual(expect.arrayContaining([expect.objectContaining({ factor: 'pin' })]))
    expect((await user.post('/login/pin', { code: '246810' })).body.status).toBe('complete')
    line.down(false)
    now += 10 * minute
    const again = setUp()
    await again.password()
    await asksForText(again)
    expect(await guess(again, line.code())).toMatchObject({ status: 'complete' })
  })

  it('a provider that is down while a code is checked lets nobody in, and the user is let in once it works', async () => {
    const user = setUp()
    await user.password()
    await asksForText(user)
    const code = line.code()
    line.down(true)
    const during = await guess(user, code)
    line.down(false)
    // Our own code is checked by us: no provider is asked.
    if ('sender' in line.options) return expect(during).toMatchObject({ status: 'complete' })
    expect(during).toMatchObject({ status: expect.any(Number), code: expect.any(String) })
    expect((await user.who()).authenticated).toBe(false)
    expect(await guess(user, code)).toMatchObject({ status: 'complete' })
  })
})
