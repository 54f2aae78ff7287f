import { randomBytes } from 'node:crypto'
import { Strategy as SmsOtpStrategy } from '../../../passport-sms-otp/src/index.js'
import { inboxSender } from '../../../passport-sms-otp/src/testing.js'
import { anyOf, passed, when, type FactorOptions, type MultistepEvents, type Step } from '../../src/index.js'
import { browser, buildApp, people, pin, Scripted, type Person } from '../support/app.js'
import { device, texting, texts } from '../support/factors.js'

// Defects that WSO2's login sequences had, by the numbers of its issue tracker, each shown to be none of ours.

const right = { code: '246810' }
const nobody = { authenticated: false, user: null, amr: [] }
const sees: FactorOptions = { sees: 'pending', fields: ['code'] }

/** A real SMS OTP strategy as the second factor, and what it texted. */
function texted(steps: readonly Step[] = ['local', 'sms-otp'], more: Record<string, FactorOptions> = {}, strategies: Scripted[] = []) {
  const inbox = inboxSender()
  const sms = new SmsOtpStrategy({ sender: inbox, secret: randomBytes(32).toString('hex'), countries: ['GB'] })
  const built = buildApp({ strategies: [sms, ...strategies], options: { steps, factors: more } })
  const codes = () => inbox.messages.map(({ body }) => /\d{6}/.exec(body)?.[0])
  return { ...built, inbox, codes, browsing: browser(built.app) }
}

