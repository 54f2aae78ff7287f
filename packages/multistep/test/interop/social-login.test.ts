import { Strategy as OAuth2Strategy } from 'passport-oauth2'
import { Strategy as OpenIDConnectStrategy } from 'passport-openidconnect'
import { anyOf, passed, when, type Step } from '../../src/index.js'
import { browser, buildApp, people, pin, type Person } from '../support/app.js'
import { device } from '../support/factors.js'
import { openIdProvider, signInAt } from '../support/provider.js'

type Provider = Awaited<ReturnType<typeof openIdProvider>>
const site = 'https://acme.example'
const redirectUris = [`${site}/login/social/callback`]
let provider: Provider
beforeAll(async () => { provider = await openIdProvider(redirectUris) })
afterAll(() => provider.close())

/** passport-oauth2, as most social logins are built on it; who a person is comes from the userinfo endpoint. */
const oauth2 = (users: Record<string, Person>) => {
  const strategy = new OAuth2Strategy({
    authorizationURL: `${provider.issuer}/auth`,
    tokenURL: `${provider.issuer}/token`,
    clientID: provider.client.client_id,
    clientSecret: provider.client.client_secret,
    callbackURL: redirectUris[0]!,
    scope: 'openid',
    state: true,
  }, (_access: string, _refresh: string, profile: { sub: string }, done: (error: unknown, user?: any) => void) => done(null, users[profile.sub]))
  strategy.userProfile = (accessToken, done) => {
    fetch(`${provider.issuer}/me`, { headers: { authorization: `Bearer ${accessToken}` } })
      .then((response) => response.json()).then((profile) => done(null, profile), (error: unknown) => done(error))
  }
  return strategy
}

const openIdConnect = (users: Record<string, Person>) => new OpenIDConnectStrategy({
  issuer: provider.issuer,
  authorizationURL: `${provider.issuer}/auth`,
  tokenURL: `${provider.issuer}/token`,
  userInfoURL: `${provider.issuer}/me`,
  clientID: provider.client.client_id,
  clientSecret: provider.client.client_secret,
  callbackURL: redirectUris[0]!,
}, (_issuer: string, profile: { id: string }, done: (error: Error | null, user?: any) => void) => done(null, users[profile.id]))

describe.each([['passport-oauth2', oauth2, 'oauth2'], ['passport-openidconnect', openIdConnect, 'openidconnect']] as const)('%s, unmodified, against a real provider', (_, strategyOf, strategy) => {
  function setup(steps: Step[] = ['social', 'pin']) {
    const users = people()
    const { app } = buildApp({ users, strategies: [strategyOf(users) as never, pin()], options: { steps: steps, factors: { social: { strategy, redirects: true }, ...(steps.includes('pin') ? { pin: device } : {}) } } })
    return { app, browsing: browser(app) }
  }
  /** The whole way to the provider and back, as far as the app's callback path. */
  const signedIn = async (browsing: ReturnType<typeof browser>, name: string) => {
    const { body } = await browsing.post('/login/social').expect(200)
    const back = await signInAt(provider.issuer, body.url, name)
    return back.slice(site.length)
  }

  it('the strategy is a first factor: back from the provider the login is pending, and the second factor is asked for (F-10)', async () => {
    const { browsing } = setup()
    await browsing.page(await signedIn(browsing, 'ada')).expect(303).expect('Location', '/login')
    expect(await browsing.who()).toMatchObject({ authenticated: false })
    expect((await browsing.post('/login/pin', { code: '246810' })).body).toMatchObject({ status: 'complete' })
    expect(await browsing.who()).toMatchObject({ user: 'u1' })
  })

  it('the strategy is a second factor for the same user only (F-22)', async () => {
    const { browsing } = setup([anyOf('local', 'social'), when(passed('local'), 'social')])
    await browsing.password('ada')
    expect((await browsing.get(await signedIn(browsing, 'alan'))).body).toMatchObject({ code: 'person_mismatch', status: 403 })
    expect(await browsing.who()).toMatchObject({ authenticated: false })
    await browsing.password('ada')
    expect((await browsing.get(await signedIn(browsing, 'ada'))).body).toMatchObject({ status: 'complete' })
    expect(await browsing.who()).toMatchObject({ user: 'u1' })
  })

  it('the strategy\'s answer is refused in a browser that did not begin (login CSRF), and when it comes twice', async () => {
    const { app, browsing } = setup()
    const path = await signedIn(browsing, 'ada')
    const victim = browser(app)
    expect((await victim.get(path)).status).toBeGreaterThanOrEqual(400)
    await browsing.get(path).expect(200)
    const again = await browsing.get(path)
    expect(again.status).toBeGreaterThanOrEqual(400)
    expect((await victim.get('/login')).body).toMatchObject({ status: 'anonymous' })
  })

  it('a refusal at the provider is told, but not in words out of the URL, and the login can go on (M-25)', async () => {
    const { browsing } = setup()
    const { body } = await browsing.post('/login/social').expect(200)
    const state = new URL(body.url).searchParams.get('state')!
    expect((await browsing.get(`/login/social/callback?error=access_denied&error_description=Call+0900+now&state=${state}`)).body).toMatchObject({ code: 'factor_failed', detail: 'That was not right. Try again.' })
    await browsing.get(await signedIn(browsing, 'ada')).expect(200)
  })
})
