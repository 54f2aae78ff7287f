import { generateKeyPairSync } from 'node:crypto'
import { camaraSwaps, type CamaraSwapsOptions } from '../../src/checks/index.js'
import { deadUrl, failureOf, told } from '../support/gateway.js'
import { ADA } from '../support/kit.js'
import { startOperator, type Operator } from '../support/operator.js'

const keys = { rsa: generateKeyPairSync('rsa', { modulusLength: 2048 }), ec: generateKeyPairSync('ec', { namedCurve: 'P-256' }) }
const SECRET_OF_CLIENT = 's:cret'

let operator: Operator
afterEach(() => operator.close())

const provider = (options: Partial<CamaraSwapsOptions> = {}) => camaraSwaps({
  apiRoot: operator.url, tokenUrl: `${operator.url}/token`, clientId: 'acme',
  ...options.clientKey === undefined ? { clientSecret: SECRET_OF_CLIENT } : {}, ...options,
})
const ask = (options: Partial<CamaraSwapsOptions> = {}, kind: 'sim' | 'device' = 'sim', signal = new AbortController().signal) =>
  provider(options).swapped({ kind, phone: ADA, maxAge: 240 }, { signal })

const ways = [
  ['a client secret', undefined, 'client-credentials'],
  ['an RSA key', 'rsa', 'client-credentials'],
  ['a P-256 key', 'ec', 'client-credentials'],
  ['a JWT that names the number, signed by an RSA key', 'rsa', 'jwt-bearer'],
  ['a JWT that names the number, signed by a P-256 key', 'ec', 'jwt-bearer'],
] as const

describe.each(ways)('camaraSwaps with %s', (_, type, grant) => {
  const options = type === undefined ? {} : { clientKey: keys[type].privateKey, grant }
  beforeEach(async () => { operator = await startOperator(type && keys[type].publicKey) })

  it.each([['sim', '/sim-swap/v2/check'], ['device', '/device-swap/v1/check']] as const)('camaraSwaps asks about a %s swap as the published document says, with an access token for each question (C-01)', async (kind, path) => {
    expect(await ask(options, kind)).toBe(false)
    operator.answers({ swapped: true })
    expect(await ask(options, kind)).toBe(true)
    expect(operator.questions).toEqual([{ phone: ADA, maxAge: 240, path }, { phone: ADA, maxAge: 240, path }])
    const tokens = operator.requests.filter((request) => request.path === path).map(({ headers }) => headers.authorization)
    expect(new Set(tokens).size).toBe(2)
  })
})

describe('camaraSwaps', () => {
  beforeEach(async () => { operator = await startOperator() })

  // Every error of the published documents, and of the scenarios of sim-swap-checkSimSwap.feature (SimSwap r3.3).
  it.each([
    [400, 'INVALID_ARGUMENT'], [400, 'OUT_OF_RANGE'], [401, 'UNAUTHENTICATED'], [403, 'PERMISSION_DENIED'],
    [404, 'NOT_FOUND'], [404, 'IDENTIFIER_NOT_FOUND'], [422, 'SERVICE_NOT_APPLICABLE'], [422, 'MISSING_IDENTIFIER'],
    [422, 'UNNECESSARY_IDENTIFIER'], [429, 'QUOTA_EXCEEDED'], [429, 'TOO_MANY_REQUESTS'],
  ])('camaraSwaps tells %i %s by its code, and never what else was said (C-02)', async (status, code) => {
    operator.answers({ status, code, message: `The number ${ADA} is not good.` }, status)
    const error = await failureOf(ask())
    expect(error).toMatchObject({ code })
    for (const secret of [ADA, ADA.slice(1), SECRET_OF_CLIENT, 'token-0']) expect(told(error)).not.toContain(secret)
  })

  it.each([
    ['a 200 without the answer', {}, 200], ['a text', { swapped: 'true' }, 200], ['a number', { swapped: 1 }, 200], ['no JSON', '<html>', 200],
    ['a list', [true], 200], ['nothing', '', 200], ['a redirect', { swapped: false }, 302], ['an answer of another status', { swapped: false }, 202],
  ])('camaraSwaps takes %s for no answer (C-02)', async (_, body, status) => {
    operator.answers(body, status)
    expect(await failureOf(ask())).toMatchObject({ code: `http_${status}` })
  })

  it.each([
    ['what OAuth says', { error: 'invalid_client' }, 401, 'invalid_client'], ['no token', {}, 200, 'http_200'],
    ['a token that is no header', { access_token: 'a\r\nb' }, 200, 'http_200'], ['a sentence for a code', { error: `no ${ADA}` }, 400, 'http_400'],
  ])('camaraSwaps asks no further without an access token: %s (C-02)', async (_, body, status, code) => {
    operator.tokens(body, status)
    expect(await failureOf(ask())).toMatchObject({ code })
    expect(operator.requests).toHaveLength(1)
  })

  it('camaraSwaps stops when it is told to, and rejects where nobody listens', async () => {
    const stop = AbortSignal.abort()
    await expect(ask({}, 'sim', stop)).rejects.toThrow()
    await expect(ask({ tokenUrl: `${await deadUrl()}/token` })).rejects.toThrow()
    expect(operator.requests).toHaveLength(0)
  })

  it.each<[string, object, RegExp]>([
    ['no credentials', { clientSecret: undefined }, /either clientSecret or clientKey/],
    ['both', { clientKey: keys.ec.privateKey, clientSecret: 'x' }, /either clientSecret or clientKey/],
    ['a JWT without a key', { grant: 'jwt-bearer' }, /give clientKey/],
    ['a public key', { clientSecret: undefined, clientKey: keys.ec.publicKey }, /private key/],
    ['no key at all', { clientSecret: undefined, clientKey: 'no key' }, /private key/],
    ['a key of another curve', { clientSecret: undefined, clientKey: generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey }, /P-256/],
    ['a clear line', { apiRoot: 'http://api.operator.example' }, /^apiRoot is an address that begins with https:/],
    ['no address', { tokenUrl: '' }, /^tokenUrl is an address/],
    ['no client', { clientId: '' }, /^clientId is required/],
    ['another grant', { grant: 'password' }, /^grant is "client-credentials" or "jwt-bearer"/],
    ['a misspelt option', { scop: 'x' }, /no option scop/],
  ])('camaraSwaps refuses %s at start-up', (_, wrong, message) => {
    expect(() => provider(wrong)).toThrow(message)
  })
})
