import { CALLBACK, DISCOVERY, found, ISSUER, metadata, METADATA, startExchange, told, type Kit } from './support/exchange.js'
import { reply } from './support/internet.js'
import { gsmaDiscovery } from '../src/index.js'

let kit: Kit
beforeEach(async () => { kit = await startExchange({ issuers: [ISSUER, 'https://second.example'] }) })
afterEach(() => kit.close())

/** Nothing but the discovery service itself was asked. */
const askedNobodyElse = () => kit.internet.asked.every(({ url }) => url.href === DISCOVERY)
const good = { authorization: `${ISSUER}/a`, token: `${ISSUER}/t`, jwks: `${ISSUER}/k` }

const within = [
  'https://127.0.0.1/x', 'https://localhost/x', 'https://10.0.0.8/x', 'https://172.16.3.4/x', 'https://192.168.1.1/x', 'https://169.254.169.254/latest/meta-data', 'https://100.64.0.1/x',
  'https://0.0.0.0/x', 'https://0x7f.1/x', 'https://2130706433/x', 'https://[::1]/x', 'https://[::ffff:10.0.0.8]/x', 'https://[fd00::1]/x', 'https://[fe80::1]/x', 'https://[64:ff9b::a00:8]/x', 'https://[2002:a00:8::]/x', 'https://[fec0::1]/x',
  'https://intranet/x', 'https://db.internal/x', 'https://printer.local/x', 'https://a.localhost./x',
]

describe('What discovery names', () => {
  it.each(['authorization', 'token', 'userinfo', 'premiuminfo', 'jwks', 'openid-configuration', 'issuer'])('is refused at http:, without a request: %s (M-18)', async (rel) => {
    kit.answer(reply(200, found({ ...good, [rel]: `http://operator.example/${rel}` })))
    expect(await kit.failure()).toMatchObject({ code: 'issuer_not_allowed', status: 502, expose: false })
    expect(askedNobodyElse()).toBe(true)
  })

  it.each(within)('is refused inside this network, without a request: %s (M-18)', async (href) => {
    for (const rel of ['token', 'openid-configuration']) {
      kit.answer(reply(200, found({ ...good, [rel]: href })))
      expect(await kit.failure()).toMatchObject({ code: 'issuer_not_allowed' })
    }
    expect(askedNobodyElse()).toBe(true)
  })

  it.each(['https://evil.example', 'https://operator.example.evil.example', 'https://evil-operator.example', `${ISSUER}/`, `${ISSUER}/other`, 'HTTPS://OPERATOR.EXAMPLE', `${ISSUER}#`, 'operator.example'])(
    'is refused as issuer when it is not on the list, character by character: %s (R-75)',
    async (issuer) => {
      kit.answer(reply(200, found({ issuer })))
      expect(await kit.failure()).toMatchObject({ code: 'issuer_not_allowed' })
      expect(askedNobodyElse()).toBe(true)
    },
  )

  it.each(['https://evil.example/.well-known/openid-configuration', 'https://second.example/.well-known/openid-configuration', 'https://operator.example:8443/x', 'https://notoperator.example/x'])(
    'is refused as metadata of a trusted issuer from another host: %s (R-75, M-20)',
    async (configuration) => {
      kit.answer(reply(200, found({ issuer: ISSUER, 'openid-configuration': configuration })))
      kit.internet.answer(configuration, reply(200, metadata()))
      expect(await kit.failure()).toMatchObject({ code: 'issuer_not_allowed' })
      expect(askedNobodyElse()).toBe(true)
    },
  )

  it.each(['authorization', 'token', 'jwks', 'userinfo'])('is refused on a foreign host where nothing but links is known: %s (R-75)', async (rel) => {
    kit.answer(reply(200, found({ ...good, [rel]: 'https://evil.example/x' })))
    expect(await kit.failure()).toMatchObject({ code: 'issuer_not_allowed' })
    expect(askedNobodyElse()).toBe(true)
  })

  it('is overridden on a foreign host by the operator\'s own metadata, and never fills what that leaves out', async () => {
    kit.answer(reply(200, found({ issuer: ISSUER, token: 'https://evil.example/t', premiuminfo: 'https://evil.example/p' })))
    const answer = await kit.find()
    expect(answer).toMatchObject({ operator: { metadata: { token_endpoint: `${ISSUER}/token` } } })
    expect(told(answer)).not.toContain('evil')
  })

  it('may be below the issuer\'s host', async () => {
    kit.answer(reply(200, found({ ...good, token: 'https://api.operator.example/t' })))
    expect(await kit.find()).toMatchObject({ operator: { metadata: { token_endpoint: 'https://api.operator.example/t' } } })
  })

  it('is one issuer\'s: links that lie at several are refused (R-75)', async () => {
    kit.answer(reply(200, found({ ...good, jwks: 'https://second.example/k' })))
    expect(await kit.failure()).toMatchObject({ code: 'issuer_not_allowed' })
  })

  it('is refused where it could be either of two issuers of one host', async () => {
    const other = await startExchange({ issuers: [`${ISSUER}/a`, `${ISSUER}/b`] })
    other.answer(reply(200, found(good)))
    expect(await other.failure()).toMatchObject({ code: 'operator_misconfigured', message: expect.stringContaining('it has to name the issuer') })
    other.answer(reply(200, found({ ...good, jwks: '' })))
    expect(await other.failure()).toMatchObject({ code: 'operator_misconfigured', message: expect.stringContaining('neither the metadata nor the keys') })
    await other.close()
  })

  it('may be private, or http: on loopback, at the home of an issuer that the app itself named', async () => {
    const issuer = 'http://127.0.0.1:4001'
    const other = await startExchange({ issuers: [issuer] })
    const ways = { authorization: `${issuer}/a`, token: `${issuer}/t`, jwks: `${issuer}/k` }
    other.answer(reply(200, found(ways)))
    expect(await other.find()).toMatchObject({ operator: { issuer, id: '127.0.0.1-4001' } })
    for (const href of ['http://127.0.0.1:4002/t', 'http://localhost:4001/t', 'https://127.0.0.1:4001/t']) {
      other.answer(reply(200, found({ ...ways, token: href })))
      expect(await other.failure()).toMatchObject({ code: 'issuer_not_allowed' })
    }
    await other.close()
  })
})

