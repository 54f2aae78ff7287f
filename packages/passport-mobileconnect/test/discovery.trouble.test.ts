import { ADA, DISCOVERY, found, ISSUER, metadata, METADATA, startExchange, type Kit } from './support/exchange.js'
import { hangUp, reply, silence, type Reply } from './support/internet.js'

const SECOND = 'https://second.example'
const network = { identified: { mcc: '234', mnc: '15' } }
const links = { authorization: `${ISSUER}/a`, token: `${ISSUER}/t`, jwks: `${ISSUER}/k` }

let kit: Kit
beforeEach(async () => { kit = await startExchange({ issuers: [ISSUER, SECOND] }) })
afterEach(() => kit.close())

/** Answers for the second operator, beside whatever happens to the first. */
const unharmed = async () => {
  kit.internet.answer(`${SECOND}/.well-known/openid-configuration`, reply(200, metadata(SECOND)))
  kit.answer(reply(200, found({ issuer: SECOND })))
  expect(await kit.find()).toMatchObject({ status: 'found', operator: { issuer: SECOND } })
}

const troubles: [string, Reply][] = [
  ['is down', hangUp], ['is silent', silence], ['is broken', reply(500, { error: 'server_error' })], ['talks nonsense', reply(200, '{unparseable}')], ['redirects', reply(307, '', { location: 'https://elsewhere.example' })],
  ['begins and never ends', (response) => { response.writeHead(200).write('{') }],
]

describe('When the discovery service', () => {
  it.each(troubles)('when the discovery service %s, a login fails as discovery_failed, within its time', async (_, how) => {
    kit.answer(how)
    for (const question of [{ msisdn: ADA }, network, { sourceIp: '203.0.113.7' }]) {
      // The deadline ends it: a test that waited for an answer would never end.
      expect(await kit.failure(question, 400)).toMatchObject({ code: 'discovery_failed', status: 503, expose: false })
    }
  })

  it.each(troubles)('when the discovery service %s, the next question is answered as soon as it is well again', async (_, how) => {
    kit.answer(how)
    await kit.failure(network, 100)
    kit.answer(reply(200, found()))
    expect(await kit.find(network)).toMatchObject({ status: 'found' })
  })

  it('when the discovery service is gone for good, networks that were asked for before are found for half a year, and the rest are not', async () => {
    await kit.find(network)
    kit.answer(reply(404, '<h1>This service was switched off on 30 September 2020</h1>'))
    for (let days = 0; days < 180; days += 60) {
      kit.pass(60 * 24 * 60 * 60_000 - 1)
      expect(await kit.find(network)).toMatchObject({ status: 'found' })
    }
    kit.pass(24 * 60 * 60_000)
    expect(await kit.failure(network)).toMatchObject({ code: 'discovery_failed' })
    expect(await kit.failure({ identified: { mcc: '262', mnc: '01' } })).toMatchObject({ code: 'discovery_failed' })
  })

  it('when the discovery service fails for a thousand people at once, it is asked once, and each person is told', async () => {
    kit.answer(hangUp)
    const outcomes = await Promise.allSettled(Array.from({ length: 1000 }, () => kit.find(network)))
    expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true)
    expect(kit.internet.count(DISCOVERY)).toBe(1)
  })
})

describe('When the operator that was found', () => {
  it.each(troubles)('when the operator that was found %s, that login fails as operator_unavailable, within its time, and others do not', async (_, how) => {
    kit.internet.answer(METADATA, how)
    expect(await kit.failure({ msisdn: ADA }, 400)).toMatchObject({ code: 'operator_unavailable', status: 503, expose: false })
    await unharmed()
  })

  it.each(troubles)('when the operator that was found %s, the links serve if they suffice', async (_, how) => {
    kit.answer(reply(200, found({ ...links, 'openid-configuration': METADATA })))
    kit.internet.answer(METADATA, how)
    expect(await kit.find({ msisdn: ADA }, 400)).toMatchObject({ operator: { metadata: { jwks_uri: `${ISSUER}/k` } } })
  })

  it('when the operator that was found is down, links to other hosts do not replace its metadata, and the next login works when it is well again', async () => {
    kit.answer(reply(200, found({ ...links, token: 'https://elsewhere.example/t', 'openid-configuration': METADATA })))
    kit.internet.answer(METADATA, hangUp)
    expect(await kit.failure()).toMatchObject({ code: 'operator_unavailable' })
    kit.internet.answer(METADATA, reply(200, metadata()))
    expect(await kit.find()).toMatchObject({ operator: { metadata: metadata() } })
  })

  it('when the operator that was found is well again, the next login works', async () => {
    kit.internet.answer(METADATA, hangUp)
    await kit.failure()
    kit.internet.answer(METADATA, reply(200, metadata()))
    expect(await kit.find()).toMatchObject({ status: 'found' })
  })
})
