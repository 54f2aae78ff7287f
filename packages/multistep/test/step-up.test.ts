import { anyOf } from '../src/index.js'
import { browser, buildApp, pin } from './app.js'
import { device, operator, texting, texts } from './support/factors.js'
import { describeWithBackends } from './support/stores.js'

describeWithBackends('A step-up', (create) => {
  let backend: Awaited<ReturnType<typeof create>>
  beforeEach(async () => { backend = await create() })
  afterEach(() => backend.close())

  const built = () => {
    const text = texts('text')
    let handled = 0
    const { app, login } = buildApp({
      strategies: [pin(), text.strategy, operator()],
      session: { store: backend.sessions },
      options: {
        steps: ['local', anyOf('pin', 'text')],
        store: backend.flows,
        factors: { pin: { ...device, enrolled: (user) => (user as { name: string }).name === 'ada' }, text: texting },
      },
      routes: (host, its) => {
        host.get('/fresh', its.require({ factors: 'text' }) as any, (_req, res) => void res.json({ fresh: true }))
        host.post('/transfer', its.require({ factors: anyOf('text', 'pin'), page: '/form', bind: (req) => ({ payee: req.body.payee, amount: req.body.amount }) }) as any, (_req, res) => {
          handled += 1
          res.json({ handled })
        })
      },
    })
    return { app, login, text, handled: () => handled }
  }
  const loggedIn = async (app: ReturnType<typeof built>['app']) => {
    const ada = browser(app)
    await ada.password().expect(200)
    await ada.post('/login/pin', { code: '246810' }).expect(200)
    return ada
  }

  it('asks for what is missing, and opens once it was proven (R-48)', async () => {
    const { app, text } = built()
    const ada = await loggedIn(app)
    const { body } = await ada.get('/fresh').expect(403)
    expect(body).toMatchObject({ code: 'step_up_required', missing: ['text'], expired: [], requirement: { id: expect.any(String) } })
    const { id } = body.requirement
    expect((await ada.get(`/login?for=${id}`).expect(200)).body).toMatchObject({ status: 'step-up', step: 1, steps: 1, requirement: { id }, factors: [{ factor: 'text' }] })
    await ada.post('/login/text/challenge', { for: id }).expect(200)
    expect((await ada.post('/login/text', { for: id, code: 'code of text 1' }).expect(200)).body).toMatchObject({ status: 'complete', returnTo: '/fresh', amr: ['pwd', 'otp', 'sms', 'mfa'] })
    await ada.get('/fresh').expect(200, { fresh: true })
    expect(text.sent).toHaveLength(1)
  })

  it('bind opens once, for one of twenty (F-33)', async () => {
    const { app, text, handled } = built()
    const ada = await loggedIn(app)
    const { body } = await ada.post('/transfer', { payee: 'Bob', amount: 5 }).expect(403)
    const { id } = body.requirement
    expect(body.requirement).toEqual({ id, details: { payee: 'Bob', amount: '5' }, maxAge: '5m' })
    await ada.post('/login/text/challenge', { for: id }).expect(200)
    expect(text.sent[0]).toMatchObject({ details: { payee: 'Bob', amount: '5' } })
    await ada.post('/login/text', { for: id, code: 'code of text 1' }).expect(200)
    await ada.post('/transfer', { payee: 'Bob', amount: '5' }).expect(403)
    const answers = await Promise.all(Array.from({ length: 20 }, () => ada.post('/transfer', { payee: 'Bob', amount: 5 })))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(handled()).toBe(1)
  })
})