describe('An operator\'s metadata', () => {
  const publish = (parts: Record<string, unknown>) => { kit.internet.answer(METADATA, reply(200, metadata(ISSUER, parts))) }

  it.each(['https://second.example', 'https://evil.example', `${ISSUER}/`])('is refused with the issuer %s, and the links are no way around it (M-20)', async (issuer) => {
    kit.answer(reply(200, found({ ...good, issuer: ISSUER })))
    publish({ issuer })
    expect(await kit.failure()).toMatchObject({ code: 'issuer_not_allowed' })
  })

  it('is refused with an issuer of another host, where discovery named only the metadata (M-20)', async () => {
    kit.answer(reply(200, found({ 'openid-configuration': METADATA })))
    publish({ issuer: 'https://second.example' })
    expect(await kit.failure()).toMatchObject({ code: 'issuer_not_allowed' })
  })

  it.each(within)('is refused when it leads into this network: %s (M-18)', async (href) => {
    for (const member of ['token_endpoint', 'jwks_uri', 'userinfo_endpoint', 'pushed_authorization_request_endpoint', 'backchannel_authentication_endpoint']) {
      publish({ [member]: href })
      expect(await kit.failure()).toMatchObject({ code: 'operator_misconfigured', status: 500, message: expect.stringContaining(member) })
    }
  })

  it('is refused with other addresses for clients with certificates, if they lead into this network', async () => {
    publish({ mtls_endpoint_aliases: { token_endpoint: 'https://10.0.0.1/' } })
    expect(await kit.failure()).toMatchObject({ code: 'operator_misconfigured' })
  })

  it('may name public hosts of others: it is the operator who says so', async () => {
    publish({ jwks_uri: 'https://keys.example/k' })
    expect(await kit.find()).toMatchObject({ operator: { metadata: { jwks_uri: 'https://keys.example/k' } } })
  })

  it.each(['authorization_endpoint', 'token_endpoint', 'jwks_uri'])('is refused without %s, and is not kept', async (member) => {
    publish({ [member]: undefined })
    expect(await kit.failure()).toMatchObject({ code: 'operator_misconfigured', message: `The operator ${ISSUER} publishes no ${member}, which every login needs.` })
    publish({})
    expect(await kit.find()).toMatchObject({ status: 'found' })
  })

  it('is not followed through a redirect (M-18)', async () => {
    const elsewhere = 'https://evil.example/metadata'
    kit.internet.answer(METADATA, reply(302, '', { location: elsewhere }))
    kit.internet.answer(elsewhere, reply(200, metadata()))
    expect(await kit.failure()).toMatchObject({ code: 'operator_unavailable', status: 503 })
    expect(kit.internet.count(elsewhere)).toBe(0)
  })
})

