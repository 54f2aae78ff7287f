import { ADA, BOB, DISCOVERY, found, ISSUER, metadata, METADATA, startExchange, told, type Kit } from './support/exchange.js'
import { reply } from './support/internet.js'

let kit: Kit
beforeEach(async () => { kit = await startExchange() })
afterEach(() => kit.close())

const PAGE = 'https://discovery.example/v2/discovery/users/operator-selection?session_id=1'
const selection = { links: [{ rel: 'operatorSelection', href: PAGE }] }

describe('An operator that was found', () => {
  it('an operator that was found has the credentials of the answer, and the addresses of its own metadata', async () => {
    expect(await kit.find()).toEqual({
      status: 'found',
      operator: { id: 'operator.example', issuer: ISSUER, clientId: 'our-id', clientSecret: 'our-secret', clientName: undefined, metadata: metadata(), issParameter: false },
    })
  })

  it('an operator that was found has its metadata at the link, where there is one, however unusual its path', async () => {
    const odd = `${ISSUER}/discovery.php/openid-configuration`
    kit.answer(reply(200, found({ 'openid-configuration': odd })))
    kit.internet.answer(odd, reply(200, metadata()))
    expect(await kit.find()).toMatchObject({ operator: { issuer: ISSUER } })
    expect(kit.internet.count(METADATA)).toBe(0)
  })

  it('an operator that was found is described by its metadata first, and by the links where the metadata says nothing', async () => {
    kit.answer(reply(200, found({ issuer: ISSUER, token: `${ISSUER}/old-token`, premiuminfo: `${ISSUER}/premiuminfo` })))
    expect(await kit.find()).toMatchObject({ operator: { metadata: { token_endpoint: `${ISSUER}/token`, premiuminfo_endpoint: `${ISSUER}/premiuminfo` } } })
  })

  it('an operator that publishes nothing is described by the links alone, if they name its keys', async () => {
    kit.answer(reply(200, found({ authorization: `${ISSUER}/a`, token: `${ISSUER}/t`, jwks: `${ISSUER}/k` })))
    expect(await kit.find()).toMatchObject({ operator: { id: 'operator.example', issuer: ISSUER, metadata: { issuer: ISSUER, authorization_endpoint: `${ISSUER}/a`, token_endpoint: `${ISSUER}/t`, jwks_uri: `${ISSUER}/k` } } })
    expect(kit.internet.asked).toHaveLength(1)
  })

  it('an operator is looked up by its issuer where the links name no keys', async () => {
    kit.answer(reply(200, found({ authorization: `${ISSUER}/a`, token: `${ISSUER}/t` })))
    expect(await kit.find()).toMatchObject({ operator: { metadata: { authorization_endpoint: `${ISSUER}/authorize`, jwks_uri: `${ISSUER}/jwks` } } })
  })

  it('the links of an operator are read in any order, in any case, and with other links among them', async () => {
    kit.answer(reply(200, found({ scope: 'openid profile', JWKS: `${ISSUER}/k`, Token: `${ISSUER}/t`, tokenRevoke: 'http://elsewhere.example', AUTHORIZATION: `${ISSUER}/a` })))
    expect(await kit.find()).toMatchObject({ operator: { metadata: { jwks_uri: `${ISSUER}/k` } } })
  })

  it.each([
    ['of the answer first', { client_name: 'Top', response: { client_name: 'Inner' } }, 'Top'],
    ['then of the response', { response: { client_name: 'Inner' } }, 'Inner'],
    ['then of the link', {}, 'Link'],
  ])('an operator that was found knows this app by the client name %s', async (_, parts, name) => {
    kit.answer(reply(200, found({ issuer: ISSUER, applicationShortName: 'Link' }, parts)))
    expect(await kit.find()).toMatchObject({ operator: { clientName: name } })
  })

  it.each([['at the top', { subscriber_id: 'ab12' }], ['in the response', { response: { subscriber_id: 'ab12' } }]])('an operator that was found comes with the encrypted number that the answer has %s', async (_, parts) => {
    kit.answer(reply(200, found(undefined, parts)))
    expect(await kit.find()).toMatchObject({ subscriberId: 'ab12' })
  })

  it.each(['two words', 'line\nbreak', '<b>', '', 'x'.repeat(2049), 12, ['ab12']])('an encrypted number that is malformed is left out: %j', async (subscriberId) => {
    kit.answer(reply(200, found(undefined, { subscriber_id: subscriberId })))
    expect(await kit.find()).not.toHaveProperty('subscriberId')
  })

  it('an operator that was found has an id for callbackURL that needs no escape in a path', async () => {
    const issuer = 'https://operator.example/mobile/connect'
    const other = await startExchange({ issuers: [issuer] })
    other.answer(reply(200, found({ issuer })))
    other.internet.answer(`${issuer}/.well-known/openid-configuration`, reply(200, metadata(issuer)))
    expect(await other.find()).toMatchObject({ operator: { id: 'operator.example-mobile-connect' } })
    await other.close()
  })
})

