import { deflateRawSync } from 'node:zlib'
import { Strategy as GoogleStrategy } from 'passport-google-oauth20'
import { anyOf, type FactorOptions } from '../../src/index.js'
import { browser, buildApp, people, pin, Scripted } from '../support/app.js'
import { device, stateIn } from '../support/factors.js'
import { hosted } from '../support/hosted.js'
import { describeWithBackends, type Backend } from '../support/stores.js'

/** Leaves for this address, and takes the user whom an answer names, without looking at anything else of it. */
const trusting = (url: string, seen: unknown[] = []) => {
  const users = people()
  return new Scripted('elsewhere', function (req) {
    const { query, body, url: address, originalUrl } = req
    const named = query.code ?? body.code ?? query.ticket ?? query['openid.identity'] ?? query.oauth_verifier ?? body.SAMLResponse?.split('|')[1]
    if (named === undefined) return this.redirect(url)
    seen.push({ query: { ...query }, body: { ...body }, url: address, originalUrl })
    this.success(users[named])
  })
}

const steps = (url: string, factor: FactorOptions = {}, seen: unknown[] = []) => ({
  strategies: [trusting(url, seen), pin()],
  options: { steps: [anyOf('elsewhere', 'local'), anyOf('pin', 'elsewhere')], factors: { elsewhere: { redirects: true, ...factor }, pin: device } } as never,
})

const authorize = 'https://idp.example/authorize?response_type=code&client_id=acme&scope=openid%20email'
const callback = '/login/elsewhere/callback'

describeWithBackends('An answer of a strategy that uses no state', (create) => {
  let backend: Backend
  beforeEach(async () => { backend = await create() })
  afterEach(() => backend.close())
  const site = (url = authorize, factor: FactorOptions = {}) => {
    const { app } = hosted(backend, steps(url, factor))
    return { app, ada: browser(app), begun: async (who: ReturnType<typeof browser>) => stateIn((await who.post('/login/elsewhere').expect(200)).body.url) }
  }

  it('an answer is taken in the browser that began, once (C-01)', async () => {
    const { ada, begun } = site()
    const state = await begun(ada)
    expect((await ada.get(`${callback}?code=ada&state=${state}`)).body).toMatchObject({ status: 'pending', completed: [{ factor: 'elsewhere' }] })
    expect((await ada.get(`${callback}?code=ada&state=${state}`)).body).toMatchObject({ code: 'flow_expired', status: 401 })
  })

  it('an answer is refused in another browser, with another state, and with none (C-01)', async () => {
    const { app, ada, begun } = site()
    const [thief, victim] = [browser(app), browser(app)]
    const stolen = await begun(thief)
    await begun(victim)
    for (const who of [ada, victim]) {
      for (const state of [`&state=${stolen}`, '&state=', '', `&state[]=${stolen}`]) {
        expect((await who.get(`${callback}?code=alan${state}`)).body).toMatchObject({ code: 'flow_expired' })
        await who.agent.post(callback).type('form').send(`code=alan${state}`).expect(401)
      }
      expect((await who.get('/login')).body).toMatchObject({ status: 'anonymous' })
    }
  })

  it('an answer is taken for no pending login but the one that it was begun in (C-01 at steps)', async () => {
    const { ada, begun } = site()
    const first = await begun(ada)
    await ada.password()
    expect((await ada.get(`${callback}?code=ada&state=${first}`)).body.code).toBe('flow_expired')
    const second = await begun(ada)
    await ada.post('/login/cancel')
    await ada.password()
    expect((await ada.get(`${callback}?code=ada&state=${second}`)).body.code).toBe('flow_expired')
    expect((await ada.get(`${callback}?code=ada&state=${await begun(ada)}`)).body.status).toBe('complete')
  })

  it('an answer for a step-up is refused when its login has ended since (C-01 at require)', async () => {
    const { app, login } = hosted(backend, { ...steps(authorize), routes: (host, its) => { host.get('/vault', its.require({ factors: 'elsewhere' as never }), (_req, res) => { res.json({}) }) } })
    const ada = browser(app)
    await ada.password()
    await ada.post('/login/pin', { code: '246810' })
    const id = (await ada.get('/vault')).body.requirement.id
    const state = stateIn((await ada.post('/login/elsewhere', { for: id }).expect(200)).body.url)
    await login.sessions.revokeAll('u1')
    expect((await ada.get(`${callback}?code=ada&state=${state}`)).body).toMatchObject({ code: 'flow_expired', status: 401 })
    expect((await ada.get('/login')).body).toMatchObject({ status: 'anonymous' })
  })

  it('a strategy that was begun in several tabs comes back in each (C-01)', async () => {
    const { ada, begun } = site()
    const [one, two] = [await begun(ada), await begun(ada)]
    expect(one).not.toBe(two)
    expect((await ada.get(`${callback}?code=ada&state=${one}`)).body.status).toBe('pending')
  })

  it('an answer is taken without a state of ours where the app says that the strategy binds it (C-01)', async () => {
    const { ada } = site(authorize, { state: 'own' })
    expect((await ada.get(`${callback}?code=ada`)).body.status).toBe('pending')
  })
})

