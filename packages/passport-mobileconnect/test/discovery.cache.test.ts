import { answerCache } from '../src/discovery/answer-cache.js'
import { timeToLive } from '../src/discovery/time-to-live.js'
import { ADA, BOB, DISCOVERY, found, ISSUER, metadata, METADATA, startExchange, told, type Kit } from './support/exchange.js'
import { hangUp, reply, type Reply } from './support/internet.js'

let kit: Kit
beforeEach(async () => { kit = await startExchange() })
afterEach(() => kit.close())

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE
const network = { identified: { mcc: '234', mnc: '15' } }
const asked = () => kit.internet.count(DISCOVERY)

describe('How long an answer may be kept', () => {
  const now = Date.parse('2026-01-01')

  it.each<[string, unknown, number]>([
    ['epoch milliseconds', now + 3 * DAY, 3 * DAY],
    ['epoch milliseconds, as a text', String(now + 3 * DAY), 3 * DAY],
    ['epoch seconds', (now + 3 * DAY) / 1000, 3 * DAY],
    ['epoch seconds, as a text', String((now + 3 * DAY) / 1000), 3 * DAY],
    ['seconds from now', 3600, 60 * MINUTE],
    ['seconds from now, as a text', '3600', 60 * MINUTE],
    ['an instant that is over (all published ones are)', 1466082848000, 5 * MINUTE],
    ['an instant that is over, as a text of seconds', '1364547792', 5 * MINUTE],
    ['less than the shortest', 1, 5 * MINUTE],
    ['more than the longest', now + 1000 * DAY, 180 * DAY],
    ['more than the longest, in seconds', 999_999_999, 180 * DAY],
    ['without end', Infinity, 180 * DAY],
    ['zero', 0, 5 * MINUTE],
    ['negative', -5, 5 * MINUTE],
    ['missing', undefined, 5 * MINUTE],
    ['null', null, 5 * MINUTE],
    ['empty', '', 5 * MINUTE],
    ['blank', ' ', 5 * MINUTE],
    ['words', 'tomorrow', 5 * MINUTE],
    ['a list', [3600], 5 * MINUTE],
  ])('an answer of discovery is kept by its ttl, five minutes at least and half a year at most: %s', (_, ttl, kept) => { expect(timeToLive(ttl, now)).toBe(kept) })
})

describe('An answer about a network', () => {
  it('an answer about a network is asked for once by any number of people at once, and never again while it may be kept', async () => {
    const answers = await Promise.all(Array.from({ length: 1000 }, () => kit.find(network)))
    expect(new Set(answers.map(told)).size).toBe(1)
    await kit.find(network)
    expect(kit.internet.asked.map(({ url }) => url.href.split('?')[0])).toEqual([DISCOVERY, METADATA])
  })

  it('an answer about a network is the same whether the network was chosen or identified', async () => {
    await kit.find(network)
    await kit.find({ selected: network.identified, msisdn: ADA })
    expect(asked()).toBe(1)
  })

  it('an answer about one network is not given for another network', async () => {
    await kit.find(network)
    await kit.find({ identified: { mcc: '23', mnc: '415' } })
    await kit.find({ identified: { mcc: '234', mnc: '1' } })
    expect(asked()).toBe(3)
  })

  it('an answer about a network is asked for again when its time is over', async () => {
    await kit.find(network)
    kit.pass(60 * MINUTE - 1)
    await kit.find(network)
    expect(asked()).toBe(1)
    kit.pass(2)
    await kit.find(network)
    expect(asked()).toBe(2)
  })

  it('an answer about a network never carries a person\'s encrypted number, not even to the person who asked (M-21)', async () => {
    kit.answer(reply(200, found(undefined, { subscriber_id: 'ada5', response: { subscriber_id: 'ada5' } })))
    const answers = await Promise.all([kit.find(network), kit.find(network)])
    answers.push(await kit.find(network))
    expect(told(answers)).not.toContain('ada5')
  })

  it('an answer about a network is not changed by what another person was told (M-21)', async () => {
    await kit.find(network)
    kit.answer(reply(200, found({ authorization: `${ISSUER}/evil`, token: `${ISSUER}/evil`, jwks: `${ISSUER}/evil` })))
    await kit.find({ msisdn: BOB })
    await kit.find({ ...network, manually: true })
    expect(told(await kit.find(network))).not.toContain('evil')
  })

  it.each<[string, Reply]>([
    ['no operator', reply(200, { error: 'Not_Found_Entity', description: 'Operator Not Found' })],
    ['an issuer that is not allowed', reply(200, found({ issuer: 'https://evil.example' }))],
    ['an error', reply(500, {})],
    ['nothing', hangUp],
  ])('an answer about a network is not kept when the service answers with %s', async (_, how) => {
    kit.answer(how)
    await kit.find(network).catch(() => undefined)
    kit.answer(reply(200, found()))
    expect(await kit.find(network)).toMatchObject({ status: 'found' })
    expect(asked()).toBe(2)
  })

  it('the operator-selection page is kept for nobody and shared with nobody: each person is asked for with their own correlation_id (C-05)', async () => {
    kit.answer(reply(202, { links: [{ rel: 'operatorSelection', href: 'https://discovery.example/select' }] }))
    expect(await kit.find({ ...network, correlationId: 'of-this-person' })).toMatchObject({ status: 'select' })
    expect(kit.internet.asked.map(({ url }) => url.searchParams.get('correlation_id'))).toEqual([null, 'of-this-person'])
    kit.answer(reply(200, found()))
    expect(await kit.find(network)).toMatchObject({ status: 'found' })
    expect(asked()).toBe(3)
  })

  it('a kept answer about a network is not given to a person who wants to choose again', async () => {
    await kit.find(network)
    await kit.find({ ...network, manually: true })
    expect(asked()).toBe(2)
  })
})

