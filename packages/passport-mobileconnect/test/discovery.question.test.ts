import { ADA, CALLBACK, DISCOVERY, found, startExchange, told, type Kit } from './support/exchange.js'
import { reply } from './support/internet.js'

let kit: Kit
beforeEach(async () => { kit = await startExchange() })
afterEach(() => kit.close())

const asked = () => kit.internet.asked.find(({ url }) => url.href.startsWith(DISCOVERY))!
const query = () => Object.fromEntries(asked().url.searchParams)

describe('A question to the discovery service', () => {
  it('a question to discovery about a number is a POST of a form, and no number ever stands in a URL (M-32)', async () => {
    await kit.find({ msisdn: ADA })
    expect(asked().method).toBe('POST')
    expect(asked().headers['content-type']).toBe('application/x-www-form-urlencoded')
    expect(Object.fromEntries(new URLSearchParams(asked().body))).toEqual({ MSISDN: ADA, Redirect_URL: CALLBACK })
    expect(asked().url.href).toBe(DISCOVERY)
  })

  it('a question to discovery without a number is a GET', async () => {
    await kit.find({ identified: { mcc: '234', mnc: '15' } })
    expect(asked().method).toBe('GET')
    expect(query()).toEqual({ Redirect_URL: CALLBACK, 'Identified-MCC': '234', 'Identified-MNC': '15' })
  })

  it('a question to discovery carries the number as digits, without its plus', async () => {
    await kit.find({ msisdn: `+${ADA}` })
    expect(new URLSearchParams(asked().body).get('MSISDN')).toBe(ADA)
  })

  it('a question to discovery carries number and network together where both are known', async () => {
    await kit.find({ msisdn: ADA, identified: { mcc: '234', mnc: '15' } })
    expect(Object.fromEntries(new URLSearchParams(asked().body))).toEqual({ MSISDN: ADA, Redirect_URL: CALLBACK, 'Identified-MCC': '234', 'Identified-MNC': '15' })
  })

  it('a question to discovery is about what the person chose and nothing else, once they chose', async () => {
    await kit.find({ selected: { mcc: '234', mnc: '15' }, identified: { mcc: '262', mnc: '01' }, msisdn: ADA, sourceIp: '203.0.113.7' })
    expect(query()).toEqual({ Redirect_URL: CALLBACK, 'Selected-MCC': '234', 'Selected-MNC': '15' })
    expect(asked().headers).not.toHaveProperty('x-source-ip')
    expect(told(kit.internet.asked)).not.toContain(ADA)
  })

  it('a question to discovery carries the person\'s address only where nothing else is known: an answer about a network is for everybody in it', async () => {
    await kit.find({ sourceIp: '203.0.113.7' })
    expect(asked().headers['x-source-ip']).toBe('203.0.113.7')
    for (const known of [{ msisdn: ADA }, { identified: { mcc: '234', mnc: '15' } }]) await kit.find({ sourceIp: '203.0.113.7', ...known })
    expect(kit.internet.asked.filter(({ headers }) => 'x-source-ip' in headers)).toHaveLength(1)
  })

  it('a question to discovery asks for the operator-selection page, and sends a correlation_id, where it is told to', async () => {
    await kit.find({ manually: true, correlationId: '0b1c' })
    expect(query()).toEqual({ Redirect_URL: CALLBACK, 'Manually-Select': 'true', correlation_id: '0b1c' })
  })

  it('a question to discovery is sent with HTTP Basic without percent-encoding, because exchanges do not decode it', async () => {
    const other = await startExchange({ clientId: 'a-b_c.d=', clientSecret: 'x-y_z=:/?' })
    await other.find()
    expect(Buffer.from(other.internet.asked[0]!.headers.authorization!.replace('Basic ', ''), 'base64').toString()).toBe('a-b_c.d=:x-y_z=:/?')
    expect(other.internet.asked[0]!.headers.accept).toBe('application/json')
    await other.close()
  })

  it('a question to discovery keeps a query that the URL of the service has', async () => {
    const other = await startExchange({ url: `${DISCOVERY}?region=eu` })
    await other.find({})
    expect(Object.fromEntries(other.internet.asked[0]!.url.searchParams)).toEqual({ region: 'eu', Redirect_URL: CALLBACK })
    await other.close()
  })

  it('the discovery service is not asked about a malformed number or network, because nobody can be found by it', async () => {
    for (const msisdn of ['', 'ada', '+44 7400 123456', '٤٤٧٤٠٠١٢٣٤٥٦', '1234', '1234567890123456', `${ADA}&Selected-MCC=1`]) expect(await kit.find({ msisdn })).toEqual({ status: 'unknown' })
    for (const selected of [{ mcc: '234', mnc: '' }, { mcc: '23 4', mnc: '15' }, { mcc: '234_1', mnc: '5' }]) expect(await kit.find({ selected })).toEqual({ status: 'unknown' })
    expect(kit.internet.asked).toEqual([])
  })
})

describe('The correlation_id', () => {
  it.each([['of another question', 'other', 'discovery_failed'], ['of this one', 'ours', undefined], ['left out', undefined, undefined]])('an answer of discovery is held to the correlation_id of its question: %s', async (_, echo, code) => {
    kit.answer(reply(200, found(undefined, { correlation_id: echo })))
    const outcome = await kit.find({ msisdn: ADA, correlationId: 'ours' }).then(() => undefined, (error: unknown) => (error as { code: string }).code)
    expect(outcome).toBe(code)
  })

  it('an answer of discovery may bring a correlation_id where none was asked for', async () => {
    kit.answer(reply(200, found(undefined, { correlation_id: 'theirs' })))
    expect(await kit.find()).toMatchObject({ status: 'found' })
  })
})