describe('The operator-selection page', () => {
  it.each([200, 201, 202])('an answer with status %i and its link names the operator-selection page', async (status) => {
    kit.answer(reply(status, selection))
    expect(await kit.find()).toEqual({ status: 'select', url: PAGE })
  })

  it.each([302, 303])('the Location of a %i is the operator-selection page, and is not followed', async (status) => {
    kit.answer(reply(status, '', { location: PAGE }))
    expect(await kit.find()).toEqual({ status: 'select', url: PAGE })
    expect(kit.internet.asked).toHaveLength(1)
  })

  it.each(['http://discovery.example/select', 'javascript:alert(1)', '/select', 'https://user:secret@discovery.example/'])('an operator-selection page where nobody should be sent is refused: %s', async (href) => {
    kit.answer(reply(202, { links: [{ rel: 'operatorSelection', href }] }))
    expect(await kit.failure()).toMatchObject({ code: 'discovery_failed', status: 503 })
  })

  it.each([301, 307, 308])('the Location of a %i is no operator-selection page: the service has moved', async (status) => {
    kit.answer(reply(status, '', { location: PAGE }))
    expect(await kit.failure()).toMatchObject({ code: 'discovery_failed' })
    expect(kit.internet.asked).toHaveLength(1)
  })
})

describe('No operator', () => {
  it.each([
    ['200', 200, { error: 'Not_Found_Entity', description: 'Operator Not Found' }],
    ['404', 404, { error: 'Not_Found_Entity', description: 'Operator Not Found' }],
    ['error_description', 404, { error: 'invalid_request', error_description: 'The operator was not found' }],
    ['the code alone', 400, { error: 'operator_not_found' }],
  ])('an answer that knows no operator is an outcome and no error, by what it says: %s', async (_, status, body) => {
    kit.answer(reply(status, body))
    expect(await kit.find()).toEqual({ status: 'unknown' })
  })

  it('a page of HTML with status 404 does not mean that there is no operator: the url is wrong', async () => {
    kit.answer(reply(404, '<h1>Operator Not Found</h1>'))
    expect(await kit.failure()).toMatchObject({ code: 'discovery_failed' })
  })
})

describe('An answer that cannot be used', () => {
  it.each([
    ['no JSON', 200, '{unparseable}'], ['nothing', 200, ''], ['a list', 200, '[]'], ['null', 200, 'null'], ['an empty object', 200, {}],
    ['no credentials', 200, { response: { apis: { operatorid: { link: [{ rel: 'issuer', href: ISSUER }] } } } }],
    ['credentials that are no texts', 200, found(undefined, { response: { client_id: 1, client_secret: { a: 1 } } })],
    ['no links', 200, found({})], ['links of another shape', 200, found(undefined, { response: { apis: { operatorid: { link: 'https://operator.example' } } } })],
    ['invalid_request', 400, { error: 'invalid_request', error_description: 'Redirect_URL' }], ['a broken service', 500, { error: 'unexpected_error' }], ['a broken gateway', 502, '<html>'],
    ['too much', 200, `{"a":"${'x'.repeat(2 * 1024 * 1024)}"}`],
  ])('a discovery answer with %s cannot be used: discovery_failed', async (_, status, body) => {
    kit.answer(reply(status, body))
    expect(await kit.failure()).toMatchObject({ code: 'discovery_failed', status: 503, expose: false })
  })

  it.each([[401, {}], [401, { error: 'unauthorized' }], [404, { error: 'application_not_found' }], [400, { error: 'invalid_client' }]])('the error says so when the discovery service does not know this app: %i %j', async (status, body) => {
    kit.answer(reply(status, body))
    expect(await kit.failure()).toMatchObject({ code: 'misconfigured', status: 500, message: 'The discovery service does not accept clientId and clientSecret of gsmaDiscovery.' })
  })

  it('the cause of an error keeps the discovery service\'s description and error_description, without numbers (M-32)', async () => {
    kit.answer(reply(400, { error: 'x', description: `Bad MSISDN ${ADA}`, error_description: `not +${BOB}`, error_uri: 'https://discovery.example/e' }))
    const { message, cause } = await kit.failure()
    expect(message).toBe('The discovery service gave an answer that cannot be used.')
    expect((cause as Error).message).toBe('HTTP 400. x: Bad MSISDN •••••••••456 not +•••••••••321: https://discovery.example/e')
  })

  it('an error of discovery never shows the number, the secrets or the operator\'s credentials (M-32)', async () => {
    const errors = []
    for (const how of [reply(500, found()), reply(400, { error: ADA, description: ADA }), reply(302, '', { location: `ftp://${ADA}` }), reply(200, found({ issuer: 'https://evil.example' }))]) {
      kit.answer(how)
      errors.push(told(await kit.failure()))
    }
    for (const secret of ['discovery-key', 'our-secret', ADA]) expect(errors.join('\n')).not.toContain(secret)
    expect(kit.internet.asked.every(({ url }) => url.href === DISCOVERY)).toBe(true)
  })
})
