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
  it.each(['authorization', 'token', 'userinfo', 'premiuminfo', 'jwks', 'openid-configuration', 'issuer'])('a link that discovery names at http: is refused without a request: %s (M-18)', async (rel) => {
    kit.answer(reply(200, found({ ...good, [rel]: `http://operator.example/${rel}` })))
    expect(await kit.failure()).toMatchObject({ code: 'issuer_not_allowed', status: 502, expose: false })
    expect(askedNobodyElse()).toBe(true)
  })

  it.each(within)('a link that discovery names inside this network is refused without a request: %s (M-18)', async (href) => {
    for (const rel of ['token', 'openid-configuration']) {
      kit.answer(reply(200, found({ ...good, [rel]: href })))
      expect(await kit.failure()).toMatchObject({ code: 'issuer_not_allowed' })
    }
    expect(askedNobodyElse()).toBe(true)
  })

  it.each(['https://evil.example', 'https://operator.example.evil.example', 'https://evil-operator.example', `${ISSUER}/`, `${ISSUER}/other`, 'HTTPS://OPERATOR.EXAMPLE', `${ISSUER}#`, 'operator.example'])(
    'an issuer that discovery names is refused when it is not on the list, character by character: %s (R-75)',
    async (issuer) => {
      kit.answer(reply(200, found({ issuer })))
      expect(await kit.failure()).toMatchObject({ code: 'issuer_not_allowed' })
      expect(askedNobodyElse()).toBe(true)
    },
  )

  it.each(['https://evil.example/.well-known/openid-configuration', 'https://second.example/.well-known/openid-configuration', 'https://operator.example:8443/x', 'https://notoperator.example/x'])(
    'metadata of a trusted issuer that discovery names on another host is refused: %s (R-75, M-20)',
    async (configuration) => {
      kit.answer(reply(200, found({ issuer: ISSUER, 'openid-configuration': configuration })))
      kit.internet.answer(configuration, reply(200, metadata()))
      expect(await kit.failure()).toMatchObject({ code: 'issuer_not_allowed' })
      expect(askedNobodyElse()).toBe(true)
    },
  )

  it.each(['authorization', 'token', 'jwks', 'userinfo'])('a link that discovery names on a foreign host is refused where nothing but links is known: %s (R-75)', async (rel) => {
    kit.answer(reply(200, found({ ...good, [rel]: 'https://evil.example/x' })))
    expect(await kit.failure()).toMatchObject({ code: 'issuer_not_allowed' })
    expect(askedNobodyElse()).toBe(true)
  })

  it('the operator\'s own metadata overrides links on a foreign host, and such links never fill what the metadata leaves out', async () => {
    kit.answer(reply(200, found({ issuer: ISSUER, token: 'https://evil.example/t', premiuminfo: 'https://evil.example/p' })))
    const answer = await kit.find()
    expect(answer).toMatchObject({ operator: { metadata: { token_endpoint: `${ISSUER}/token` } } })
    expect(told(answer)).not.toContain('evil')
  })

  it('a link that discovery names may lie below the issuer\'s host', async () => {
    kit.answer(reply(200, found({ ...good, token: 'https://api.operator.example/t' })))
    expect(await kit.find()).toMatchObject({ operator: { metadata: { token_endpoint: 'https://api.operator.example/t' } } })
  })

  it('links that lie at several issuers are refused (R-75)', async () => {
    kit.answer(reply(200, found({ ...good, jwks: 'https://second.example/k' })))
    expect(await kit.failure()).toMatchObject({ code: 'issuer_not_allowed' })
  })

  it('links that could belong to either of two issuers of one host are refused', async () => {
    const other = await startExchange({ issuers: [`${ISSUER}/a`, `${ISSUER}/b`] })
    other.answer(reply(200, found(good)))
    expect(await other.failure()).toMatchObject({ code: 'operator_misconfigured', message: expect.stringContaining('it has to name the issuer') })
    other.answer(reply(200, found({ ...good, jwks: '' })))
    expect(await other.failure()).toMatchObject({ code: 'operator_misconfigured', message: expect.stringContaining('neither the metadata nor the keys') })
    await other.close()
  })

  it('links may be private, or http: on loopback, at the home of an issuer that the app itself named', async () => {
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

  it.each(['https://second.example', 'https://evil.example', `${ISSUER}/`])('an operator\'s metadata is refused with the issuer %s, and the links do not replace it (M-20)', async (issuer) => {
    kit.answer(reply(200, found({ ...good, issuer: ISSUER })))
    publish({ issuer })
    expect(await kit.failure()).toMatchObject({ code: 'issuer_not_allowed' })
  })

  it('an operator\'s metadata is refused with an issuer of another host, where discovery named only the metadata (M-20)', async () => {
    kit.answer(reply(200, found({ 'openid-configuration': METADATA })))
    publish({ issuer: 'https://second.example' })
    expect(await kit.failure()).toMatchObject({ code: 'issuer_not_allowed' })
  })

  it.each(within)('an operator\'s metadata is refused when it leads into this network: %s (M-18)', async (href) => {
    for (const member of ['token_endpoint', 'jwks_uri', 'userinfo_endpoint', 'pushed_authorization_request_endpoint', 'backchannel_authentication_endpoint']) {
      publish({ [member]: href })
      expect(await kit.failure()).toMatchObject({ code: 'operator_misconfigured', status: 500, message: expect.stringContaining(member) })
    }
  })

  it('an operator\'s metadata is refused if its addresses for clients with certificates lead into this network', async () => {
    publish({ mtls_endpoint_aliases: { token_endpoint: 'https://10.0.0.1/' } })
    expect(await kit.failure()).toMatchObject({ code: 'operator_misconfigured' })
  })

  it('an operator\'s metadata may name public hosts of others, because the operator itself says so', async () => {
    publish({ jwks_uri: 'https://keys.example/k' })
    expect(await kit.find()).toMatchObject({ operator: { metadata: { jwks_uri: 'https://keys.example/k' } } })
  })

  it.each(['authorization_endpoint', 'token_endpoint', 'jwks_uri'])('an operator\'s metadata is refused without %s, and is not kept', async (member) => {
    publish({ [member]: undefined })
    expect(await kit.failure()).toMatchObject({ code: 'operator_misconfigured', message: `The operator ${ISSUER} publishes no ${member}, which every login needs.` })
    publish({})
    expect(await kit.find()).toMatchObject({ status: 'found' })
  })

  it('a redirect of an operator\'s metadata is not followed (M-18)', async () => {
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
  ])('gsmaDiscovery throws at start-up for options that are wrong: %s', (words, wrong) => {
    const make = () => gsmaDiscovery({ ...right, ...wrong })
    expect(make).toThrow(words)
    expect(make).toThrow(TypeError)
  })

  it('gsmaDiscovery throws without options', () => { expect(() => gsmaDiscovery(undefined as never)).toThrow('gsmaDiscovery takes an object of options.') })

  it('the options of gsmaDiscovery say who may be found, and whether each operator names itself in its callbacks', () => {
    expect(gsmaDiscovery({ ...right, issuers: [ISSUER, ISSUER, 'https://b.example'], issParameter: true })).toMatchObject({ issuers: [ISSUER, 'https://b.example'], issParameter: true })
  })

  it('gsmaDiscovery with issParameter holds each operator to naming itself in its callbacks (RFC 9207)', async () => {
    const other = await startExchange({ issParameter: true })
    expect(await other.find()).toMatchObject({ operator: { issParameter: true } })
    await other.close()
  })

  it('gsmaDiscovery accepts http: on loopback, and not in production', () => {
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
