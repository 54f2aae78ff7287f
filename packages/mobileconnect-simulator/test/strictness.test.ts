import { createHash } from 'node:crypto'
import { exportJWK, generateKeyPair, type JWK } from 'jose'
import * as client from 'openid-client'
import { startSimulator, type Simulator } from 'mobileconnect-simulator'
import { ada, arrive, callback, logIn, queryOf, relyingParty, type RelyingParty } from './support/relying-party.js'
import { Visitor } from './support/visitor.js'

const { clientId, clientSecret } = { clientId: 'x-y', clientSecret: 'a=' }
const encoded = (text: string) => encodeURIComponent(text).replaceAll('-', '%2D')

describe('an operator is as strict as real gateways', () => {
  let sim: Simulator
  let rp: RelyingParty
  beforeAll(async () => {
    sim = await startSimulator({ clients: [{ name: 'Acme' }] })
    rp = await relyingParty(sim.operator('a'))
  })
  afterAll(() => sim.close())

  const refusal = async (parameters: Record<string, string>) => {
    const { url, sent } = await rp.begin(parameters)
    const asked = new URL(url)
    Object.entries(parameters).filter(([, value]) => value === '').forEach(([name]) => asked.searchParams.delete(name))
    const query = queryOf(await new Visitor().open(asked.href, { stopAt: callback }))
    if (parameters.state !== '') expect(query.state).toBe(sent.state)
    return `${query.error}: ${query.error_description}`
  }

  it.each([
    ['version', 'version', ''], ['version', 'version', 'mc_v9'], ['acr_values', 'acr_values', ''], ['acr_values', 'acr_values', 'high'], ['acr_values', 'acr_values', '4'],
    ['state', 'state', ''], ['nonce', 'nonce', ''],
  ])('an operator refuses an authorization whose %s is missing or wrong: %s="%s" (R-72)', async (name, parameter, value) => {
    expect(await refusal({ [parameter]: value })).toBe(`invalid_request: MANDATORY parameter ${name} is missing or invalid`)
  })

  it.each([
    ['one scope', { scope: 'openid' }, 'invalid_scope: The scope value is invalid'],
    ['another client name than the registered one', { client_name: 'Another' }, 'invalid_request: MANDATORY parameter client_name is missing or invalid'],
    ['mc_authz without context', { scope: 'openid mc_authz', client_name: 'Acme' }, 'invalid_request: MANDATORY parameter context is missing or invalid'],
    ['a bare number as hint', { login_hint: ada }, 'invalid_request: Mandatory parameter login_hint is invalid'],
    ['a hint of a kind it does not know', { login_hint: 'tel:+447700900001' }, 'invalid_request: Mandatory parameter login_hint is invalid'],
    ['a hint token', { login_hint_token: 'x' }, 'invalid_request: Mandatory parameter login_hint_token is invalid'],
    ['a number of another operator', { login_hint: 'MSISDN:447700900002' }, 'access_denied: Unknown Mobile Connect User'],
    ['level 3 of a person without PIN', { login_hint: 'MSISDN:447700900003', acr_values: '3' }, 'access_denied: User failed to authenticate'],
    ['prompt=none', { prompt: 'none' }, 'login_required: End-User authentication is required'],
  ])('an operator refuses %s', async (_, parameters, expected) => {
    const said = await refusal(parameters)
    expect(said.split(': ')[0]).toBe(expected.split(': ')[0])
    if (!expected.startsWith('login_required')) expect(said).toBe(expected)
  })

  it('an operator refuses an authorization without PKCE (R-72)', async () => {
    expect(await refusal({ code_challenge: '', code_challenge_method: '' })).toMatch(/^invalid_request: .*PKCE/)
  })

  it.each([['client_id', 'x-unknown'], ['redirect_uri', 'https://attacker.example/callback'], ['redirect_uri', '']])('an operator shows a page, and redirects nowhere, for a wrong %s', async (name, value) => {
    const url = new URL((await rp.begin()).url)
    if (value === '') url.searchParams.delete(name)
    else url.searchParams.set(name, value)
    const { response, text } = await new Visitor().open(url.href)
    expect(response.status).toBe(400)
    expect(text).toContain('That did not work')
  })

  it('an operator downgrades a subscriber without PIN to the second of the acr_values', async () => {
    const { visitor, visit, checks } = await arrive(rp, { login_hint: 'MSISDN:447700900003', acr_values: '3 2' })
    await sim.handset('447700900003').approve()
    const { url } = await visitor.open(visit.url, { stopAt: callback })
    expect((await rp.end(url, checks)).claims()).toMatchObject({ acr: '2' })
  })

  it('an operator reads HTTP Basic byte by byte: a client that percent-encodes its credentials is refused', async () => {
    expect(encoded(`${clientId}:${clientSecret}`)).not.toBe(`${clientId}:${clientSecret}`)
    const operator = sim.operator('a')
    const standard = await relyingParty(operator, client.ClientSecretBasic(operator.clientSecret))
    await expect(logIn(sim, standard)).rejects.toMatchObject({ code: 'OAUTH_WWW_AUTHENTICATE_CHALLENGE', status: 401 })
    const form = await relyingParty(operator, client.ClientSecretPost(operator.clientSecret))
    await expect(logIn(sim, form)).rejects.toMatchObject({ error: 'invalid_client', status: 401 })
  })

  it('an operator hashes the login hint that it was sent, and shows in the ID token what the handset showed', async () => {
    const claims = (await logIn(sim, rp, { scope: 'openid mc_authz', client_name: 'Acme', context: 'Pay 10 EUR', binding_message: 'K7' })).claims()!
    expect(claims).toMatchObject({ displayed_data: 'Pay 10 EUR K7', azp: sim.operator('a').clientId })
    expect(claims.hashed_login_hint).toBe(createHash('sha256').update(`MSISDN:${ada.slice(1)}`).digest('hex'))
  })

  it('an operator asks on the phone each time: there is no single sign-on, and two tabs do not meet', async () => {
    const visitor = new Visitor()
    const [one, two] = [await rp.begin(), await rp.begin({ login_hint: 'MSISDN:447700900003' })]
    const [first, second] = [await visitor.open(one.url), await visitor.open(two.url)]
    await sim.handset('447700900003').approve()
    await sim.handset(ada).approve()
    const subjects = [
      (await rp.end((await visitor.open(second.url, { stopAt: callback })).url, two.checks)).claims()!.sub,
      (await rp.end((await visitor.open(first.url, { stopAt: callback })).url, one.checks)).claims()!.sub,
    ]
    expect(new Set(subjects).size).toBe(2)
    const again = await visitor.open((await rp.begin()).url)
    expect(again.text).toContain('Answer on your phone')
    await sim.handset(ada).deny()
  })

  it('an operator gives no code to another browser than the one that began', async () => {
    const { visit } = await arrive(rp)
    await sim.handset(ada).approve()
    const { response, text } = await new Visitor().open(visit.url)
    expect(response.status).toBe(400)
    expect(text).toContain('began in another browser')
  })

  describe('without a login hint', () => {
    const withoutHint = async () => {
      const { url, checks } = await rp.begin()
      const asked = new URL(url)
      asked.searchParams.delete('login_hint')
      const visitor = new Visitor()
      return { visitor, checks, visit: await visitor.open(asked.href) }
    }

    it('an operator that gets no login hint asks for the number, in any spelling, and then waits', async () => {
      const { visitor, visit, checks } = await withoutHint()
      expect(visit.text).toContain('Your mobile number')
      expect((await visitor.submit(visit.url, { msisdn: '12' })).text).toContain('does not know this number')
      expect((await visitor.submit(visit.url, { msisdn: '+44 (7700) 900-001' })).text).toContain('Answer on your phone')
      await sim.handset(ada).approve()
      const { url } = await visitor.open(visit.url, { stopAt: callback })
      expect((await rp.end(url, checks)).claims()).not.toHaveProperty('hashed_login_hint')
    })

    it('an operator sends the browser back when the person cancels instead of giving a number', async () => {
      const { visitor, visit } = await withoutHint()
      expect(queryOf(await visitor.submit(visit.url, { cancel: 'yes' }, callback))).toMatchObject({ error: 'access_denied' })
    })
  })

  it('an operator takes the request off the handset when the person cancels in the browser', async () => {
    const { visitor, visit } = await arrive(rp)
    expect(queryOf(await visitor.submit(visit.url, { cancel: 'yes' }, callback))).toMatchObject({ error: 'access_denied' })
    expect(sim.handset(ada).pending()).toEqual([])
  })

  it('an operator knows a subscriber by the PCR that it gave this client before', async () => {
    const { sub } = (await logIn(sim, rp)).claims()!
    expect((await logIn(sim, rp, { login_hint: `PCR:${sub}` })).claims()!.sub).toBe(sub)
    expect(await refusal({ login_hint: 'PCR:00000000-0000-4000-a000-000000000000' })).toMatch(/^access_denied/)
  })
})

