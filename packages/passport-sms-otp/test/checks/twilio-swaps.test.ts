import twilio from 'twilio'
import { twilioSwaps } from '../../src/checks/index.js'
import { failureOf, reply, startGateway, type Gateway } from '../support/gateway.js'
import { ADA, clock } from '../support/kit.js'

const SID = `AC${'0123456789abcdef'.repeat(2)}`
const TOKEN = 'token-of-the-account-0123456789ab'

let gateway: Gateway
beforeEach(async () => { gateway = await startGateway() })
afterEach(() => gateway.close())

const time = clock()
const daysAgo = (days: number) => new Date(time.now() - days * 24 * 60 * 60_000).toISOString()

function ask(simSwap: unknown) {
  gateway.answer(reply(200, { phone_number: ADA, valid: true, sim_swap: simSwap }))
  const client = twilio(SID, TOKEN)
  client.lookups.baseUrl = gateway.url
  return twilioSwaps({ client, now: time.now }).swapped({ kind: 'sim', phone: ADA, maxAge: 240 }, { signal: new AbortController().signal })
}

/** The members as Twilio's OpenAPI document names them (twilio-oai, twilio_lookups_v2: SimSwapInfo, LastSimSwapInfo). */
const last = (last_sim_swap: object) => ({ last_sim_swap, carrier_name: 'Acme', mobile_country_code: '234', mobile_network_code: '10' })

describe('twilioSwaps with the official SDK', () => {
  it('twilioSwaps asks Lookup v2 for sim_swap of the number', async () => {
    await ask(last({ swapped_period: 'PT240H', swapped_in_period: false }))
    expect(gateway.requests).toHaveLength(1)
    expect(gateway.last).toMatchObject({ method: 'GET', path: `/v2/PhoneNumbers/${ADA}?Fields=sim_swap` })
  })

  it.each([
    ['a swap of the day before', last({ last_sim_swap_date: daysAgo(1) }), true],
    ['a swap of ten days before, less an hour', last({ last_sim_swap_date: daysAgo(9.95) }), true],
    ['a swap of ten days before', last({ last_sim_swap_date: daysAgo(10) }), false],
    ['an old swap, in a period that is longer', last({ last_sim_swap_date: daysAgo(20), swapped_period: 'P30D', swapped_in_period: true }), false],
    ['a swap in the period', last({ swapped_period: 'PT24H', swapped_in_period: true }), true],
    ['a swap in a longer period, of no day', last({ swapped_period: 'P30D', swapped_in_period: true }), true],
    ['none in the period', last({ swapped_period: 'PT240H', swapped_in_period: false }), false],
    ['none in a longer period', last({ swapped_period: 'P11DT3H', swapped_in_period: false }), false],
    ['none in a shorter period', last({ swapped_period: 'PT48H', swapped_in_period: false }), undefined],
    ['none in a period that cannot be read', last({ swapped_period: 'ten days', swapped_in_period: false }), undefined],
    ['nothing of a swap', last({}), undefined],
    ['null', { last_sim_swap: null }, undefined],
    ['no sim_swap', null, undefined],
  ])('twilioSwaps reads %s (C-02)', async (_, simSwap, swapped) => {
    expect(await ask(simSwap)).toBe(swapped)
  })

  it('twilioSwaps rejects with the code of Twilio where the operator is not covered, and for what the API refuses (C-02)', async () => {
    expect(await failureOf(ask({ last_sim_swap: null, error_code: 60606 }))).toMatchObject({ code: '60606' })
    gateway.answer(reply(401, { code: 20003, message: 'Authenticate', status: 401 }))
    const client = twilio(SID, TOKEN)
    client.lookups.baseUrl = gateway.url
    const asking = twilioSwaps({ client }).swapped({ kind: 'sim', phone: ADA, maxAge: 240 }, { signal: new AbortController().signal })
    expect(await failureOf(asking)).toMatchObject({ code: 20003 })
  })

  it.each<unknown>([undefined, {}, { lookups: {} }, { lookups: { v1: {} } }])('twilioSwaps refuses a client that is none of the SDK: %j', (client) => {
    expect(() => twilioSwaps({ client: client as never })).toThrow('client is what the Twilio SDK returns')
  })
})
