import { generateKeyPairSync } from 'node:crypto'
import { camara, Strategy, type CamaraOptions, type StrategyOptions } from 'passport-number-verification'

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const operator: CamaraOptions = { issuer: 'https://operator.example', clientId: 'us', clientKey: { key: privateKey } }
const options: StrategyOptions = { provider: camara(operator), callbackURL: 'https://acme.example/callback' }

describe('the options of the strategy', () => {
  it.each<[string, object, RegExp]>([
    ['a misspelt option', { timout: '3s' }, /no option timout. Did you mean timeout/],
    ['no provider', { provider: undefined }, /provider is what camara/],
    ['a provider without a name', { provider: () => ({ network: { begin() {}, end() {} } }) }, /provider.id is a text/],
    ['a provider that is nothing', { provider: () => null }, /provider.id is a text/],
    ['a provider without a way', { provider: () => ({ id: 'acme' }) }, /no way to ask/],
    ['a provider that lacks the mode', { mode: 'read', provider: () => ({ id: 'acme', modes: ['verify'], network: { begin() {}, end() {} } }) }, /not mode: 'read'/],
    ['a way that is none', { via: ['wifi'] }, /via is a list of ways of the provider https:\/\/operator.example, each once: 'network', 'operator-token'/],
    ['a way twice', { via: ['network', 'network'] }, /each once/],
    ['no way', { via: [] }, /via is a list of ways/],
    ['a way that is no list', { via: 'network' }, /via is a list/],
    ['operator tokens of an operator that takes a secret', { via: ['operator-token'], provider: camara({ ...operator, clientKey: undefined, clientSecret: 'secret' }) }, /each once: 'network'\./],
    ['a way without its methods', { provider: () => ({ id: 'acme', operatorToken: { begin() {} } }) }, /no way to ask/],
    ['another mode', { mode: 'share' }, /mode is "verify" or "read"/],
    ['a relative callback', { callbackURL: '/callback' }, /whole address/],
    ['a callback over http', { callbackURL: 'http://acme.example/callback' }, /https:/],
    ['a purpose with its prefix', { purpose: 'dpv:FraudPreventionAndDetection' }, /without dpv:/],
    ['two purposes', { purpose: 'One Two' }, /without dpv:/],
    ['a number as a time', { timeout: 3 }, /duration/],
    ['no time at all', { timeout: '0s' }, /longer than nothing/],
    ['a limit that is none', { beginLimits: { '1h': -1 } }, /whole number of times/],
    ['a store that is none', { store: {} }, /transaction store/],
    ['an origin with a path', { origins: ['https://acme.example/login'] }, /without a path/],
  ])('the options of the strategy throw at start-up for %s', (_, wrong, message) => {
    expect(() => new Strategy({ ...options, ...wrong })).toThrow(message)
  })

  it('the strategy takes a verify callback that is a function, or none', () => {
    expect(() => new Strategy(options, 'verify' as never)).toThrow(/second argument/)
    expect(new Strategy(options).name).toBe('number-verification')
  })
})

describe('the options of camara', () => {
  it.each<[string, object, RegExp]>([
    ['a misspelt option', { clientID: 'us' }, /no option clientID/],
    ['no issuer', { issuer: undefined }, /needs issuer/],
    ['an issuer over http', { issuer: 'http://operator.example' }, /https:/],
    ['no key and no secret', { clientKey: undefined }, /exactly one of the two/],
    ['a key and a secret', { clientSecret: 'secret' }, /exactly one of the two/],
    ['a public key', { clientKey: { key: publicKey } }, /private key/],
    ['a key that is none', { clientKey: 'pem' }, /private key/],
    ['no client', { clientId: '' }, /clientId is required/],
    ['an API root over http', { apiRoot: 'http://api.example' }, /https:/],
    ['an API root with a query', { apiRoot: 'https://api.example/?tenant=us' }, /apiRoot has no query/],
    ['an issuer with a query', { issuer: 'https://operator.example/?tenant=us' }, /issuer has no query/],
    ['an empty secret', { clientKey: undefined, clientSecret: '' }, /clientSecret is required/],
    ['an aggregator over http', { wallet: { endpoint: 'http://aggregator.example' } }, /https:/],
    ['carriers that are none', { wallet: { carrierIds: [1] } }, /wallet.carrierIds/],
    ['a misspelt option of the wallet', { wallet: { hint: true } }, /no option hint/],
    ['a key that is missing for JWT-bearer', { clientKey: undefined, clientSecret: 'secret-of-the-client-at-the-operator', appTokens: 'jwt-bearer' }, /needs clientKey/],
    ['another grant', { appTokens: 'password' }, /appTokens is/],
    ['another version', { apiVersion: 3 }, /apiVersion is 1 or 2/],
    ['metadata of another issuer', { metadata: { issuer: 'https://other.example', token_endpoint: 'https://o.example', jwks_uri: 'https://o.example' } }, /two issuers/],
    ['metadata with an endpoint over http', { issuer: undefined, metadata: { issuer: 'https://o.example', token_endpoint: 'http://o.example', jwks_uri: 'https://o.example' } }, /https:/],
  ])('the options of camara throw at start-up for %s', (_, wrong, message) => {
    expect(() => camara({ ...operator, ...wrong })).toThrow(message)
  })

  it('camara takes metadata without an authorization endpoint, and a secret in the place of a key', () => {
    const metadata = { issuer: 'https://o.example', token_endpoint: 'https://o.example/token', jwks_uri: 'https://o.example/jwks' }
    expect(camara({ metadata, clientId: 'us', clientSecret: 'secret' })).toEqual(expect.any(Function))
  })

  it('camara takes loopback over http while developing, and not in production', () => {
    const local = { ...operator, issuer: 'http://127.0.0.1:4000/camara' }
    expect(camara(local)).toEqual(expect.any(Function))
    const before = process.env.NODE_ENV
    process.env.NODE_ENV = 'production'
    try {
      expect(() => camara(local)).toThrow(/production/)
    } finally {
      process.env.NODE_ENV = before
    }
  })
})
