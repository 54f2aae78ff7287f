import { ada, comeBack, configured, hinted, path, stage } from './support/operators.js'

type Stage = Awaited<ReturnType<typeof stage>>

describe('a login at one operator', () => {
  let at: Stage
  beforeAll(async () => { at = await stage() })
  afterAll(() => at.close())
  afterEach(() => at.sim.operator('a').restore())

  it('a login at one operator sends the user to the operator, and back comes who they are', async () => {
    const tab = at.app.tab()
    const callback = await comeBack(at.sim, at.app, tab)
    const answer = await tab.get(path(callback))
    expect(answer.body).toMatchObject({ outcome: { verified: true }, info: { amr: ['mca', 'SIM_OK'], acr: '2' } })
    const [identity] = at.app.identities.slice(-1)
    expect(identity).toMatchObject({ issuer: at.sim.operator('a').issuer, operator: 'a', acr: '2', amr: ['SIM_OK'] })
    expect(identity!.authTime).toBeInstanceOf(Date)
    expect(identity!.tokens).toMatchObject({ tokenType: 'bearer', accessToken: expect.any(String), idToken: expect.any(String) })
    expect(identity!.claims.sub).toBe(identity!.sub)
    expect(identity!.userinfo).toMatchObject({ sub: identity!.sub })
    expect((await tab.get('/me')).body.user.id).toBe(`${identity!.issuer} ${identity!.sub}`)
  })

  it('a login at one operator asks with state, nonce and PKCE S256, and what Mobile Connect wants beside them (R-72, M-17)', async () => {
    await at.close()
    at = await stage((sim) => ({ operator: configured(sim.operator('a')), loginHint: hinted(ada), pushedAuthorizationRequests: false }))
    const { location } = await at.app.tab().get('/login')
    const asked = Object.fromEntries(new URL(location!).searchParams)
    expect(asked).toMatchObject({
      response_type: 'code', client_id: at.sim.operator('a').clientId, scope: 'openid mc_authn', acr_values: '2', version: 'mc_di_r2_v2.3',
      redirect_uri: `${at.app.origin}/callback/a`, code_challenge_method: 'S256', login_hint: `MSISDN:${ada.slice(1)}`,
      state: expect.stringMatching(/^[\w-]{43}$/), nonce: expect.stringMatching(/^[\w-]{43}$/), code_challenge: expect.stringMatching(/^[\w-]{43}$/),
    })
  })
})
