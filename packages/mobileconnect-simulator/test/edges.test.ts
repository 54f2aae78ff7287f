import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import * as client from 'openid-client'
import { startSimulator, type Simulator, type SimulatorOptions } from 'mobileconnect-simulator'
import { ada, arrive, callback, logIn, queryOf, relyingParty, type RelyingParty } from './support/relying-party.js'
import { Visitor } from './support/visitor.js'

const bob = '+447700900003'

describe('a simulator that is asked for what it cannot do', () => {
  it.each<[string, unknown, string]>([
    ['no options', null, 'startSimulator takes an object of options.'],
    ['a list', [], 'startSimulator takes an object of options.'],
    ['an option of no likeness', { persons: [] }, 'startSimulator has no option persons. There are operators, subscribers,'],
    ['a subscriber without a number', { subscribers: [{ msisdn: ' ', operator: 'a' }] }, 'The msisdn of a subscriber is required'],
    ['a duration in the past', { patience: '-5m' }, 'patience is a duration such as'],
    ['levels that are no list', { operators: [{ id: 'a', mcc: '001', mnc: '01', levels: 3 }] }, 'levels is a list such as [2, 3]'],
  ])('startSimulator() refuses %s in words', async (_, options, message) => {
    await expect(startSimulator(options as SimulatorOptions)).rejects.toThrow(message)
  })
})