describe('Options of gsmaDiscovery', () => {
  const right = { url: DISCOVERY, clientId: 'a', clientSecret: 'b', redirectURL: CALLBACK, issuers: [ISSUER] }

  it.each<[string, object]>([
    ['gsmaDiscovery has no option redirectUrl. Did you mean redirectURL?', { redirectUrl: CALLBACK }],
    ['url is an absolute address', { url: 'discovery.example' }],
    ['url begins with https:', { url: 'http://discovery.example' }],
    ['redirectURL begins with https:', { redirectURL: 'http://acme.example/callback' }],
    ['clientId is required', { clientId: '' }],
    ['clientSecret is required', { clientSecret: undefined }],
    ['issuers is a list', { issuers: ISSUER }],
    ['issuers is empty, so no operator could be found', { issuers: [] }],
    ['issuers[0] is an absolute address', { issuers: [{ issuer: ISSUER }] }],
    ['issuers[1] begins with https:', { issuers: [ISSUER, 'http://other.example'] }],
    ['has a query, which no issuer has', { issuers: [`${ISSUER}?tenant=1`] }],
    ['would both be operator.example-a in callbackURL', { issuers: [`${ISSUER}/a`, `${ISSUER}-a`] }],
    ['issParameter is true or false', { issParameter: 'yes' }],
    ['timeout is a duration: write a string', { timeout: 5000 }],
    ['fetch is a function, or left out, not object', { fetch: {} }],
    ['now is a function, or left out, not number', { now: 5 }],
  ])('throw at start-up: %s', (words, wrong) => {
    const make = () => gsmaDiscovery({ ...right, ...wrong })
    expect(make).toThrow(words)
    expect(make).toThrow(TypeError)
  })

  it('have to be there', () => { expect(() => gsmaDiscovery(undefined as never)).toThrow('gsmaDiscovery takes an object of options.') })

  it('say who may be found, and whether each names itself in its callbacks', () => {
    expect(gsmaDiscovery({ ...right, issuers: [ISSUER, ISSUER, 'https://b.example'], issParameter: true })).toMatchObject({ issuers: [ISSUER, 'https://b.example'], issParameter: true })
  })

  it('let each operator be held to naming itself, where all of them do (RFC 9207)', async () => {
    const other = await startExchange({ issParameter: true })
    expect(await other.find()).toMatchObject({ operator: { issParameter: true } })
    await other.close()
  })

  it('accept http: on loopback, and not in production', () => {
    const local = { ...right, url: 'http://127.0.0.1:4000/v2/discovery', issuers: ['http://localhost:4001'] }
    expect(() => gsmaDiscovery(local)).not.toThrow()
    const before = process.env.NODE_ENV
    process.env.NODE_ENV = 'production'
    try {
      expect(() => gsmaDiscovery(local)).toThrow('NODE_ENV is production')
    } finally {
      process.env.NODE_ENV = before
    }
  })
})