describe('sequences of WSO2', () => {
  it('#28252: taking a step again wipes nothing: the person stays the one of the first step, and the evidence what it was', async () => {
    const linked = new Scripted('linked', function () { this.success({ id: 'account 7 at the operator' }) })
    const { app, login } = buildApp({
      strategies: [linked, pin('a')], options: { steps: ['local', 'linked', 'a'], factors: { linked: { ...sees, samePerson: () => true }, a: sees } },
      routes: (host) => { host.post('/again', (req, res, next) => { login.vouch(req as any, people().ada!, 'local').then((state) => res.json(state), next) }) },
    })
    const browsing = browser(app)
    await browsing.password()
    await browsing.post('/login/linked')
    expect((await browsing.post('/again')).body).toMatchObject({ step: 3, completed: [{ factor: 'linked' }, { factor: 'local' }] })
    await browsing.post('/login/a', right)
    expect(await browsing.who()).toMatchObject({ authenticated: true, user: 'u1' })
  })

  it('#20629: steps taken in another order each count for themselves, under their own names', async () => {
    let order = ['local', 'a', 'b']
    const { app } = buildApp({ strategies: [pin('a'), pin('b')], options: { steps: () => order as never, factors: { local: {}, a: { ...sees, amr: 'first' }, b: { ...sees, amr: 'second' } } } })
    const browsing = browser(app)
    await browsing.password()
    order = ['local', 'b', 'a']
    expect((await browsing.post('/login/b', right)).body).toMatchObject({ step: 3, factors: [{ factor: 'a' }], completed: [{ factor: 'local' }, { factor: 'b' }] })
    expect((await browsing.post('/login/a', right)).body).toMatchObject({ status: 'complete', completed: [{ factor: 'local' }, { factor: 'b' }, { factor: 'a' }], amr: ['pwd', 'second', 'first'] })
  })

  it('#6824: options that are left out for one person are there for the next', async () => {
    const choices = Object.freeze(['a', 'b', 'c'])
    const { app } = buildApp({ strategies: choices.map((name) => pin(name)), options: {
      steps: ({ user }) => ['local', anyOf(...choices.filter((name) => name !== ((user as Person | undefined)?.name === 'ada' ? 'b' : 'c')))] as never,
      factors: { local: {}, a: sees, b: sees, c: sees },
    } })
    const offered = async (name: string) => (await browser(app).password(name)).body.factors.map(({ factor }: { factor: string }) => factor)
    for (let round = 0; round < 3; round += 1) {
      expect(await offered('ada')).toEqual(['a', 'c'])
      expect(await offered('grace')).toEqual(['a', 'b'])
    }
  })

  it('#24362: no way of failing is a success, for JSON clients either', async () => {
    const failures: [string, (this: Scripted) => void, number][] = [
      ['fail()', function () { this.fail(undefined as never) }, 401],
      ['fail(info)', function () { this.fail({ code: 'SUCCESS_COMPLETED' } as never) }, 401],
      ['fail(status)', function () { this.fail(200) }, 401],
      ['fail(info, 200)', function () { this.fail({ message: 'no' } as never, 200) }, 401],
      ['pass()', function () { this.pass() }, 401],
      ['success(false)', function () { this.success(false) }, 401],
      ['error()', function () { this.error(new Error('down')) }, 503],
    ]
    for (const [, run, status] of failures) {
      const { app } = buildApp({ strategies: [new Scripted('a', run as never)], options: { steps: ['local', 'a'], factors: { a: sees } } })
      const browsing = browser(app)
      await browsing.password()
      const response = await browsing.post('/login/a', right)
      expect(response.status).toBe(status)
      expect(response.type).toBe('application/problem+json')
      expect(await browsing.who()).toEqual(nobody)
    }
  })

  it('#24521: a wrong code sends nothing, whatever may be tried again', async () => {
    const { browsing, inbox } = texted()
    await browsing.password()
    expect(inbox.messages).toHaveLength(1)
    for (let round = 0; round < 3; round += 1) expect((await browsing.post('/login/sms-otp', { code: '000000' })).status).toBe(401)
    await browsing.get('/login')
    await browsing.page('/login')
    expect(inbox.messages).toHaveLength(1)
  })

  it('#5034, #5779: a code by text as a second factor that a condition or a function asks for begins at once, on its own page', async () => {
    for (const steps of [['local', when(passed('local'), 'sms-otp')], ['local', when(async ({ user }) => user !== undefined, 'sms-otp')]] as const) {
      const { browsing, codes } = texted(steps, { 'sms-otp': { page: '/login/code' } })
      const first = await browsing.form('/login/local', { username: 'ada', password: people().ada!.password })
      expect([first.status, first.headers.location]).toEqual([303, '/login/code'])
      expect((await browsing.get('/login')).body).toMatchObject({ step: 2, factors: [{ factor: 'sms-otp', challenge: { attemptsLeft: expect.any(Number) } }] })
      expect((await browsing.get('/login')).body.problem).toBeUndefined()
      expect((await browsing.post('/login/sms-otp', { code: codes()[0] })).body).toMatchObject({ status: 'complete' })
    }
  })

  it('#3114: a failure says which user failed, once one is known', async () => {
    const { app, login } = buildApp({ strategies: [pin('a')], options: { steps: ['local', 'a'], factors: { a: sees } } })
    const failed: MultistepEvents['step.failed'][] = []
    login.on('step.failed', (event) => failed.push(event))
    const browsing = browser(app)
    await browsing.password('ada', 'wrong')
    await browsing.password()
    await browsing.post('/login/a', { code: '1' })
    expect(failed).toEqual([{ factor: 'local', code: 'factor_failed', status: 401 }, { factor: 'a', code: 'factor_failed', status: 401, userId: 'u1' }])
  })

  it('#12784: a function that leaves one factor leaves no choice: its challenge begins, and nobody is shown a list', async () => {
    const { strategy, sent } = texts('text')
    const { app } = buildApp({ strategies: [strategy, pin('a')], options: { steps: ({ user }) => (user ? ['local', 'text'] : ['local']), factors: { local: {}, text: { ...texting, page: '/code' }, a: device } } })
    const browsing = browser(app)
    expect((await browsing.form('/login/local', { username: 'ada', password: people().ada!.password })).headers.location).toBe('/code')
    expect(sent).toHaveLength(1)
    expect((await browsing.get('/login')).body.factors).toHaveLength(1)
  })

  it('#7542, #23168: another option can be chosen, before and after a failure, and after a challenge has begun', async () => {
    const { browsing, inbox } = texted(['local', anyOf('sms-otp', 'a', 'b')], { a: sees, b: sees }, [pin('a'), pin('b')])
    const offered = (body: { factors: { factor: string }[] }) => body.factors.map(({ factor }) => factor)
    await browsing.password()
    expect(inbox.messages).toHaveLength(0)
    expect(offered((await browsing.post('/login/sms-otp/challenge')).body)).toEqual(['sms-otp', 'a', 'b'])
    await browsing.post('/login/sms-otp', { code: '000000' })
    await browsing.post('/login/a', { code: 'wrong' })
    expect(offered((await browsing.get('/login')).body)).toEqual(['sms-otp', 'a', 'b'])
    for (const name of ['sms-otp', 'a', 'b']) expect((await browsing.page('/login?factor=a')).text).toContain(name)
    expect((await browsing.post('/login/b', right)).body).toMatchObject({ status: 'complete' })
  })

  it('#5075: a login that does not exist has no page and takes no code', async () => {
    const { app, browsing } = texted()
    await browsing.password()
    for (const cookie of ['', 'connect.sid=s%3Aforged.c2lnbmF0dXJl', 'multistep=flow']) {
      const stranger = browser(app)
      expect((await stranger.get('/login').set('Cookie', cookie)).body).toMatchObject({ status: 'anonymous', factors: [{ factor: 'local' }] })
      expect((await stranger.post('/login/sms-otp', { code: '000000' }).set('Cookie', cookie)).body).toMatchObject({ status: 401, code: 'login_required' })
      expect((await stranger.page('/login?flow=x&step=2&factor=sms-otp').set('Cookie', cookie)).text).not.toContain('one-time-code')
    }
  })

  it('#17868: a wrong code stays on the page of the code', async () => {
    const { browsing } = texted(['local', 'sms-otp'], { 'sms-otp': { page: '/login/code' } })
    await browsing.password()
    const refused = await browsing.form('/login/sms-otp', { code: '000000' })
    expect([refused.status, refused.headers.location]).toEqual([303, '/login/code'])
    expect((await browsing.get('/login')).body).toMatchObject({ status: 'pending', step: 2, factors: [{ factor: 'sms-otp' }], problem: { attemptsLeft: 4 } })
  })

  it('#6647: a double click sends one text', async () => {
    const { browsing, inbox, codes } = texted()
    await browsing.password()
    await Promise.all(Array.from({ length: 5 }, () => browsing.post('/login/sms-otp/challenge')))
    expect(inbox.messages).toHaveLength(1)
    expect((await browsing.post('/login/sms-otp', { code: codes()[0] })).body).toMatchObject({ status: 'complete' })
  })

  it('#26057, #26612: two policies in one process know nothing of one another', async () => {
    const one = buildApp({ strategies: [pin('a')], options: { steps: ['local', 'a'], factors: { a: { ...sees, label: 'Of one' } }, lockout: { after: 1 } } })
    const two = buildApp({ strategies: [pin('a')], options: { steps: ['local', 'a'], factors: { a: { ...sees, label: 'Of two' } } } })
    const [first, second] = [browser(one.app), browser(two.app)]
    expect((await first.password()).body.factors[0].label).toBe('Of one')
    expect((await second.password()).body.factors[0].label).toBe('Of two')
    await first.post('/login/a', { code: 'wrong' })
    expect((await first.post('/login/a', right)).status).toBe(429)
    expect((await second.post('/login/a', right)).body).toMatchObject({ status: 'complete' })
  })

  it('an option that leaves nothing, or a step without a name that the policy knows, lets no user through (executeStep and authenticationOptions did)', async () => {
    for (const steps of [['local', anyOf()], ['local', 'seventh']]) {
      const { app } = buildApp({ strategies: [pin('a')], options: { steps: ({ user }) => (user ? steps : ['local']) as never, factors: { local: {}, a: sees } } })
      const browsing = browser(app)
      expect((await browsing.password()).body).toMatchObject({ status: 500, code: 'misconfigured' })
      expect(await browsing.who()).toEqual(nobody)
    }
  })
})