describe('The answers that are kept', () => {
  it('the cache of discovery keeps so many answers and no more: the least used one makes room, and questions under way go on for all who wait', async () => {
    const answers = answerCache<{ key: string }>({ max: 10, now: () => 1, grace: 0, outage: () => true })
    const asked: string[] = []
    const get = (key: string) => answers.get(key, async () => {
      asked.push(key)
      await new Promise((resolve) => { setTimeout(resolve, 5) })
      return { value: { key }, ttl: MINUTE }
    })
    const keys = Array.from({ length: 30 }, (_, index) => String(index))
    expect(await Promise.all([...keys, ...keys.slice(20)].map(get))).toEqual([...keys, ...keys.slice(20)].map((key) => ({ key })))
    expect(asked).toEqual(keys)
    await get('29')
    expect(asked).toHaveLength(30)
    await get('0')
    expect(asked).toHaveLength(31)
  })
})

describe('An answer whose time is over', () => {
  const expire = async () => {
    await kit.find(network)
    kit.pass(2 * 60 * MINUTE)
  }

  it.each<[string, Reply]>([['hangs up', hangUp], ['is broken', reply(503, '<html>')], ['talks nonsense', reply(200, '{unparseable}')], ['is gone', reply(404, '<h1>Gone</h1>')]])(
    'an old answer of discovery serves on while the service %s, and the service is left alone for a minute', async (_, how) => {
      await expire()
      kit.answer(how)
      for (let times = 0; times < 5; times += 1) expect(await kit.find(network)).toMatchObject({ status: 'found', operator: { clientId: 'our-id' } })
      expect(asked()).toBe(2)
      kit.pass(MINUTE + 1)
      await kit.find(network)
      expect(asked()).toBe(3)
      kit.pass(MINUTE + 1)
      kit.answer(reply(200, found(undefined, { response: { client_id: 'new-id' } })))
      expect(await kit.find(network)).toMatchObject({ operator: { clientId: 'new-id' } })
    })

  it.each<[string, Reply, object]>([
    ['says that there is no such operator', reply(404, { error: 'Not_Found_Entity', description: 'Operator Not Found' }), { status: 'unknown' }],
    ['lets the person choose', reply(202, { links: [{ rel: 'operatorSelection', href: 'https://discovery.example/select' }] }), { status: 'select' }],
  ])('an old answer of discovery is forgotten when the service %s', async (_, how, outcome) => {
    await expire()
    kit.answer(how)
    expect(await kit.find(network)).toMatchObject(outcome)
    kit.answer(hangUp)
    expect(await kit.failure(network)).toMatchObject({ code: 'discovery_failed' })
  })

  it.each<[string, Reply, string]>([
    ['no longer knows this app', reply(401, {}), 'misconfigured'],
    ['names an issuer that is not allowed', reply(200, found({ issuer: 'https://evil.example' })), 'issuer_not_allowed'],
  ])('an old answer of discovery is forgotten when the service %s', async (_, how, code) => {
    await expire()
    kit.answer(how)
    expect(await kit.failure(network)).toMatchObject({ code })
  })

  it('an old answer of discovery is asked for once by all people who come at the same time', async () => {
    await expire()
    await Promise.all(Array.from({ length: 100 }, () => kit.find(network)))
    expect(asked()).toBe(2)
  })
})

