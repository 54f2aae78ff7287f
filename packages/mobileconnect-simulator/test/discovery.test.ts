import { startSimulator, type Simulator } from 'mobileconnect-simulator'
import { ada, arrive, callback, queryOf, relyingParty } from './support/relying-party.js'
import { Visitor } from './support/visitor.js'

describe('the discovery service', () => {
  let sim: Simulator
  beforeAll(async () => { sim = await startSimulator() })
  afterAll(() => sim.close())

  const basic = (id: string, secret: string) => `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`
  const ask = async (parameters: Record<string, string>, { method = 'POST', authorization = basic(sim.discovery.clientId, sim.discovery.clientSecret) } = {}) => {
    const body = new URLSearchParams({ Redirect_URL: callback, ...parameters })
    const url = method === 'GET' ? `${sim.discovery.url}?${body.toString()}` : sim.discovery.url
    const response = await fetch(url, { method, headers: { authorization, accept: 'application/json' }, ...method === 'GET' ? {} : { body } })
    return { status: response.status, body: await response.json() as any }
  }

  it('the discovery service finds the operator of a number, with this client\'s credentials there and an encrypted number', async () => {
    const { status, body } = await ask({ MSISDN: '447700900001', correlation_id: 'c-1' })
    const { clientId, clientSecret, issuer } = sim.operator('a')
    expect(status).toBe(200)
    expect(body).toMatchObject({ correlation_id: 'c-1', ttl: expect.any(Number), subscriber_id: expect.stringMatching(/^[0-9a-f]{512}$/) })
    expect(body.response).toMatchObject({ client_id: clientId, client_secret: clientSecret, serving_operator: 'Operator A' })
    expect(body.response.apis.operatorid.link).toContainEqual({ rel: 'openid-configuration', href: `${issuer}/.well-known/openid-configuration` })
    expect([clientId, clientSecret]).not.toEqual([sim.discovery.clientId, sim.discovery.clientSecret])
  })

  it('the discovery service pads the encrypted number afresh each time, and the operator reads it as login hint (M-32)', async () => {
    const [first, second] = [await ask({ MSISDN: '447700900001' }), await ask({ MSISDN: '447700900001' })]
    expect(first.body.subscriber_id).not.toBe(second.body.subscriber_id)
    await arrive(await relyingParty(sim.operator('a')), { login_hint: `ENCR_MSISDN:${first.body.subscriber_id}` })
    expect(sim.handset(ada).pending()).toHaveLength(1)
    await sim.handset(ada).deny()
  })

  it('the discovery service finds the operator by the network: the one that the person chose before the one that the device is on', async () => {
    const { body } = await ask({ 'Selected-MCC': '001', 'Selected-MNC': '02', 'Identified-MCC': '001', 'Identified-MNC': '01' }, { method: 'GET' })
    expect(body.response.serving_operator).toBe('Operator B')
    expect((await ask({ 'Identified-MCC': '001', 'Identified-MNC': '01' })).body.response.serving_operator).toBe('Operator A')
  })

  it('the discovery service answers "Operator Not Found" with 200, as exchanges in the field do', async () => {
    expect(await ask({ MSISDN: '447700900999' })).toEqual({ status: 200, body: { error: 'Not_Found_Entity', description: 'Operator Not Found' } })
    expect(await ask({ 'Selected-MCC': '999', 'Selected-MNC': '99' })).toEqual({ status: 200, body: { error: 'Not_Found_Entity', description: 'Operator Not Found' } })
  })

  it.each([['the operator itself', { operator: 'b' }, 'Operator B'], ['the number', { msisdn: '+44 7700 900001' }, 'Operator A']])(
    'the discovery service asks the person on the selection page, who chooses %s', async (_, choice, name) => {
      const { status, body } = await ask({ correlation_id: 'c-2' })
      expect(status).toBe(202)
      const { href } = body.links.find(({ rel }: { rel: string }) => rel === 'operatorSelection')
      const visitor = new Visitor()
      expect((await visitor.open(href)).text).toContain('Operator B')
      const back = queryOf(await visitor.submit(href, choice, callback))
      expect(back.correlation_id).toBe('c-2')
      const [mcc, mnc] = back.mcc_mnc!.split('_')
      expect((await ask({ 'Selected-MCC': mcc!, 'Selected-MNC': mnc! })).body.response.serving_operator).toBe(name)
      expect('subscriber_id' in back).toBe('msisdn' in choice)
    })

  it('the discovery service says in words what is wrong with a choice, and with a request', async () => {
    const { body } = await ask({})
    const { href } = body.links[0]
    const visitor = new Visitor()
    const unknown = await visitor.submit(href, { msisdn: '+44 7700 900999' })
    expect([unknown.response.status, unknown.text.includes('No operator here knows that number.')]).toEqual([404, true])
    expect(queryOf(await visitor.submit(href, { cancel: 'yes' }, callback))).toMatchObject({ error: 'access_denied' })
    expect((await visitor.open(href.replace(/session_id=.*/, 'session_id=none'))).text).toContain('This request is over')
    expect(await ask({ 'Selected-MCC': '1' })).toMatchObject({ status: 400, body: { error: 'invalid_request' } })
    const garbled = await fetch(sim.discovery.url, { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded; charset=none' }, body: 'a=b' })
    expect([garbled.status, await garbled.json()]).toEqual([415, { error: 'invalid_request', error_description: 'The request cannot be served.' }])
  })

  it('the discovery service sends a browser that asks for HTML to the page at once', async () => {
    const authorization = basic(sim.discovery.clientId, sim.discovery.clientSecret)
    const response = await fetch(`${sim.discovery.url}/?Redirect_URL=${encodeURIComponent(callback)}&MSISDN`, { redirect: 'manual', headers: { authorization, accept: 'text/html' } })
    expect([response.status, response.headers.get('location')]).toEqual([302, expect.stringContaining('/users/operator-selection?session_id=')])
  })

  it('the discovery service refuses percent-encoded credentials, the credentials of an operator, and a request without credentials', async () => {
    const { clientId, clientSecret } = sim.discovery
    const encode = (text: string) => encodeURIComponent(text).replaceAll('-', '%2D')
    const refused = await Promise.all([basic(encode(clientId), encode(clientSecret)), basic(sim.operator('a').clientId, sim.operator('a').clientSecret), ''].map((authorization) => ask({ MSISDN: '447700900001' }, { authorization })))
    expect(refused.map(({ status }) => status)).toEqual([401, 401, 401])
  })

  it('the discovery service refuses a Redirect_URL that is not on loopback, when the client has registered none', async () => {
    expect(await ask({ Redirect_URL: 'https://app.example/callback' })).toMatchObject({ status: 400, body: { error: 'invalid_request' } })
  })
})
