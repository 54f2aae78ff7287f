import { anyOf, type MultistepOptions } from '../../src/index.js'
import { loginAs } from '../../src/testing.js'
import { browser, buildApp, people, pin, type Scripted } from '../support/app.js'
import { device, texting, texts } from '../support/factors.js'

const nobody = { authenticated: false, user: null, amr: [] }

/** An app with `POST /test/login`, as its own tests would mount it. */
function testing(options: MultistepOptions, strategies: Scripted[], factors: Parameters<typeof loginAs>[1]['factors']) {
  const users = people()
  const built = buildApp({
    users, strategies, options: options,
    routes: (app, login) => {
      app.post('/test/login', loginAs(login, { user: (req) => users[req.body.name], factors }) as any)
      app.get('/fresh', login.require({ mfa: true, maxAge: '1m' }) as any, (_req, res) => { res.send('fresh') })
    },
  })
  return { ...built, users, browsing: browser(built.app) }
}
const twoSteps = { steps: ['local', 'pin'], factors: { pin: device } }

describe('loginAs', () => {
  it('loginAs() logs in for real: req.user, evidence, and what require() asks for', async () => {
    const { browsing } = testing(twoSteps, [pin()], ['local', 'pin'])
    const answer = await browsing.post('/test/login', { name: 'ada' }).expect(204)
    expect(answer.text).toBe('')
    expect(await browsing.who()).toEqual({ authenticated: true, user: 'u1', amr: ['pwd', 'otp', 'mfa'] })
    await browsing.get('/account').expect(200)
    expect((await browsing.get('/fresh')).text).toBe('fresh')
  })

  it('loginAs() of another user leaves nothing of the one before', async () => {
    const { browsing } = testing(twoSteps, [pin()], ['local', 'pin'])
    await browsing.post('/test/login', { name: 'ada' }).expect(204)
    await browsing.post('/test/login', { name: 'alan' }).expect(204)
    expect(await browsing.who()).toMatchObject({ user: 'u3' })
  })

  it('loginAs() sends nothing, even where the step would begin a challenge', async () => {
    const { strategy, sent } = texts('text')
    const { browsing } = testing({ steps: ['local', 'text'], factors: { text: texting } }, [strategy], ['local', 'text'])
    await browsing.post('/test/login', { name: 'ada' }).expect(204)
    expect(sent).toEqual([])
    expect(await browsing.who()).toMatchObject({ authenticated: true })
  })

  it('loginAs() takes the factors of the request', async () => {
    const { browsing } = testing({ steps: ['local', anyOf('pin', 'card')], factors: { pin: device, card: { sees: 'pending' } } } as never, [pin(), pin('card')], (req) => ['local', req.body.second])
    await browsing.post('/test/login', { name: 'ada', second: 'card' }).expect(204)
    expect(await browsing.who()).toMatchObject({ authenticated: true, amr: ['pwd'] })
  })

  it('loginAs() with too few factors says what the policy asks for, and logs nobody in', async () => {
    const { browsing } = testing({ steps: ['local', anyOf('pin', 'card')], factors: { pin: device, card: { sees: 'pending' } } } as never, [pin(), pin('card')], ['local'])
    expect((await browsing.post('/test/login', { name: 'ada' })).body).toMatchObject({
      handled: true, code: 'misconfigured', message: 'multistep: loginAs: the policy asks this person for more. Add to factors: \'pin\' or \'card\'.',
    })
    expect(await browsing.who()).toEqual(nobody)
  })

  it('loginAs() says that there is no such user, or that the user lacks the factor', async () => {
    const { browsing } = testing({ ...twoSteps, factors: { pin: { ...device, enrolled: (user: any) => user.name !== 'grace' } } }, [pin()], ['local', 'pin'])
    expect((await browsing.post('/test/login', { name: 'nobody' })).body).toMatchObject({ message: 'multistep: loginAs: user(req) found nobody.' })
    expect((await browsing.post('/test/login', { name: 'grace' })).body).toMatchObject({ code: 'factor_not_enrolled' })
    expect(await browsing.who()).toEqual(nobody)
  })

  it('loginAs() does not exist in production', () => {
    const before = process.env.NODE_ENV
    try {
      process.env.NODE_ENV = 'production'
      expect(() => loginAs({} as never, { user: () => undefined, factors: [] })).toThrow('loginAs logs anybody in')
    } finally {
      process.env.NODE_ENV = before
    }
  })

  const nobodyFound = () => undefined
  it.each([
    [{ factors: ['local'] }, 'loginAs needs to know who'],
    [{ user: nobodyFound }, 'loginAs: factors is a list of names'],
    [{ user: nobodyFound, factors: 'local' }, 'loginAs: factors is a list of names'],
    [{ user: 'ada', factors: ['local'] }, 'loginAs.user is a function'],
    [{ user: nobodyFound, factor: ['local'] }, 'Did you mean factors?'],
  ])('loginAs() refuses %j in words', (options, words) => {
    expect(() => loginAs({} as never, options as never)).toThrow(words)
  })
})