describe('A strategy that leaves (C-01)', () => {
  const site = (url: string, seen: unknown[] = []) => {
    const { app, login } = buildApp(steps(url, {}, seen))
    return { app, login, ada: browser(app) }
  }
  const left = async (ada: ReturnType<typeof browser>) => new URL((await ada.post('/login/elsewhere').expect(200)).body.url)

  it('a strategy finds its own state again in the place of ours, wherever it reads the address', async () => {
    for (const own of ['always the same', '{"returnTo":"/x?y=1&z"}']) {
      const seen: any[] = []
      const { ada } = site(`${authorize}&state=${encodeURIComponent(own)}&nonce=n`, seen)
      const to = await left(ada)
      expect([to.searchParams.getAll('state').length, to.searchParams.get('state')]).toEqual([1, expect.stringMatching(/^[\w-]{22}$/)])
      expect(to.search).toContain('scope=openid%20email')
      await ada.get(`${callback}?code=ada&state=${to.searchParams.get('state')}&iss=x`).expect(200)
      await ada.agent.post(callback).type('form').send({ code: 'ada', state: (await left(ada)).searchParams.get('state') }).expect(200)
      const address = `callback?code=ada&iss=x&state=${encodeURIComponent(own)}`
      expect(seen[0]).toEqual({ query: { code: 'ada', iss: 'x', state: own }, body: {}, url: `/elsewhere/${address}`, originalUrl: `/login/elsewhere/${address}` })
      expect(seen[1].body).toEqual({ code: 'ada', state: own })
    }
  })

  it('a strategy finds no state where it had written none', async () => {
    const seen: any[] = []
    const { ada } = site(authorize, seen)
    await ada.get(`${callback}?state=${(await left(ada)).searchParams.get('state')}&code=ada`).expect(200)
    expect(seen).toEqual([{ query: { code: 'ada' }, body: {}, url: '/elsewhere/callback?code=ada', originalUrl: '/login/elsewhere/callback?code=ada' }])
  })

  it('a strategy of OAuth 1 is bound by its request token, also where the user said no there', async () => {
    const { ada } = site('https://api.example/oauth/authorize?oauth_token=NPcudxy0yU5T3tBzho7iCotZ3cnetKwcTIRlX0iwRl0')
    const token = (await left(ada)).searchParams.get('oauth_token')
    await ada.get(`${callback}?oauth_token=another&oauth_verifier=ada`).expect(401)
    expect((await ada.get(`${callback}?oauth_token=${token}&oauth_verifier=ada`)).body.status).toBe('pending')
    const { body } = await ada.get(`${callback}?denied=${(await left(ada)).searchParams.get('oauth_token')}`)
    // It belongs to what was begun: the strategy decides.
    expect(body.status).toBe('redirect')
  })

  it('a strategy of SAML is bound by the id of its request, whether or not the other side repeats a RelayState', async () => {
    const saml = (id: string) => deflateRawSync(`<samlp:AuthnRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="${id}" Version="2.0"/>`).toString('base64')
    const response = (id: string) => `${Buffer.from(`<samlp:Response InResponseTo="${id}"/>`).toString('base64')}|ada`
    const { ada } = site(`https://idp.example/sso?SAMLRequest=${encodeURIComponent(saml('_0123456789abcdef0123'))}&Signature=x`)
    const posted = (body: object) => ada.agent.post(callback).set('Sec-Fetch-Site', 'cross-site').type('form').send(body)
    expect((await left(ada)).search).not.toContain('RelayState')
    expect((await posted({ SAMLResponse: response('_another9876543210another') })).body.code).toBe('flow_expired')
    expect((await posted({ SAMLResponse: response('_0123456789abcdef0123'), RelayState: '/x' })).body.status).toBe('pending')
    expect((await posted({ SAMLResponse: response('_0123456789abcdef0123') })).body.code).toBe('flow_expired')
  })

  it('a strategy of SAML whose ids can be guessed is given a RelayState', async () => {
    const { ada } = site(`https://idp.example/sso?SAMLRequest=${encodeURIComponent(Buffer.from('<AuthnRequest ID="1"/>').toString('base64'))}`)
    const relay = (await left(ada)).searchParams.get('RelayState')
    await ada.agent.post(callback).type('form').send({ SAMLResponse: 'x|ada' }).expect(401)
    expect((await ada.agent.post(callback).type('form').send({ SAMLResponse: 'x|ada', RelayState: relay })).body.status).toBe('pending')
  })

  it('a strategy that leaves by a page with a SAML form is bound likewise', async () => {
    const users = people()
    const request = Buffer.from('<AuthnRequest ID="_0123456789abcdef0123"/>').toString('base64')
    const strategy = new Scripted('elsewhere', function (req) {
      if (req.body.SAMLResponse) return this.success(users.ada)
      req.res.send(`<form method="post" action="https://idp.example/sso"><input type="hidden" name="SAMLRequest" value="${request}"></form>`)
    })
    const { app } = buildApp({ strategies: [strategy, pin()], options: { steps: ['elsewhere', 'pin'], factors: { elsewhere: { redirects: true }, pin: device } } })
    const response = { SAMLResponse: Buffer.from('<Response InResponseTo="_0123456789abcdef0123"/>').toString('base64') }
    const ada = browser(app)
    await ada.agent.post(callback).type('form').send(response).expect(401)
    await ada.form('/login/elsewhere').expect(200)
    expect((await ada.agent.post(callback).type('form').send(response)).body.status).toBe('pending')
  })

  it('a strategy of OpenID 2 or CAS is bound by the address to come back to', async () => {
    for (const [url, name, answer] of [
      [`https://op.example/?openid.mode=checkid_setup&openid.return_to=${encodeURIComponent('https://acme.example/login/elsewhere/callback?a=b')}`, 'openid.return_to', 'openid.mode=id_res&openid.identity=ada'],
      [`https://cas.example/login?service=${encodeURIComponent('https://acme.example/login/elsewhere/callback')}`, 'service', 'ticket=ada'],
    ] as const) {
      const seen: any[] = []
      const { ada } = site(url, seen)
      const back = new URL((await left(ada)).searchParams.get(name)!)
      await ada.get(`${callback}?${answer}`).expect(401)
      expect((await ada.get(`${callback}${back.search}&${answer}`)).body.status).toBe('pending')
      // Whole: it compares the address with the one that the other side was given.
      expect(seen[0].originalUrl).toContain(`state=${back.searchParams.get('state')}`)
    }
  })

  it('a strategy whose request is signed or pushed does not begin, and the programmer is told what to write', async () => {
    for (const more of ['request=eyJhbGciOiJub25lIn0.e30.', 'request_uri=urn%3Aexample%3A1', 'response_mode=query.jwt']) {
      const { ada, login } = site(`${authorize}&${more}`)
      const failures: any[] = []
      login.on('step.failed', (event) => failures.push(event))
      expect((await ada.post('/login/elsewhere')).body).toMatchObject({ status: 500, code: 'misconfigured' })
      expect(failures[0]).toMatchObject({ factor: 'elsewhere', code: 'misconfigured', error: expect.objectContaining({ message: expect.stringContaining('state: \'own\'') }) })
    }
  })

  it('a strategy that was seen to leave takes no answer in another form either', async () => {
    const users = people()
    const odd = new Scripted('elsewhere', function (req) {
      if (req.query.who) this.success(users[req.query.who])
      else this.redirect(authorize)
    })
    const { app } = buildApp({ strategies: [odd, pin()], options: { steps: ['elsewhere', 'pin'], factors: { elsewhere: { redirects: true }, pin: device } } })
    await browser(app).post('/login/elsewhere').expect(200)
    await browser(app).get(`${callback}?who=alan`).expect(401)
  })
})

it('passport-google-oauth20 as it comes is given a state, and takes its answer with that state alone (C-01)', async () => {
  const strategy = new GoogleStrategy({ clientID: 'acme', clientSecret: 's', callbackURL: 'https://acme.example/login/google/callback', scope: ['email'] }, (_access, _refresh, _profile, done) => done(null, people().ada))
  strategy.authenticate = ((authenticate) => function (this: any, req: any, options: any) {
    if (req.query.code) return this.success(people()[req.query.code])
    return authenticate.call(this, req, options)
  })(strategy.authenticate) as never
  const { app } = buildApp({ strategies: [strategy as never, pin()], options: { steps: ['google', 'pin'], factors: { google: { redirects: true }, pin: device } } })
  const ada = browser(app)
  const { body } = await ada.post('/login/google')
  await browser(app).get('/login/google/callback?code=ada').expect(401)
  expect((await ada.get(`/login/google/callback?code=ada&state=${stateIn(body.url)}`)).body.status).toBe('pending')
})
