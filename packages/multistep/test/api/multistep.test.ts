import { Passport } from 'passport'
import { multistep, MemoryFlowStore, type FlowStore } from '../../src/index.js'
import { buildApp, browser, Scripted } from '../support/app.js'
import { texting, texts } from '../support/factors.js'

const withLocal = () => new Passport().use(new Scripted('local', function () { this.fail(undefined as never) }))

describe('multistep(passport, options)', () => {
  it.each([[undefined], [{}], [{ session: () => undefined }]])('multistep() refuses what is not a Passport instance: %p', (value) => {
    expect(() => multistep(value as never, { steps: ['local'] })).toThrow('must be a Passport instance')
  })

  it('multistep() refuses a second policy on one Passport instance, unless the first was refused itself', () => {
    const passport = withLocal()
    expect(() => multistep(passport, { steps: ['lcoal'] })).toThrow('Passport knows no strategy \'lcoal\'')
    multistep(passport, { steps: ['local'] })
    expect(() => multistep(passport, { steps: ['local'] })).toThrow('has a policy already')
  })

  it('multistep() refuses an unknown option by its name', () => {
    expect(() => multistep(withLocal(), { steps: ['local'], setps: [] } as never)).toThrow('there is no option \'setps\'')
  })

  it.each([
    [{ ttl: 600_000 }, 'ttl is a duration'],
    [{ stepTimeout: 'soon' }, 'stepTimeout is a duration'],
    [{ loginPath: 'https://elsewhere.example/login' }, 'loginPath is a path of this app'],
    [{ loginPath: '/login?x=1' }, 'loginPath is a path of this app'],
    [{ lockout: { after: 0 } }, 'lockout.after is a whole number from 1 to 100'],
    [{ lockout: { after: 101 } }, 'lockout.after is a whole number from 1 to 100'],
    [{ carry: ['passport'] }, 'carry cannot name \'passport\''],
    [{ origins: ['acme.example'] }, 'origins holds origins'],
    [{ steps: 'local' }, 'steps is a list'],
  ])('multistep() refuses %j in words', (options, words) => {
    expect(() => multistep(withLocal(), { steps: ['local'], ...options } as never)).toThrow(words)
  })

  it('login.challenge() refuses a factor that has no challenge', () => {
    const login = multistep(withLocal(), { steps: ['local'] })
    expect(() => login.challenge('local')).toThrow('has no challenge to begin')
  })

  it('login.progress() takes only a request of Express', async () => {
    const login = multistep(withLocal(), { steps: ['local'] })
    await expect(login.progress({} as never)).rejects.toMatchObject({ code: 'misconfigured' })
  })
})

describe('login.unlock', () => {
  const lockedOut = async () => {
    const { app, login } = buildApp({ options: { steps: ['local'], lockout: { after: 1 } } })
    const ada = browser(app)
    await ada.password('ada', 'wrong').expect(401)
    await ada.password().expect(429)
    return { ada, login }
  }

  it('login.unlock() opens one factor by the name that was submitted', async () => {
    const { ada, login } = await lockedOut()
    await login.unlock(' ADA ', 'local')
    await ada.password().expect(200)
  })

  it('login.unlock() without a factor opens all of them', async () => {
    const { ada, login } = await lockedOut()
    await login.unlock('ada')
    await ada.password().expect(200)
  })

  it('login.unlock() refuses a name that is no factor', async () => {
    const { login } = await lockedOut()
    await expect(login.unlock('ada', 'lcoal' as never)).rejects.toThrow('is not a factor of this policy')
  })
})

describe('a challenge that begins while the login is moved elsewhere', () => {
  /** A store whose next advances meet another caller's: each time, the flow is moved under the caller first. */
  const contended = (times: number) => {
    const store = new MemoryFlowStore()
    let left = times
    const advanceFlow: FlowStore['advanceFlow'] = async (id, version, flow) => {
      left -= 1
      const { flow: now } = await store.readFlow(id)
      if (left >= 0 && now) await store.advanceFlow(id, now.version, now)
      return store.advanceFlow(id, version, flow)
    }
    return Object.assign(Object.create(store) as MemoryFlowStore, { advanceFlow })
  }
  const app = (times: number) => buildApp({
    strategies: [texts('texted').strategy],
    options: { steps: ['local', 'texted'], store: contended(times), factors: { texted: { ...texting, challengeOnEntry: false } } },
  }).app

  it('a challenge that begins while its login moves on is kept with the login of now', async () => {
    const ada = browser(app(2))
    await ada.password().expect(200)
    expect((await ada.post('/login/texted/challenge').expect(200)).body.factors[0]).toMatchObject({ factor: 'texted', challenge: expect.any(Object) })
  })

  it('a challenge whose login moves on and on is 409 flow_conflict', async () => {
    const ada = browser(app(9))
    await ada.password().expect(200)
    expect((await ada.post('/login/texted/challenge').expect(409)).body).toMatchObject({ code: 'flow_conflict' })
  })
})

describe('the router', () => {
  const { app } = buildApp({ options: { steps: ['local'] } })

  it.each(['/login/%E0%A4%A', '/login/nothing/of/ours', '/login/assets/..%2f..%2fpackage.json', '/login/constructor'])('the router leaves GET %s to the app', async (path) => {
    await browser(app).get(path).expect(404)
  })

  it('the router answers HEAD of its page and assets without a body, and other methods with 405', async () => {
    const { agent } = browser(app)
    expect((await agent.head('/login').expect(200)).text).toBeUndefined()
    await agent.head('/login/assets/style.css').expect(200)
    await agent.post('/login/assets/style.css').expect(404)
    expect((await agent.put('/login').expect(405)).headers.allow).toBe('GET, HEAD')
  })

  it('the router serves its style and script with a cache time and nosniff', async () => {
    const { headers } = await browser(app).get('/login/assets/code.js').expect(200)
    expect(headers).toMatchObject({ 'content-type': expect.stringContaining('javascript'), 'x-content-type-options': 'nosniff', 'cache-control': 'public, max-age=3600' })
    const [address] = /\/login\/assets\/code\.js\?v=[\w-]+/.exec((await browser(app).page('/login')).text)!
    expect((await browser(app).get(address).expect(200)).headers['cache-control']).toBe('public, max-age=31536000, immutable')
  })
})
