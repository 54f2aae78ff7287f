import { Strategy as SmsOtpStrategy } from 'passport-sms-otp'
import { simSwapCheck } from 'passport-sms-otp/checks'
import { inboxSender } from 'passport-sms-otp/testing'
import { anyOf } from '../../src/index.js'
import { browser, buildApp, pin } from '../support/app.js'
import { device, texting, texts } from '../support/factors.js'

/** Texts of which the strategy says, as they begin, that they must not be used. */
function setup(steps: readonly unknown[] = ['local', anyOf('text', 'pin')]) {
  const text = texts()
  const { run } = text.strategy
  let isSwapped = true
  text.strategy.run = function (req, options) {
    if (isSwapped && options.action === 'send') {
      return this.fail({ code: 'send_refused', message: 'No code can be texted to this number.', withdrawn: true } as never, 403)
    }
    return run.call(this, req, options)
  }
  const factors = { text: texting, ...JSON.stringify(steps).includes('"pin"') ? { pin: device } : {} }
  const built = buildApp({ strategies: [text.strategy, pin()], options: { steps, factors } as never })
  return { ada: browser(built.app), sent: text.sent, swappedBack: () => { isSwapped = false } }
}

describe('a factor that its strategy withdraws', () => {
  it('is offered no more in this login, and the person goes on with another one', async () => {
    const { ada } = setup()
    expect((await ada.password()).body.factors).toMatchObject([{ factor: 'text' }, { factor: 'pin' }])
    expect((await ada.post('/login/text/challenge')).body).toMatchObject({ status: 403, code: 'send_refused' })
    expect((await ada.get('/login')).body.factors).toMatchObject([{ factor: 'pin' }])
    expect((await ada.post('/login/pin', { code: '246810' })).body.status).toBe('complete')
  })

  it('is refused by its code when it is posted all the same, also once the strategy would send again', async () => {
    const { ada, sent, swappedBack } = setup()
    await ada.password()
    await ada.post('/login/text/challenge')
    swappedBack()
    expect((await ada.post('/login/text/challenge')).body).toMatchObject({ status: 403, code: 'factor_withdrawn' })
    expect((await ada.post('/login/text', { code: 'code of text 1' })).body).toMatchObject({ status: 403, code: 'factor_withdrawn' })
    expect(sent).toEqual([])
  })

  it('that is all that a person has leaves a state that says so, also where its challenge begins by itself', async () => {
    const { ada } = setup(['local', 'text'])
    expect((await ada.password()).body).toMatchObject({ status: 'pending', factors: [], problem: { code: 'send_refused' } })
    expect((await ada.get('/login')).body).toMatchObject({ factors: [], problem: { code: 'factor_withdrawn', status: 403 } })
    const page = await ada.page('/login')
    expect(page.text).toContain('This cannot be used for this login.')
    expect(page.text).not.toContain('/login/text')
  })

  it('is offered again in the next login', async () => {
    const { ada, swappedBack } = setup()
    await ada.password()
    await ada.post('/login/text/challenge')
    swappedBack()
    await ada.post('/login/cancel')
    expect((await ada.password()).body.factors).toMatchObject([{ factor: 'text' }, { factor: 'pin' }])
    expect((await ada.post('/login/text/challenge')).body.status).toBe('pending')
  })

  it('is the code by text of passport-sms-otp after a SIM swap: no text leaves, and an authenticator app is still offered', async () => {
    const inbox = inboxSender()
    const operator = { name: 'operator', kinds: ['sim'] as const, swapped: async () => true }
    const strategy = new SmsOtpStrategy({
      sender: inbox, secret: 'j6bXq0m2Vd9sKfT4hLr8pWz1YcNe5uGa', countries: ['GB'], appName: 'Acme', origin: 'acme.example',
      checks: { simSwap: simSwapCheck({ provider: operator }) },
    })
    const { app } = buildApp({
      strategies: [strategy as never, pin()],
      options: { steps: ['local', anyOf('sms-otp', 'pin')], factors: { pin: device } },
    })
    const ada = browser(app)
    expect((await ada.password()).body.factors).toMatchObject([{ factor: 'sms-otp' }, { factor: 'pin' }])
    expect((await ada.post('/login/sms-otp/challenge')).body).toMatchObject({ status: 403, code: 'send_refused' })
    expect((await ada.get('/login')).body.factors).toMatchObject([{ factor: 'pin' }])
    expect(inbox.messages).toEqual([])
  })
})
