import { Strategy as SmsOtpStrategy } from 'passport-sms-otp'
import { simSwapCheck } from 'passport-sms-otp/checks'
import { inboxSender } from 'passport-sms-otp/testing'
import { anyOf } from '../../src/index.js'
import { browser, buildApp, pin, Scripted } from '../support/app.js'
import { device, stateIn, texting, texts } from '../support/factors.js'

/** Leaves, and says of every answer that the factor must not be used. */
const elsewhere = () => new Scripted('elsewhere', function (req) {
  if (req.query.code === undefined) return this.redirect('https://operator.example/authorize?scope=openid')
  this.fail({ code: 'number_moved', message: 'The number has moved.', withdrawn: true } as never, 403)
})

/** Texts of which the strategy says, as they begin, that they must not be used. */
function setup(steps: readonly unknown[] = ['local', anyOf('text', 'pin')], isSwapped = true) {
  const text = texts()
  const { run } = text.strategy
  text.strategy.run = function (req, options) {
    if (isSwapped && options.action === 'send') {
      return this.fail({ code: 'send_refused', message: 'No code can be texted to this number.', withdrawn: true } as never, 403)
    }
    return run.call(this, req, options)
  }
  const all = { text: { ...texting, lockout: 'own' }, pin: device, other: { ...device, channel: 'other device' }, elsewhere: { redirects: true, sees: 'pending' } }
  const factors = Object.fromEntries(Object.entries(all).filter(([name]) => JSON.stringify(steps).includes(`"${name}"`)))
  const built = buildApp({ strategies: [text.strategy, pin(), pin('other'), elsewhere()], options: { steps, factors } as never })
  return {
    ada: browser(built.app), sent: text.sent, strategy: text.strategy,
    swapped: () => { isSwapped = true }, swappedBack: () => { isSwapped = false },
  }
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

  it('stays withdrawn in the steps that follow, and where an earlier code fails meanwhile', async () => {
    const { ada, swapped } = setup(['local', anyOf('text', 'pin'), anyOf('text', 'other')], false)
    await ada.password()
    await ada.post('/login/text/challenge')
    swapped()
    expect((await ada.post('/login/text/challenge')).body.code).toBe('send_refused')
    expect((await ada.post('/login/text', { code: 'code of text 1' })).body.code).toBe('factor_withdrawn')
    const next = await ada.post('/login/pin', { code: '246810' })
    expect(next.body).toMatchObject({ status: 'pending', factors: [{ factor: 'other' }] })
    expect(next.body.factors).toHaveLength(1)
  })

  it('is no proof any more where it was withdrawn while its code was evaluated', async () => {
    const { ada, swapped, strategy } = setup(['local', anyOf('text', 'pin')], false)
    await ada.password()
    await ada.post('/login/text/challenge')
    let evaluated = () => {}
    const { run } = strategy
    const withdrawnMeanwhile = new Promise<void>((resolve) => { evaluated = resolve })
    strategy.run = function (req, options) {
      if (options.action === 'send') return run.call(this, req, options)
      return withdrawnMeanwhile.then(() => this.success(req.user))
    }
    const guess = ada.post('/login/text', { code: 'code of text 1' }).then((answer) => answer)
    swapped()
    expect((await ada.post('/login/text/challenge')).body.code).toBe('send_refused')
    evaluated()
    expect((await guess).body.code).toBe('flow_conflict')
    expect((await ada.get('/login')).body).toMatchObject({ status: 'pending', factors: [{ factor: 'pin' }] })
  })

  it('is offered on where nobody is known yet: the next number may be another person\'s', async () => {
    const { ada, swappedBack } = setup(['text'])
    expect((await ada.post('/login/text/challenge', { phone: '+447400123456' })).body.code).toBe('send_refused')
    swappedBack()
    expect((await ada.get('/login')).body.factors).toMatchObject([{ factor: 'text' }])
    expect((await ada.post('/login/text/challenge', { phone: '+447400123457' })).body.factors).toMatchObject([{ factor: 'text' }])
  })

  it('that leads elsewhere is withdrawn by its answer, too', async () => {
    const { ada } = setup(['local', anyOf('elsewhere', 'pin')])
    await ada.password()
    const { url } = (await ada.post('/login/elsewhere')).body
    expect((await ada.get(`/login/elsewhere/callback?code=x&state=${stateIn(url)}`)).body.code).toBe('number_moved')
    expect((await ada.get('/login')).body.factors).toMatchObject([{ factor: 'pin' }])
    expect((await ada.post('/login/elsewhere')).body.code).toBe('factor_withdrawn')
  })
})