describe('a simulator', () => {
  let sim: Simulator
  let rp: RelyingParty
  beforeAll(async () => {
    sim = await startSimulator({ operators: [{ id: 'ab', mcc: '001', mnc: '01' }], clients: [{ name: 'Acme' }] })
    rp = await relyingParty(sim.operator('ab'))
  })
  afterAll(() => sim.close())
  afterEach(async () => {
    sim.operator('ab').restore()
    for (const { id } of sim.handsets.prompts()) await sim.handsets.deny(id)
  })

  it('a simulator with one operator has all its subscribers there', () => {
    expect(sim.handsets.subscribers.map(({ operator }) => operator)).toEqual(['ab', 'ab', 'ab'])
  })

  it('a simulator answers a request that names no host with 421, as one that names a foreign host', async () => {
    const socket = connect(Number(new URL(sim.url).port), '127.0.0.1')
    socket.end('GET / HTTP/1.0\r\n\r\n')
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 421 /)
  })

  it('a simulator gives secrets with a = in them, no matter what the operator is called', () => {
    for (const { clientSecret } of [sim.operator('ab'), sim.discovery]) expect(clientSecret).toContain('=')
  })

  it('addSubscriber() gives the subscriber that is there already for the same number', () => {
    const before = sim.handsets.subscribers.length
    expect(sim.addSubscriber({ msisdn: '44 7700 900001', operator: 'ab' }).msisdn).toBe(ada)
    expect(sim.handsets.subscribers).toHaveLength(before)
  })

  it('a simulator shows no stack for a body that cannot be read', async () => {
    const response = await fetch(`${sim.url}/handsets/prompts/x/approve`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{' })
    expect([response.status, await response.json()]).toEqual([400, { error: 'invalid_request', error_description: 'The request cannot be served.' }])
  })

  it('a handset knows three answers to a prompt, and takes only a PIN that is a text', async () => {
    await arrive(rp, { acr_values: '3' })
    const [prompt] = sim.handset(ada).pending()
    const post = async (answer: string, body?: object) => (await fetch(`${sim.url}/handsets/prompts/${prompt!.id}/${answer}`, {
      method: 'POST', ...body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) },
    })).status
    expect([await post('accept'), await post('approve'), await post('approve', { pin: 1234 }), await post('approve', { pin: '1234' }), await post('deny')]).toEqual([404, 400, 400, 204, 409])
  })

  it.each([
    ['an encrypted number that another key made', `ENCR_MSISDN:${'ab'.repeat(256)}`],
    ['an encrypted number that no key could have made', `ENCR_MSISDN:${'ff'.repeat(256)}`],
    ['an encrypted number that is too short', 'ENCR_MSISDN:abcd'],
    ['a PCR that it never gave', 'PCR:00000000-0000-4000-a000-000000000000'],
  ])('an operator knows nobody by %s', async (_, hint) => {
    expect(queryOf((await arrive(rp, { login_hint: hint })).visit)).toMatchObject({ error: 'access_denied', error_description: 'Unknown Mobile Connect User' })
  })

  it('an operator knows a person again by the PCR that it gave', async () => {
    const { sub } = (await logIn(sim, rp)).claims()!
    expect((await logIn(sim, rp, { login_hint: `PCR:${sub}` })).claims()!.sub).toBe(sub)
  })

  it('an operator puts what the claims parameter asks for into the token', async () => {
    const tokens = await logIn(sim, rp, { scope: 'openid mc_authn', claims: JSON.stringify({ id_token: { phone_number: null }, userinfo: {} }) })
    expect(tokens.claims()).toMatchObject({ phone_number: ada })
    expect((await logIn(sim, rp, { scope: 'openid mc_authn' })).claims()).not.toHaveProperty('phone_number')
  })

  it('an operator asks for the number where no hint says it, and asks again for a number that nobody has', async () => {
    const { url, checks } = await rp.begin()
    const asked = new URL(url)
    asked.searchParams.delete('login_hint')
    const visitor = new Visitor()
    const page = await visitor.open(asked.href)
    for (const fields of [{ msisdn: '+44 7700 900999' }, {}]) {
      const again = await visitor.submit(page.url, fields)
      expect(again.response.status).toBe(404)
      expect(again.text).toContain('does not know this number')
    }
    await visitor.submit(page.url, { msisdn: bob })
    await sim.handset(bob).approve()
    expect((await rp.end((await visitor.open(page.url, { stopAt: callback })).url, checks)).claims()).toMatchObject({ acr: '2' })
  })

  it('an operator takes the request off the handset when the person cancels in the browser', async () => {
    const { visitor, visit } = await arrive(rp)
    expect(queryOf(await visitor.submit(visit.url, { cancel: 'yes' }, callback))).toMatchObject({ error: 'access_denied' })
    expect(sim.handset(ada).pending()).toEqual([])
  })

  it('an operator shows one browser\'s request to no other browser', async () => {
    const { visit } = await arrive(rp)
    const stranger = new Visitor()
    expect([(await stranger.open(visit.url)).response.status, (await stranger.submit(visit.url, { cancel: 'yes' })).response.status]).toEqual([400, 400])
    expect(sim.handset(ada).pending()).toHaveLength(1)
  })

  it('a handset waits for its own prompt, whatever prompts come to others', async () => {
    const next = sim.handset(bob).next()
    await arrive(rp)
    await arrive(rp, { login_hint: `MSISDN:${bob.slice(1)}` })
    expect((await next).msisdn).toBe(bob)
  })

  it('an operator refuses a misbehaviour and a skew that it does not know', () => {
    const operator = sim.operator('ab')
    expect(() => operator.misbehave('nonsense' as 'nonce')).toThrow('There is no misbehaviour nonsense. There are ')
    expect(() => operator.skew('soon')).toThrow('skew is a duration such as')
    expect(() => operator.skew(60 as unknown as string)).toThrow('write a string with its unit')
  })

  describe('by backchannel', () => {
    const begin = (parameters: Record<string, string> = {}) => client.initiateBackchannelAuthentication(rp.configuration, { scope: 'openid mc_authn', login_hint: `MSISDN:${ada.slice(1)}`, ...parameters })
    const poll = (id: string) => client.genericGrantRequest(rp.configuration, 'urn:openid:params:grant-type:ciba', { auth_req_id: id })

    it('a backchannel login shows no binding message that fills the screen', async () => {
      await expect(begin({ binding_message: 'x'.repeat(101) })).rejects.toMatchObject({ error: 'invalid_binding_message' })
    })

    it('a backchannel login waits no longer than the client asks', async () => {
      expect((await begin({ requested_expiry: '30' })).expires_in).toBe(30)
      expect((await begin({ requested_expiry: '3000' })).expires_in).toBe(120)
    })

    it('a backchannel login rings no handset for a level that the subscriber cannot reach', async () => {
      const { auth_req_id: id } = await begin({ login_hint: `MSISDN:${bob.slice(1)}`, acr_values: '3' })
      await expect(poll(id)).rejects.toMatchObject({ error: 'access_denied' })
      expect(sim.handset(bob).pending()).toEqual([])
    })
  })

  describe('on the operator-selection page', () => {
    const ask = async () => {
      const { url, clientId, clientSecret } = sim.discovery
      const response = await fetch(`${url}?Redirect_URL=${encodeURIComponent(callback)}`, { headers: { authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}` } })
      return ((await response.json()) as { links: { href: string }[] }).links[0]!.href
    }

    it('the operator-selection page knows only browsers that discovery sent there', async () => {
      const [page] = (await ask()).split('?')
      for (const url of [page!, `${page}?session_id=x`]) {
        expect((await fetch(url)).status).toBe(404)
        expect((await fetch(url, { method: 'POST', body: new URLSearchParams({ operator: 'ab' }) })).status).toBe(404)
      }
    })

    it('the operator-selection page asks again for a number that nobody has, and lets the person cancel', async () => {
      const visitor = new Visitor()
      const page = await ask()
      for (const fields of [{ msisdn: '447700900999' }, { operator: 'z' }, {}]) expect((await visitor.submit(page, fields as Record<string, string>, callback)).response.status).toBe(404)
      expect(queryOf(await visitor.submit(page, { cancel: 'yes' }, callback))).toEqual({ error: 'access_denied', error_description: 'User cancelled' })
    })
  })
})
