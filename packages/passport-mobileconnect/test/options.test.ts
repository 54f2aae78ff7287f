import { RedisTransactionStore, Strategy, type StrategyOptions } from 'passport-mobileconnect'

const operator = { issuer: 'https://operator.example', clientId: 'an-id', clientSecret: 'a-secret' }
const callbackURL = 'https://app.example/callback'
const make = (options: unknown, verify: unknown = () => undefined) => () => new Strategy(options as StrategyOptions, verify as never)

describe('the options of the strategy', () => {
  it('MobileConnectStrategy needs no more options than one operator and a callbackURL', () => {
    expect(make({ operator, callbackURL })().name).toBe('mobileconnect')
  })

  it.each<[string, unknown, string]>([
    ['nothing', undefined, 'MobileConnectStrategy takes an object of options.'],
    ['a misspelt one', { operator, callbackUrl: callbackURL }, 'MobileConnectStrategy has no option callbackUrl. Did you mean callbackURL?'],
    ['no operator', { callbackURL }, 'takes operator, or operators and chooseOperator, or discovery: exactly one of the three'],
    ['two ways to an operator', { operator, operators: [operator], callbackURL }, 'exactly one of the three'],
    ['no operators', { operators: [], callbackURL }, 'operators is empty'],
    ['operators that are none', { operators: operator, callbackURL }, 'operators is a list such as'],
    ['several operators, and nobody to choose', { operators: [operator, { ...operator, issuer: 'https://b.example' }], callbackURL: `${callbackURL}/{operator}` }, 'operators needs chooseOperator'],
    ['two operators of one id', { operators: [{ ...operator, id: 'a' }, { ...operator, id: 'a' }], chooseOperator: () => 'a', callbackURL: `${callbackURL}/{operator}` }, 'two of them have the same id'],
    ['a discovery that is none', { discovery: { issuers: [] }, callbackURL }, 'discovery is what gsmaDiscovery({ … }) gives'],
    ['no callbackURL', { operator }, 'callbackURL is the whole address of the callback'],
    ['a callbackURL that is made of the request', { operator, callbackURL: '/callback' }, 'whose Host header anybody can choose'],
    ['a callbackURL over http:', { operator, callbackURL: 'http://app.example/callback' }, 'https:, or http: on loopback'],
    ['a callbackURL with a query', { operator, callbackURL: `${callbackURL}?a=b` }, 'without a query'],
    ['a callbackURL with a fragment', { operator, callbackURL: `${callbackURL}#a` }, 'without a query, a #fragment'],
    ['a callbackURL with the operator in the host', { operator, callbackURL: 'https://{operator}.example/callback' }, 'callbackURL'],
    ['a callbackURL with the operator twice', { operator, callbackURL: `${callbackURL}/{operator}/{operator}` }, 'has {operator} once, as a whole part of its path'],
    ['a callbackURL with the operator as half a part', { operator, callbackURL: `${callbackURL}/op-{operator}` }, 'as a whole part of its path'],
    ['a misspelt one of an operator', { operator: { ...operator, clientID: 'x' }, callbackURL }, 'operator has no option clientID. Did you mean clientId?'],
    ['no issuer', { operator: { clientId: 'a', clientSecret: 'b' }, callbackURL }, 'operator.issuer is required'],
    ['an issuer over http:', { operator: { ...operator, issuer: 'http://operator.example' }, callbackURL }, 'Only on loopback http: is allowed'],
    ['an issuer that is none', { operator: { ...operator, issuer: 'operator.example' }, callbackURL }, 'operator.issuer is an absolute address'],
    ['an issuer with a query', { operator: { ...operator, issuer: 'https://operator.example?a=b' }, callbackURL }, 'operator.issuer has no query'],
    ['an issuer with a password', { operator: { ...operator, issuer: 'https://a:b@operator.example' }, callbackURL }, 'has no user name, password'],
    ['two issuers', { operator: { ...operator, metadata: { issuer: 'https://b.example' } }, callbackURL }, 'are two issuers: https://b.example and https://operator.example'],
    ['metadata without keys', { operator: { ...operator, metadata: { issuer: operator.issuer, authorization_endpoint: 'https://a.example', token_endpoint: 'https://a.example' } }, callbackURL }, 'operator.metadata: jwks_uri is an absolute address'],
    ['endpoints over http:', { operator: { ...operator, endpoints: { authorization: 'https://a.example', token: 'http://a.example', jwks: 'https://a.example' } }, callbackURL }, 'operator.endpoints: token_endpoint begins with https:'],
    ['a misspelt endpoint', { operator: { ...operator, endpoints: { authorisation: 'https://a.example', token: 'https://a.example', jwks: 'https://a.example' } }, callbackURL }, 'Did you mean authorization?'],
    ['metadata twice', { operator: { ...operator, metadataUrl: 'https://a.example', endpoints: {} }, callbackURL }, 'one of them'],
    ['no clientId', { operator: { ...operator, clientId: '' }, callbackURL }, 'operator.clientId is required'],
    ['a clientId that raw Basic cannot send', { operator: { ...operator, clientId: 'a:b' }, callbackURL }, 'only clientAuth: \'basic\' can send'],
    ['no clientSecret', { operator: { ...operator, clientSecret: undefined }, callbackURL }, 'operator.clientSecret is required'],
    ['an id that is no part of a path', { operator: { ...operator, id: 'a/b' }, callbackURL }, 'operator.id stands in callbackURL'],
    ['an id that is a way up', { operator: { ...operator, id: '..' }, callbackURL }, 'operator.id stands in callbackURL'],
    ['another clientAuth', { operator, callbackURL, clientAuth: 'none' }, 'clientAuth is one of basic-raw, basic, post, private_key_jwt'],
    ['private_key_jwt without a key', { operator, callbackURL, clientAuth: 'private_key_jwt' }, 'operator.clientKey is { key, kid?, alg? }'],
    ['a scope without openid', { operator, callbackURL, scope: 'mc_authn' }, 'with openid in it'],
    ['another mode', { operator, callbackURL, mode: 'ciba' }, 'mode is "redirect" or "backchannel"'],
    ['a level that is none', { operator, callbackURL, levelOfAssurance: 5 }, 'levelOfAssurance is 1, 2, 3 or 4, not 5.'],
    ['a level as a text', { operator, callbackURL, levelOfAssurance: '2' }, 'levelOfAssurance is 1, 2, 3 or 4, not "2".'],
    ['a level and acrValues', { operator, callbackURL, levelOfAssurance: 2, acrValues: ['2'] }, 'say the same thing twice'],
    ['acrValues as a text', { operator, callbackURL, acrValues: '3 2' }, 'acrValues is a list such as [\'3\', \'2\']'],
    ['acrValues with a blank', { operator, callbackURL, acrValues: ['3 2'] }, 'texts without spaces'],
    ['a number for a duration', { operator, callbackURL, maxAge: 300 }, 'maxAge is a duration: write a string with its unit'],
    ['a duration that is none', { operator, callbackURL, timeout: 'soon' }, 'timeout is a duration'],
    ['a ttl that is a number', { operator, callbackURL, ttl: 10 }, 'ttl is a duration'],
    ['a callback that is none', { operator, callbackURL, loginHint: 'MSISDN:1' }, 'loginHint is a function, or left out, not string.'],
    ['a fetch that is none', { operator, callbackURL, fetch: {} }, 'fetch is a function'],
    ['a store that is none', { operator, callbackURL, store: { get: () => undefined } }, 'store is a transaction store, with the methods put, take, claim, postpone, count'],
    ['a correlationId that is fixed', { operator, callbackURL, correlationId: 'x' }, 'correlationId is true or false, or a function, not "x".'],
    ['claims that are none', { operator, callbackURL, claims: '{}' }, 'claims is an object'],
    ['another userinfo', { operator, callbackURL, userinfo: 'yes' }, 'userinfo is true or false or "premiuminfo"'],
    ['beginLimits that are none', { operator, callbackURL, beginLimits: { '10m': -1 } }, 'beginLimits: \'10m\' is a whole number of times'],
    ['beginLimits without a window', { operator, callbackURL, beginLimits: { often: 1 } }, 'beginLimits is a duration'],
    ['passReqToCallback that is neither', { operator, callbackURL, passReqToCallback: 1 }, 'passReqToCallback is true or false'],
  ])('MobileConnectStrategy refuses options with %s at start-up, in words', (_, options, words) => {
    expect(make(options)).toThrow(TypeError)
    expect(make(options)).toThrow(words)
  })

  it.each<[string, object, string]>([
    ['version', { version: 2 }, 'version is a text, not 2.'],
    ['clientName', { clientName: ['Acme'] }, 'clientName is a text, not ["Acme"].'],
    ['issParameter', { issParameter: 'no' }, 'issParameter is true or false, not "no".'],
    ['pushedAuthorizationRequests', { pushedAuthorizationRequests: 1 }, 'pushedAuthorizationRequests is true or false, not 1.'],
  ])('MobileConnectStrategy refuses an operator whose options are of another kind: %s', (_, more, message) => {
    const operator = { issuer: 'https://operator.example', clientId: 'id', clientSecret: 'secret', ...more }
    expect(() => new Strategy({ operator, callbackURL: 'https://app.example/callback' }, () => undefined)).toThrow(message)
  })

  it('MobileConnectStrategy needs a verify callback', () => {
    expect(make({ operator, callbackURL }, null)).toThrow('The second argument is verify({ issuer, sub, … }, done)')
  })

  it('MobileConnectStrategy allows http: on loopback while developing, and never in production', () => {
    const before = process.env.NODE_ENV
    const local = ['http://127.0.0.1:3000', 'http://localhost:3000', 'http://[::1]:3000'].map((issuer) => make({ operator: { ...operator, issuer }, callbackURL }))
    for (const one of local) expect(one).not.toThrow()
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    process.env.NODE_ENV = 'production'
    try {
      for (const one of local) expect(one).toThrow('begins with https: when NODE_ENV is production')
      expect(make({ operator, callbackURL, store: new RedisTransactionStore({ client: { eval: async () => undefined } }) })).not.toThrow()
    } finally {
      process.env.NODE_ENV = before
      warn.mockRestore()
    }
    for (const issuer of ['http://127.0.0.1.evil.example', 'http://10.0.0.1', 'http://localhost.evil.example', 'http://0.0.0.0']) expect(make({ operator: { ...operator, issuer }, callbackURL })).toThrow(TypeError)
  })

  it('MobileConnectStrategy does not change the options that it is given', () => {
    const options = Object.freeze({ operator: Object.freeze({ ...operator }), callbackURL })
    expect(make(options)).not.toThrow()
  })

  it('MobileConnectStrategy calls an operator without an id by its issuer', () => {
    const { operators } = (make({ operator: { ...operator, issuer: 'https://operator.example:8443/mobile/connect/' }, callbackURL })() as any).settings
    expect(operators.all[0].settings.id).toBe('operator.example-8443-mobile-connect')
  })
})
