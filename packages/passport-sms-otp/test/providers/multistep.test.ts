import { anyOf } from 'multistep'
import { browser, buildApp, pin } from '../../../multistep/test/support/app.js'
import { device } from '../../../multistep/test/support/factors.js'
import { SmsOtpError, Strategy } from '../../src/index.js'
import { codeProvider } from '../support/code-provider.js'
import { clock, minutes, SECRET, seconds, wrong } from '../support/kit.js'

/** A login of a password and a code that a provider makes and checks. */
function setUp(options: object = {}, steps: readonly unknown[] = ['local', 'sms-otp']) {
  const time = clock()
  const acme = codeProvider({ tries: 100 })
  const strategy = new Strategy({ provider: acme.provider, secret: SECRET, countries: ['GB'], now: time.now, ...options })
  const withPin = JSON.stringify(steps).includes('pin')
  const built = buildApp({
    strategies: [strategy as never, ...withPin ? [pin()] : []],
    options: { steps, ...withPin ? { factors: { pin: device } } : {} } as never,
  })
  return { acme, time, ada: browser(built.app) }
}

describe('A code provider in a login of multistep', () => {
  it('is a second factor: a wrong code counts, a resend goes out after the delay, and the right code completes the login (V-03)', async () => {
    const { acme, ada, time } = setUp()
    expect((await ada.password()).body).toMatchObject({ status: 'pending', factors: [{ factor: 'sms-otp' }] })
    expect(acme.starts).toHaveLength(1)
    expect((await ada.post('/login/sms-otp', { code: wrong(acme.code) })).body).toMatchObject({ status: 401, code: 'code_wrong' })
    expect((await ada.post('/login/sms-otp/challenge')).body).toMatchObject({ status: 429, code: 'send_throttled' })
    time.pass(seconds(30))
    await ada.post('/login/sms-otp/challenge')
    expect(acme.starts[1]).toMatchObject({ repeated: true })
    expect((await ada.post('/login/sms-otp', { code: acme.code })).body.status).toBe('complete')
  })

  it('is locked by wrong codes, and asked about none meanwhile (V-01)', async () => {
    const { acme, ada, time } = setUp({ lockout: { after: 2, for: '15m' } })
    await ada.password()
    for (let guess = 0; guess < 2; guess += 1) await ada.post('/login/sms-otp', { code: wrong(acme.code) })
    expect((await ada.post('/login/sms-otp', { code: acme.code })).body).toMatchObject({ status: 429, code: 'locked' })
    expect(acme.guesses).toHaveLength(2)
    time.pass(minutes(15))
    expect((await ada.post('/login/sms-otp', { code: acme.code })).body).toMatchObject({ code: 'code_expired' })
  })

  it('that is down is 503 and costs nobody the login (V-04)', async () => {
    const { acme, ada } = setUp({ maxAttempts: 1 })
    await ada.password()
    acme.does({ check: () => 'unchecked' })
    for (let guess = 0; guess < 3; guess += 1) {
      expect((await ada.post('/login/sms-otp', { code: acme.code })).body).toMatchObject({ status: 503, code: 'provider_unavailable' })
    }
    acme.does({})
    expect((await ada.post('/login/sms-otp', { code: acme.code })).body.status).toBe('complete')
  })

  it('that does not text a number leaves the person the other factors (V-06)', async () => {
    const { acme, ada } = setUp({}, ['local', anyOf('sms-otp', 'pin')])
    acme.does({ start: () => { throw new SmsOtpError('send_refused', 'blocked') } })
    await ada.password()
    expect((await ada.post('/login/sms-otp/challenge')).body).toMatchObject({ status: 403, code: 'send_refused' })
    expect((await ada.get('/login')).body.factors).toMatchObject([{ factor: 'pin' }])
  })
})
