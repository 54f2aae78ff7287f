import { generateKeyPairSync, verify } from 'node:crypto'
import { vonageVerify } from '../../src/providers/index.js'
import { deadUrl, failureOf, hangUp, reply, startGateway, told, type Answer, type Gateway } from '../support/gateway.js'
import { ADA } from '../support/kit.js'

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const ID = 'c11236f4-00bf-4b89-84ba-88b25df97315'
const OTHER = 'e043d872-459b-4750-a20c-d33f91d6959f'

let gateway: Gateway
beforeEach(async () => {
  gateway = await startGateway()
  gateway.answer(reply(202, { request_id: ID }))
})
afterEach(() => gateway.close())

const login = { applicationId: 'app-1', privateKey }
const provider = (more: object = {}) => vonageVerify({ ...login, brand: 'Acme', baseUrl: gateway.url, ...more })
const signal = new AbortController().signal
const start = (more: object = {}, options: object = {}) => provider(options).start(
  { to: ADA, purpose: 'login', details: {}, message: '', channel: 'sms', validFor: 300, repeated: false, ...more }, { signal })
const check = (options: object = {}) => provider(options).check({ id: ID, to: ADA, code: '012345', purpose: 'login', details: {} }, { signal })
// The problems of Vonage's API reference, Verify v2.
const problem = (status: number, more: object = {}) => reply(status, { title: 'x', type: 'https://developer.vonage.com/api-errors', detail: `About ${ADA}`, ...more })

describe('vonageVerify', () => {
  it.each([['sms', {}], ['voice', {}], ['whatsapp', { from: '447400654321' }]])('starts one step by %s, with a JWT of the application (V-09)', async (channel, more) => {
    expect(await start({ channel, locale: 'de-AT' }, { whatsAppFrom: '447400654321' })).toEqual({ id: ID })
    expect(gateway.last).toMatchObject({ method: 'POST', path: '/v2/verify' })
    expect(JSON.parse(gateway.last.body)).toEqual({
      brand: 'Acme', code_length: 6, channel_timeout: 300, locale: 'de-at', workflow: [{ channel, to: ADA.slice(1), ...more }],
    })
    const [header = '', payload = '', signature = ''] = gateway.last.headers.authorization!.replace('Bearer ', '').split('.')
    expect(verify('sha256', Buffer.from(`${header}.${payload}`), publicKey, Buffer.from(signature, 'base64url'))).toBe(true)
    expect(JSON.parse(Buffer.from(payload, 'base64url').toString())).toMatchObject({ application_id: 'app-1', jti: expect.any(String) })
  })

  it.each([[1, 15], [120, 120], [3600, 900]])('ends with a code of %i seconds, as far as Vonage takes it: after %i seconds (V-02)', async (validFor, seconds) => {
    await start({ validFor })
    expect(JSON.parse(gateway.last.body)).toMatchObject({ channel_timeout: seconds })
  })

  it('takes the key of an account as well, and then sends Basic', async () => {
    await start({}, { applicationId: undefined, privateKey: undefined, apiKey: 'key', apiSecret: 's3cret' })
    expect(gateway.last.headers.authorization).toBe(`Basic ${btoa('key:s3cret')}`)
  })

  it('cancels the code that it repeats, and no other one (V-02, S-06)', async () => {
    const conflict: Answer = (response, request) => {
      const isFirst = gateway.requests.filter(({ method }) => method === 'POST').length === 1
      if (request.method === 'DELETE') return reply(204)(response, request)
      return (isFirst ? problem(409, { request_id: OTHER }) : reply(202, { request_id: ID }))(response, request)
    }
    gateway.answer(conflict)
    expect(await start({ repeated: true })).toEqual({ id: ID })
    expect(gateway.requests.map(({ method, path }) => `${method} ${path}`)).toEqual(['POST /v2/verify', `DELETE /v2/verify/${OTHER}`, 'POST /v2/verify'])
    gateway.answer(problem(409, { request_id: OTHER }))
    const before = gateway.requests.length
    expect(await failureOf(start())).toMatchObject({ code: 'send_throttled', providerCode: 'http_409' })
    expect(gateway.requests).toHaveLength(before + 1)
  })

  it.each([[400, 'undeliverable'], [401, 'undeliverable'], [402, 'undeliverable'], [409, 'send_throttled'], [422, 'send_refused'], [429, 'send_throttled'], [500, undefined], [200, undefined]])(
    'tells HTTP %i of a start as ours: %s (V-06)', async (status, code) => {
      gateway.answer(problem(status))
      const failure = await failureOf(start())
      expect(failure.code).toBe(code)
      expect(told(failure)).not.toContain(ADA)
    })

  it.each<[number, object, string]>([
    [200, { request_id: ID, status: 'completed' }, 'right'], [400, {}, 'wrong'], [404, {}, 'expired'], [409, {}, 'expired'], [410, {}, 'exhausted'],
    [401, {}, 'provider_unavailable'], [402, {}, 'provider_unavailable'], [429, {}, 'provider_unavailable'],
    [200, { status: 'pending' }, 'unknown'], [200, {}, 'unknown'], [202, { status: 'completed' }, 'unknown'], [500, {}, 'unknown'], [302, {}, 'unknown'],
  ])('knows what HTTP %i %j of a check is worth: %s (V-09, V-04)', async (status, body, worth) => {
    gateway.answer(problem(status, body))
    expect(await check().catch((error: unknown) => (error as { code?: string }).code ?? 'unknown')).toBe(worth)
    expect(gateway.last.path).toBe(`/v2/verify/${ID}`)
    expect(JSON.parse(gateway.last.body)).toEqual({ code: '012345' })
  })

  it('has not looked at a code without a connection, and nobody knows after one that broke (V-04)', async () => {
    expect(await failureOf(check({ baseUrl: await deadUrl() }))).toMatchObject({ code: 'provider_unavailable' })
    gateway.answer(hangUp)
    expect((await failureOf(check())).code).toBeUndefined()
  })

  it.each<[string, object, RegExp]>([
    ['no login', { applicationId: undefined, privateKey: undefined }, /takes either applicationId/], ['two logins', { apiKey: 'x', apiSecret: 'y' }, /takes either applicationId/],
    ['a key of another kind', { privateKey: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey }, /private key of RSA/], ['no key', { privateKey: 'x' }, /^privateKey is a private key/],
    ['a long brand', { brand: 'x'.repeat(17) }, /^brand/], ['codes of four digits', { codeLength: 4 }, /^codeLength/], ['a WhatsApp number with a plus', { whatsAppFrom: ADA }, /^whatsAppFrom/],
    ['a clear line', { baseUrl: 'http://api.nexmo.com' }, /^baseUrl/], ['a misspelt option', { brandName: 'x' }, /no option brandName/],
  ])('refuses %s at start-up (V-08)', (_, wrong, message) => {
    expect(() => provider(wrong)).toThrow(message)
  })
})
