import type { Simulator } from 'mobileconnect-simulator'
import { camara, type CamaraOptions } from 'passport-number-verification'
import { ada, addressOf, answeringAt, clientKey, providerOf, startApp, startOperators, type App, type AppOptions } from './support/app.js'

describe('a login at an operator of CAMARA', () => {
  let sim: Simulator
  let app: App
  beforeAll(async () => { sim = await startOperators() })
  afterAll(() => sim.close())
  beforeEach(() => { sim.handset(ada).network('mobile') })
  afterEach(async () => {
    sim.camara.restore()
    await app.close()
  })
  const tabWith = async (options: Partial<CamaraOptions>, more: AppOptions = {}) => {
    app = await startApp({ provider: providerOf(sim, options), ...more })
    const tab = app.tab()
    await tab.as('ada')
    return tab
  }
  const metadata = async () => await (await fetch(`${sim.camara.issuer}/.well-known/openid-configuration`)).json() as any

  it('a login at an operator fetches no metadata that the options hold', async () => {
    const given = await metadata()
    const before = sim.camara.requests('metadata')
    const tab = await tabWith({ metadata: given })
    expect([(await tab.logIn()).status, sim.camara.requests('metadata')]).toEqual([200, before])
  })

  it('a login sends the browser to the operator over https that the options describe, and asks nobody before', async () => {
    const asked: string[] = []
    const at = 'https://operator.example'
    const provider = camara({
      clientId: 'us', clientKey,
      metadata: { issuer: at, authorization_endpoint: `${at}/authorize`, token_endpoint: `${at}/token`, jwks_uri: `${at}/jwks` },
    })
    app = await startApp({ provider, fetch: (url) => {
      asked.push(addressOf(url))
      return Promise.reject(new TypeError('fetch failed'))
    } })
    const tab = app.tab()
    await tab.as('ada')
    const { status, location } = await tab.begin()
    expect([status, location!.split('?')[0], asked]).toEqual([302, `${at}/authorize`, []])
  })

  it('a login does not begin where the operator publishes no authorization endpoint', async () => {
    const { authorization_endpoint: _, ...rest } = await metadata()
    const tab = await tabWith({ metadata: rest })
    expect(await tab.begin()).toMatchObject({ status: 500, body: { error: { code: 'provider_misconfigured' } } })
  })

  it.each<[string, (metadata: any) => object]>([
    ['spell the issuer in another way', (own) => ({ ...own, issuer: own.issuer.replace('http:', 'HTTP:') })],
    ['name a token endpoint over http', (own) => ({ ...own, token_endpoint: 'http://operator.example/token' })],
    ['lack the key set', (own) => ({ ...own, jwks_uri: undefined })],
  ])('a login does not begin by metadata that %s', async (_, change) => {
    const tab = await tabWith({}, {
      fetch: answeringAt('/.well-known', async (__, really) => Response.json(change(await (await really()).json()))),
    })
    expect(await tab.begin()).toMatchObject({ status: 500, body: { error: { code: 'provider_misconfigured' } } })
  })

  it('a login proves this app by its secret, by HTTP Basic, where the options have no key', async () => {
    const sent: (string | null)[] = []
    const tab = await tabWith({ clientKey: undefined, clientSecret: 'of a test' }, {
      fetch: (url, init) => {
        if (addressOf(url).endsWith('/token')) sent.push(new Headers(init?.headers).get('authorization'))
        return fetch(url, init)
      },
    })
    // The simulator takes private_key_jwt alone.
    expect(await tab.logIn()).toMatchObject({ status: 500, body: { error: { code: 'provider_misconfigured' } } })
    const [scheme, credentials = ''] = sent[0]!.split(' ')
    const pair = new URLSearchParams(`given=${Buffer.from(credentials, 'base64').toString()}`).get('given')
    expect([sent.length, scheme, pair]).toEqual([1, 'Basic', `${sim.camara.clientId}:of a test`])
  })

  it.each(['/verify', '/token'])('an answer of %s that is longer than 1 MiB is the provider\'s failure', async (path) => {
    const tab = await tabWith({}, { fetch: answeringAt(path, () => new Response('x'.repeat(1024 * 1024 + 1))) })
    expect(await tab.logIn()).toMatchObject({ status: 502, body: { error: { code: 'provider_failed' } } })
  })

  it('a login is unavailable when the token endpoint is down, whatever error it names', async () => {
    const tab = await tabWith({})
    sim.camara.fail('token', { status: 503, body: { error: 'under_repair' } })
    expect(await tab.logIn()).toMatchObject({ status: 403, body: { info: { code: 'unavailable', reason: 'provider-unavailable' } } })
    sim.camara.restore()
  })
})
