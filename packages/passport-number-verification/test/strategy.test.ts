import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { Simulator } from 'mobileconnect-simulator'
import { MemoryTransactionStore, Strategy, type StrategyOptions } from 'passport-number-verification'
import { ada, providerOf, startApp, startOperators, type App, type AppOptions } from './support/app.js'

let sim: Simulator
beforeAll(async () => {
  sim = await startOperators()
  sim.handset(ada).network('mobile')
})
afterAll(() => sim.close())

describe('the strategy in an app', () => {
  let app: App
  afterEach(() => app.close())
  const start = async (options: AppOptions = {}) => { app = await startApp({ provider: providerOf(sim), ...options }) }
  const tabOf = async () => {
    const tab = app.tab()
    await tab.as('ada')
    return tab
  }

  it.each(['verify', 'BEGIN', ''])('the strategy tells the programmer that %j is no action', async (action) => {
    await start({ route: { action } })
    expect((await (await tabOf()).begin()).status).toBe(500)
    expect(app.errors[0]).toBeInstanceOf(TypeError)
    expect(app.errors[0].message).toContain(`The action of number-verification is 'begin', or none; not ${JSON.stringify(action)}.`)
  })

  it('the strategy begins a login by the action begin, whatever a callback would have in its address', async () => {
    await start({ route: { action: 'begin' } })
    expect((await (await tabOf()).send('/login?state=x')).status).toBe(302)
  })

  it('the strategy counts the time of a login by the clock of the options, without a store of the app', async () => {
    let time = Date.now()
    await start({ now: () => time, ttl: '1m' })
    const tab = await tabOf()
    const [first, late] = [await tab.leave(await tab.begin()), await tab.leave(await tab.begin())]
    time += 59_000
    expect((await tab.send(first)).status).toBe(200)
    time += 1000
    expect(await tab.send(late)).toMatchObject({ status: 403, body: { info: { code: 'transaction_unknown' } } })
  })

  it('the strategy does not believe a store that gives back what was never kept', async () => {
    const store = Object.assign(new MemoryTransactionStore(), { take: async () => 5 as never })
    await start({ store })
    const tab = await tabOf()
    const callback = await tab.leave(await tab.begin())
    expect(await tab.send(callback)).toMatchObject({ status: 503, body: { error: { code: 'store_unavailable' } } })
  })

  it('the event of a refusal before any login has its code and status, and no correlator', async () => {
    const told: unknown[] = []
    const listen = (message: unknown) => { told.push(message) }
    subscribe('passport-number-verification:refused', listen)
    await start()
    await (await tabOf()).send('/login', { method: 'POST', headers: { 'sec-fetch-site': 'cross-site' } })
    unsubscribe('passport-number-verification:refused', listen)
    expect(told).toEqual([{ known: true, code: 'cross_site', status: 403 }])
  })
})

describe('the strategy without Passport', () => {
  const options: StrategyOptions = {
    provider: () => ({
      id: 'https://acme.example',
      network: {
        begin: async (_, { state, redirectUri }) => ({ status: 'leave', url: `${redirectUri}?state=${state}` }),
        end: async () => ({ status: 'read', phone: ada }),
      },
    }),
    mode: 'read', callbackURL: 'https://acme.example/callback',
  }
  const request = (url: string, session: object = {}) =>
    ({ method: 'GET', url, originalUrl: url, headers: { 'sec-fetch-site': 'same-origin' }, session }) as never
  type Ended = [how: string, told: any]
  const run = (strategy: Strategy, req: never): Promise<Ended> => new Promise((resolve) => {
    const told = (how: string) => (value: unknown) => { resolve([how, value]) }
    const bound = Object.assign(Object.create(strategy) as Strategy, {
      success: told('success'), fail: told('fail'), redirect: told('redirect'), error: told('error'),
    })
    bound.authenticate(req)
  })

  it('the strategy needs no options for a request, and no address of it, to begin and to end a login', async () => {
    const seen: unknown[] = []
    const strategy = new Strategy({ ...options, passReqToCallback: true }, async (req, { phone, provider }) => {
      seen.push(req, phone, provider)
      return { id: 'ada' }
    })
    const session = {}
    const [left, url] = await run(strategy, request('/login', session))
    expect([left, url]).toEqual(['redirect', expect.stringMatching(/^https:\/\/acme\.example\/callback\?state=[\w-]{43}$/)])
    const back = request(url.replace('https://acme.example', ''), session)
    expect(await run(strategy, back)).toEqual(['success', { id: 'ada' }])
    expect(seen).toEqual([back, ada, 'https://acme.example'])
  })

  it.each([new RangeError('the page is broken'), 'the page is broken'])(
    'the strategy warns when the app throws while it is told of an error, and rejects nothing: %p', async (thrown) => {
      // eslint-disable-next-line @typescript-eslint/only-throw-error -- an app may throw anything
      const error = () => { throw thrown }
      const strategy = Object.assign(Object.create(new Strategy(options)) as Strategy, { error })
      const warned = new Promise((resolve) => { jest.spyOn(process, 'emitWarning').mockImplementationOnce(resolve) })
      strategy.authenticate(request('/login'))
      expect(await warned).toBe(thrown)
      jest.restoreAllMocks()
    })
})
