import { startSimulator, type Simulator } from 'mobileconnect-simulator'
import { gsmaDiscovery, type Discovery, type DiscoveryQuestion } from '../src/index.js'

const CALLBACK = 'http://127.0.0.1:3000/login/mobileconnect/callback'
const ADA = '447700900001'
const BOB = '447700900002'

let simulator: Simulator
let discovery: Discovery
beforeAll(async () => { simulator = await startSimulator() })
afterAll(() => simulator.close())
beforeEach(() => {
  simulator.discovery.restore()
  simulator.operator('a').restore()
  const { url, clientId, clientSecret } = simulator.discovery
  discovery = gsmaDiscovery({ url, clientId, clientSecret, redirectURL: CALLBACK, issuers: simulator.operators.map(({ issuer }) => issuer) })
})

const find = (question: DiscoveryQuestion, timeout = 100_000) => discovery.find(question, { fetch, timeout })
const operator = (id: string) => simulator.operators.find((entry) => entry.id === id)!

describe('With the simulator, the operator of a person', () => {
  it.each([[ADA, 'a'], [BOB, 'b']])('the simulated exchange finds the operator by the person\'s number: %s', async (msisdn, id) => {
    const { issuer, clientId, clientSecret } = operator(id)
    expect(await find({ msisdn })).toMatchObject({
      status: 'found', subscriberId: expect.stringMatching(/^[0-9a-f]{512}$/), operator: { issuer, clientId, clientSecret, metadata: { issuer, jwks_uri: `${issuer}/jwks` } },
    })
  })

  it('the simulated exchange finds the operator by the network', async () => {
    expect(await find({ identified: { mcc: '001', mnc: '02' } })).toMatchObject({ operator: { issuer: operator('b').issuer } })
  })

  it('a person chooses their operator on the simulated operator-selection page, and the choice is a hint that is asked for again (M-19)', async () => {
    const selection = await find({})
    const page = new URL((selection as { url: string }).url)
    const back = await fetch(page, { method: 'POST', redirect: 'manual', body: new URLSearchParams({ operator: 'b', msisdn: '' }), headers: { origin: page.origin } })
    const query = new URL(back.headers.get('location')!).searchParams
    const selected = discovery.returned(query) as { mcc: string, mnc: string }
    expect(selected).toMatchObject({ status: 'selected', mcc: '001', mnc: '02' })
    expect(await find({ selected })).toMatchObject({ operator: { issuer: operator('b').issuer } })
    expect(await find({ selected: { mcc: '999', mnc: '99' } })).toEqual({ status: 'unknown' })
  })

  it('the simulated exchange knows no operator for a number that nobody has', async () => { expect(await find({ msisdn: '447700900999' })).toEqual({ status: 'unknown' }) })

  it('an operator that the simulated exchange finds is refused when it is not on the list (R-75)', async () => {
    const { url, clientId, clientSecret } = simulator.discovery
    const strict = gsmaDiscovery({ url, clientId, clientSecret, redirectURL: CALLBACK, issuers: [operator('a').issuer] })
    await expect(strict.find({ msisdn: BOB }, { fetch, timeout: 100_000 })).rejects.toMatchObject({ code: 'issuer_not_allowed' })
  })

  it('the simulated exchange is asked once by a thousand people at once, and its operator\'s metadata, too; after that by nobody', async () => {
    const network = { identified: { mcc: '001', mnc: '01' } }
    const asked = () => [simulator.discovery.requests(), simulator.operator('a').requests('metadata')]
    const before = asked()
    await Promise.all(Array.from({ length: 1000 }, () => find(network)))
    await find(network)
    expect(asked()).toEqual(before.map((count) => count + 1))
  })
})

describe('With the simulator in trouble', () => {
  const network = { identified: { mcc: '001', mnc: '01' } }

  it.each([{ status: 500 }, { status: 404, body: '<h1>gone</h1>' }, { delay: '10m' }, { status: 200, body: '{' }])('discovery fails within its time when the simulated exchange is in trouble: %j', async (fault) => {
    simulator.discovery.fail(fault)
    await expect(find(network, 1000)).rejects.toMatchObject({ code: 'discovery_failed', status: 503 })
  })

  it('an operator that was found before is found on when the simulated exchange is in trouble', async () => {
    await find(network)
    simulator.discovery.fail({ status: 500 })
    expect(await find(network)).toMatchObject({ status: 'found' })
    await expect(find({ msisdn: BOB })).rejects.toMatchObject({ code: 'discovery_failed' })
  })

  it('the trouble of one simulated operator does no harm to the other operator', async () => {
    simulator.operator('a').fail('metadata', { status: 500 })
    // The simulator's links say all that a login needs.
    expect(await find({ msisdn: ADA })).toMatchObject({ status: 'found', operator: { metadata: { issuer: operator('a').issuer } } })
    expect(await find({ msisdn: BOB })).toMatchObject({ status: 'found' })
  })
})
