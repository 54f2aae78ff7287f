import { buildApp, browser, pin } from '../support/app.js'

const twoSteps = () => buildApp({
  strategies: [pin()],
  options: { steps: ['local', 'pin'], factors: { pin: { sees: 'pending', kind: 'possession', channel: 'device', amr: 'otp', fields: ['code'] } } },
})

describe('a login of two steps', () => {
  it('a login is pending after the first step and complete after the second', async () => {
    const { app } = twoSteps()
    const ada = browser(app)

    const first = await ada.password()
    expect(first.status).toBe(200)
    expect(first.body).toMatchObject({ status: 'pending', step: 2, steps: 2, completed: [{ factor: 'local' }], factors: [{ factor: 'pin', fields: ['code'], links: { authenticate: '/login/pin' } }] })
    expect(await ada.who()).toEqual({ authenticated: false, user: null, amr: [] })

    const second = await ada.post('/login/pin', { code: '246810' })
    expect(second.body).toMatchObject({ status: 'complete', amr: ['pwd', 'otp', 'mfa'] })
    expect(await ada.who()).toEqual({ authenticated: true, user: 'u1', amr: ['pwd', 'otp', 'mfa'] })
  })
})