describe('a client that is registered otherwise', () => {
  let sim: Simulator
  let keys: Awaited<ReturnType<typeof generateKeyPair>>
  beforeAll(async () => {
    keys = await generateKeyPair('RS256')
    const jwks = { keys: [{ ...await exportJWK(keys.publicKey), kid: 'app-1', use: 'sig', alg: 'RS256' } as JWK] }
    sim = await startSimulator({ clients: [{ clientAuth: 'basic' }, { clientAuth: 'post' }, { clientAuth: 'private_key_jwt', jwks }] })
  })
  afterAll(() => sim.close())
  const as = (index: number) => ({ ...sim.operator('a'), ...sim.operator('a').clients[index]! })

  it('a client logs in with the Basic of RFC 6749, with the form, and with a signed assertion, as it is registered', async () => {
    const [basic, post, assertion] = [as(0), as(1), as(2)]
    const parties = [
      await relyingParty(basic, client.ClientSecretBasic(basic.clientSecret)),
      await relyingParty(post, client.ClientSecretPost(post.clientSecret)),
      await relyingParty(assertion, client.PrivateKeyJwt({ key: keys.privateKey, kid: 'app-1' })),
    ]
    const subjects = []
    for (const party of parties) subjects.push((await logIn(sim, party)).claims()!.sub)
    expect(new Set(subjects).size).toBe(3)
    const { visit } = await arrive(parties[1]!, { login_hint: `PCR:${subjects[0]}` })
    expect(queryOf(visit)).toMatchObject({ error: 'access_denied', error_description: 'Unknown Mobile Connect User' })
  })

  it('a client that is registered for it may push its request, and may sign it (RFC 9126, RFC 9101)', async () => {
    const party = await relyingParty(as(2), client.PrivateKeyJwt({ key: keys.privateKey, kid: 'app-1' }))
    const { sent, checks } = await party.begin()
    const pushed = await client.buildAuthorizationUrlWithPAR(party.configuration, sent)
    const signed = await client.buildAuthorizationUrlWithJAR(party.configuration, sent, { key: keys.privateKey, kid: 'app-1' })
    for (const { href } of [pushed, signed]) {
      const visitor = new Visitor()
      const visit = await visitor.open(href, { stopAt: callback })
      expect(visit.text).toContain('Answer on your phone')
      await sim.handset(ada).approve()
      const { url } = await visitor.open(visit.url, { stopAt: callback })
      expect((await party.end(url, checks)).claims()).toMatchObject({ acr: '2' })
    }
    await expect(client.buildAuthorizationUrlWithPAR(party.configuration, { ...sent, version: '' })).rejects.toMatchObject({ error: 'invalid_request' })
    expect(sim.operator('a').requests('par')).toBe(2)
  })
})