describe('An answer about a number', () => {
  it('an answer about a number is asked for each time, and gives each person their own encrypted number (M-21)', async () => {
    kit.answer((response, { body }) => reply(200, found(undefined, { subscriber_id: body.includes(ADA) ? 'ada5' : 'b0b' }))(response, undefined as never))
    const answers = await Promise.all([ADA, BOB, ADA].map((msisdn) => kit.find({ msisdn })))
    expect(answers.map((answer) => answer.status === 'found' && answer.subscriberId)).toEqual(['ada5', 'b0b', 'ada5'])
    expect(asked()).toBe(3)
  })

  it('answers about numbers share what is known of the operator: its metadata is read once', async () => {
    await Promise.all(Array.from({ length: 50 }, (_, index) => kit.find({ msisdn: `44740012${1000 + index}` })))
    expect(asked()).toBe(50)
    expect(kit.internet.count(METADATA)).toBe(1)
  })
})

describe('An operator\'s metadata', () => {
  it('an operator\'s metadata is read again after an hour', async () => {
    await kit.find()
    kit.internet.answer(METADATA, reply(200, metadata(ISSUER, { version: '4.0' })))
    kit.pass(59 * MINUTE)
    expect(told(await kit.find())).not.toContain('4.0')
    kit.pass(2 * MINUTE)
    expect(await kit.find()).toMatchObject({ operator: { metadata: { version: '4.0' } } })
  })

  it('an operator\'s old metadata serves on while the operator does not give it, and is asked for once a minute', async () => {
    await kit.find()
    kit.pass(61 * MINUTE)
    kit.internet.answer(METADATA, hangUp)
    for (let times = 0; times < 3; times += 1) expect(await kit.find()).toMatchObject({ operator: { metadata: metadata() } })
    expect(kit.internet.count(METADATA)).toBe(2)
  })

  it('an operator\'s old metadata serves on for a day at most', async () => {
    await kit.find()
    kit.internet.answer(METADATA, hangUp)
    kit.pass(61 * MINUTE)
    expect(await kit.find()).toMatchObject({ status: 'found' })
    kit.pass(DAY)
    expect(await kit.failure()).toMatchObject({ code: 'operator_unavailable' })
  })

  it('an operator\'s metadata that names another issuer is not kept, and what was kept is forgotten (M-20)', async () => {
    await kit.find()
    kit.pass(61 * MINUTE)
    kit.internet.answer(METADATA, reply(200, metadata('https://evil.example')))
    expect(await kit.failure()).toMatchObject({ code: 'issuer_not_allowed' })
    kit.internet.answer(METADATA, hangUp)
    expect(await kit.failure()).toMatchObject({ code: 'operator_unavailable' })
    kit.internet.answer(METADATA, reply(200, metadata()))
    expect(await kit.find()).toMatchObject({ status: 'found' })
  })

  it('an operator without metadata makes nobody wait for a minute, where the links do without it', async () => {
    kit.answer(reply(200, found({ issuer: ISSUER, authorization: `${ISSUER}/a`, token: `${ISSUER}/t`, jwks: `${ISSUER}/k` })))
    kit.internet.answer(METADATA, hangUp)
    for (let times = 0; times < 3; times += 1) expect(await kit.find()).toMatchObject({ operator: { metadata: { token_endpoint: `${ISSUER}/t` } } })
    expect(kit.internet.count(METADATA)).toBe(1)
    kit.pass(MINUTE + 1)
    kit.internet.answer(METADATA, reply(200, metadata()))
    expect(await kit.find()).toMatchObject({ operator: { metadata: metadata() } })
  })
})
