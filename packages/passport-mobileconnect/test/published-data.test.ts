import { gsmaDiscovery, Strategy, type DiscoveryAnswer, type OperatorOptions } from '../src/index.js'
import { readOperator } from '../src/operators/read-operator.js'
import { Operator } from '../src/operators/operator.js'
import { sanitized } from '#internal/upstream-error'
import { questionParameters } from '../src/protocol/authorization.js'
import { hintOfPhone } from '../src/protocol/login-hint.js'
import { detectVersion } from '../src/protocol/version.js'
import { ADA, CALLBACK, DISCOVERY, METADATA, metadata, startExchange, told, type Kit } from './support/exchange.js'
import { reply } from './support/internet.js'
import { overTls, published, publishedNames, publishedText, replay, type Answered } from './support/published.js'
import { endLogin, endWell, idToken, ownKeys } from './support/token-endpoint.js'

// Everything that was published of Mobile Connect and could be found, each through the code that would meet it.
const REFERENCE = 'https://reference.mobileconnect.io/mobileconnect'
const REFERENCE_METADATA = `${REFERENCE}/discovery.php/openid-configuration`
const SANDBOX_A = 'https://operator_a.sandbox2.mobileconnect.io'
const wellKnown = (issuer: string) => `${issuer}/.well-known/openid-configuration`

/** Each file, and the tests that it takes part in. */
const tried = new Set<string>()
const read = (name: string): any => {
  tried.add(name)
  return published(name)
}

let kit: Kit | undefined
afterEach(() => kit?.close())

const readText = (name: string): string => {
  tried.add(name)
  return publishedText(name)
}

interface Broken { readonly code: string, readonly cause: Error }

/** What discovery makes of a published answer. */
async function discovered(answer: Answered, issuers: readonly string[], operator: Readonly<Record<string, Answered>> = {}): Promise<DiscoveryAnswer | Broken> {
  kit = await startExchange({ issuers })
  kit.answer(replay(answer))
  for (const [address, how] of Object.entries(operator)) kit.internet.answer(address, replay(how))
  return kit.find({ msisdn: ADA }).catch((error: unknown) => error as Broken)
}

/** An operator that publishes what is needed, configured like this. */
async function operatorWith(options: Partial<OperatorOptions>) {
  const settings = readOperator('operator', { issuer: 'https://operator.example', clientId: 'a', clientSecret: 'b', ...options.endpoints ? {} : { metadata: metadata() }, ...options })
  const configured = new Operator(settings, { fetch, timeout: 100_000, now: Date.now })
  return { configured, connection: await configured.connected() }
}

const own = (issuer: string): Answered => ({ status: 200, body: metadata(issuer) })

describe('Published answers of discovery v2', () => {
  const described = ['identified-full-links', 'identified-no-userinfo-no-revoke', 'discovery-response-test-2']
  it.each(described)('the published answer %s of discovery v2 finds an operator: its metadata describes it, and overrides the links', async (name) => {
    const answer = read(`discovery-v2/${name}.json`)
    const outcome = await discovered(answer, [REFERENCE], { [REFERENCE_METADATA]: read('metadata/reference-op-v3.0.json') })
    expect(outcome).toMatchObject({
      status: 'found',
      subscriberId: answer.body.subscriber_id,
      operator: {
        id: 'reference.mobileconnect.io-mobileconnect', issuer: REFERENCE, clientId: 'x-ZWRhNjU3OWI3MGIwYTRh', clientSecret: 'x-NjQzZTBhZWM0YmQ4ZDQ5', clientName: 'test1',
        metadata: { version: '3.0', jwks_uri: `${REFERENCE}/op.jwk`, userinfo_endpoint: `${REFERENCE}/index.php/userinfo` },
      },
    })
  })

  it('the published answer identified-no-userinfo-no-revoke finds an operator by its links alone, without userinfo, while the metadata cannot be read', async () => {
    const outcome = await discovered(read('discovery-v2/identified-no-userinfo-no-revoke.json'), [REFERENCE])
    expect(outcome).toMatchObject({ operator: { issuer: REFERENCE, metadata: { jwks_uri: `${REFERENCE}/cert.jwk` } } })
    expect(told(outcome)).not.toContain('userinfo_endpoint')
  })

  it.each(['identified-sandbox', 'discovery-response-test-1', 'r1-identified-example-operator-a'])('the published answer %s of discovery v2 is refused, because its addresses are http:', async (name) => {
    expect(await discovered(read(`discovery-v2/${name}.json`), [SANDBOX_A, 'https://operator_a.sandbox.mobileconnect.io'])).toMatchObject({ code: 'issuer_not_allowed' })
  })

  it.each([['identified-sandbox', SANDBOX_A], ['discovery-response-test-1', SANDBOX_A], ['r1-identified-example-operator-a', 'https://operator_a.sandbox.mobileconnect.io']])(
    'the published answer %s over https finds an operator, if the operator publishes its keys, which the answer does not name', async (name, issuer) => {
      const answer = overTls(read(`discovery-v2/${name}.json`))
      const { client_id: clientId, client_secret: clientSecret } = answer.body.response
      expect(await discovered(answer, [issuer], { [wellKnown(issuer)]: own(issuer) })).toMatchObject({ status: 'found', operator: { issuer, clientId, clientSecret } })
      await kit?.close()
      expect(await discovered(answer, [issuer])).toMatchObject({ code: 'operator_unavailable' })
    })

  it('the published answer operator-not-found, with status 200 and with 404, finds no operator', async () => {
    const answer = read('discovery-v2/operator-not-found.json')
    for (const status of [200, 404]) {
      expect(await discovered({ ...answer, status }, [REFERENCE])).toEqual({ status: 'unknown' })
      await kit?.close()
    }
  })

  it('the published answer operator-selection is refused over http:, because a person would type a number there, and is the page over https:', async () => {
    const answer = read('discovery-v2/operator-selection.json')
    expect(await discovered(answer, [REFERENCE])).toMatchObject({ code: 'discovery_failed' })
    await kit?.close()
    expect(await discovered(overTls(answer), [REFERENCE])).toEqual({ status: 'select', url: answer.body.links[0].href.replace('http:', 'https:') })
  })

  it('the published answer error-with-description-and-error_description is a failure with its words in the cause', async () => {
    const { code, cause } = await discovered(read('discovery-v2/error-with-description-and-error_description.json'), [REFERENCE]) as Broken
    expect([code, cause.message]).toEqual(['discovery_failed', 'HTTP 400. x: description error_description: error_uri'])
  })

  it.each(['malformed-not-link', 'unparseable'])('the published answer %s of discovery v2 is a failure', async (name) => {
    expect(await discovered(read(`discovery-v2/${name}.json`), [REFERENCE])).toMatchObject({ code: 'discovery_failed' })
  })

  it('the request to discovery has the parameters of the published example-request-url, without the empty ones', async () => {
    const example = new URL(read('discovery-v2/example-request-url.json').url)
    kit = await startExchange({ redirectURL: example.searchParams.get('Redirect_URL')! })
    await kit.find({ identified: { mcc: '234', mnc: '15' } })
    await kit.find({ selected: { mcc: '262', mnc: '01' } })
    const ours = kit.internet.asked.filter(({ url }) => url.href.startsWith(DISCOVERY)).flatMap(({ url }) => [...url.searchParams])
    expect(ours).toContainEqual(['Redirect_URL', example.searchParams.get('Redirect_URL')])
    expect(ours.map(([name]) => name).filter((name) => !example.searchParams.has(name))).toEqual([])
    expect(ours.filter(([, value]) => value === '')).toEqual([])
  })
})

describe('Published answers of discovery v1', () => {
  it('the published answer identified of discovery v1 is read as one of v2, because the differences do no harm', async () => {
    const issuer = 'https://mconnect.dialog.lk'
    expect(await discovered(read('discovery-v1/identified.json'), [issuer], { [wellKnown(issuer)]: own(issuer) })).toMatchObject({
      status: 'found', subscriberId: '3B2E3AC7B8208CBC9D9257DC0E0E30E...', operator: { issuer, clientId: 'VQpqwTdmOcOkmU3yfeo4QX4XGnCKS8OT', clientSecret: 'xhsee343xhsssdf' },
    })
  })

  it.each(['operator-selection-202', 'operator-selection-302'])('the published answer %s of discovery v1 is read as one of v2, and refused while it is http:', async (name) => {
    const answer = read(`discovery-v1/${name}.json`)
    expect(await discovered(answer, [REFERENCE])).toMatchObject({ code: 'discovery_failed' })
    await kit?.close()
    expect(await discovered(overTls(answer), [REFERENCE])).toEqual({ status: 'select', url: 'https://gsmaoneapiexchange.com/v1/discovery/users/operator-selection?session_id=X4XGnCKS8OT' })
  })

  it('the published answer operator-list-client-side is a failure: it names no person\'s operator, and is for apps without a server', async () => {
    expect(await discovered(read('discovery-v1/operator-list-client-side.json'), [REFERENCE])).toMatchObject({ code: 'discovery_failed' })
  })

  it('the published return redirect-back names the network, and its placeholder for an encrypted number is left out', () => {
    const location = new URL(read('discovery-v1/redirect-back.json').headers.Location)
    const discovery = gsmaDiscovery({ url: DISCOVERY, clientId: 'a', clientSecret: 'b', redirectURL: CALLBACK, issuers: [REFERENCE] })
    expect(discovery.returned(location.searchParams)).toEqual({ status: 'selected', mcc: '000', mnc: '01' })
  })
})

describe('Published metadata', () => {
  it('the published metadata reference-op-v4.0 takes the place of reference-op-v3.0 when that has become old', async () => {
    await discovered(read('discovery-v2/identified-full-links.json'), [REFERENCE], { [REFERENCE_METADATA]: read('metadata/reference-op-v3.0.json') })
    kit!.internet.answer(REFERENCE_METADATA, replay(read('metadata/reference-op-v4.0.json')))
    kit!.pass(59 * 60_000)
    expect(await kit!.find()).toMatchObject({ operator: { metadata: { version: '3.0' } } })
    kit!.pass(2 * 60_000)
    expect(await kit!.find()).toMatchObject({ operator: { metadata: { version: '4.0' } } })
  })

  it('the published metadata beeline-idgw-like is taken, with a boolean where a list belongs, and endpoints of unusual names', async () => {
    const answer = read('metadata/beeline-idgw-like.json')
    kit = await startExchange({ issuers: ['https://idgw.example'] })
    kit.answer(reply(200, { response: { client_id: 'a', client_secret: 'b', apis: { operatorid: { link: [{ rel: 'issuer', href: 'https://idgw.example' }] } } } }))
    kit.internet.answer(METADATA.replace('operator.example', 'idgw.example'), replay(answer))
    expect(await kit.find()).toMatchObject({ operator: { metadata: { token_endpoint: 'https://idgw.example/mc-token', claims_locales_supported: false } } })
  })
})

describe('Published configurations', () => {
  it('gsmaDiscovery takes the addresses of the published configuration with-discovery-sandbox as they are', async () => {
    const { discoveryURL, redirectURL, msisdn } = read('config/with-discovery-sandbox.json')
    kit = await startExchange({ url: discoveryURL, redirectURL })
    kit.internet.answer(discoveryURL, replay(read('discovery-v2/operator-not-found.json')))
    expect(await kit.find({ msisdn })).toEqual({ status: 'unknown' })
    expect(Object.fromEntries(new URLSearchParams(kit.internet.asked[0]!.body))).toEqual({ MSISDN: '447700900301', Redirect_URL: redirectURL })
  })
})

describe('Published configurations without discovery', () => {
  const { authURL, tokenURL, userInfoURl, premiumInfoURl, apiVersion, scope, client_name: clientName, context, binding_message: bindingMessage } = read('config/without-discovery-operator-b.json')
  const issuer = new URL(authURL).origin
  const endpoints = { authorization: authURL, token: tokenURL, userinfo: userInfoURl, premiuminfo: premiumInfoURl }
  const credentials = { clientId: `${Buffer.from('2f8a:operator-b').toString('base64')}=`, clientSecret: 'x-y=' }

  it('the published configuration without-discovery-operator-b is refused, because it names neither keys nor issuer, and no token could be believed', () => {
    expect(() => readOperator('operator', { ...credentials, issuer, endpoints: endpoints as never })).toThrow('jwks_uri is an absolute address')
    expect(() => readOperator('operator', { ...credentials, endpoints: { ...endpoints, jwks: `${issuer}/jwks` } })).toThrow('operator.issuer is required')
  })

  it('the published configuration without-discovery-operator-b, with keys and issuer, asks as it says, and its credentials keep their = (raw Basic)', async () => {
    const options = { ...credentials, issuer, endpoints: { ...endpoints, jwks: `${issuer}/jwks` }, version: apiVersion, scope, clientName }
    const { configured, connection } = await operatorWith(options)
    expect(questionParameters(configured, connection, { acr: { level: 2 }, context, bindingMessage })).toMatchObject({
      version: 'mc_di_r2_v2.3', scope: 'openid mc_authz', client_name: 'PhpServerSideDemo', context: 'demo', binding_message: 'demo auth', acr_values: '2',
    })
    const sent: (string | undefined)[] = []
    await endWell({ clientId: credentials.clientId, token: (response, { headers }) => { sent.push(headers.authorization); response.writeHead(500).end() } })
    expect(sent).toEqual([`Basic ${Buffer.from(`${credentials.clientId}:secret`).toString('base64')}`])
  })
})

describe('Published vectors of the authorization request', () => {
  it.each<any>(read('authorize/login-hint-vectors.json'))('the login hint for the published vector of kind $kind is right: $in', ({ kind, in: value, out }) => {
    const ours = { msisdn: hintOfPhone, encryptedMsisdn: (id: string) => `ENCR_MSISDN:${id}`, pcr: (pcr: string | null) => (pcr ? `PCR:${pcr}` : null) } as Record<string, (value: any) => string | null>
    expect(ours[kind]!(value)).toBe(out)
  })

  const vectors: any[] = read('authorize/supported-versions-vectors.json')
  it.each(vectors.slice(0, 3))('the published vector asks for version $expected with the scope $scope', ({ mobile_connect_version_supported, scope, expected }) => {
    expect(detectVersion({ mobile_connect_version_supported }, scope)).toBe(expected)
  })

  it('where the operator names no version, the version is not the deprecated mc_v1.2 of the published table, but mc_v2.0, which took its place', () => {
    const { mobile_connect_version_supported, scope, expected } = vectors[3]
    expect([expected, detectVersion({ mobile_connect_version_supported }, scope)]).toEqual(['mc_v1.2', 'mc_v2.0'])
  })

  it.each([['openid mc_authn', 'mc_v1.2'], ['openid mc_authz', 'mc_v1.2'], ['openid', 'mc_v1.1'], ['openid profile', 'mc_v1.1']])('the reference operator is asked for the scope %s with version %s', (scope, version) => {
    expect(detectVersion(read('metadata/reference-op-v3.0.json').body, scope)).toBe(version)
  })

  it.each([['openid mc_authn', 'mc_di_r2_v2.3'], ['openid mc_authz', 'mc_di_r2_v2.3'], ['openid mc_kyc_plain', 'mc_di_r2_v2.3']])('the gateway is asked for the scope %s with version %s, the newest that it advertises', (scope, version) => {
    expect(detectVersion(read('metadata/beeline-idgw-like.json').body, scope)).toBe(version)
  })

  it('a number in a log keeps three digits where the published mask keeps seven, and a nonce is in no log at all', () => {
    const [{ in: line, out }] = read('authorize/log-mask-vectors.json')
    expect(out).toContain('4477*****678')
    expect(sanitized(line)).toBe(line.replace('447712345678', '•••••••••678'))
  })

  it.each(['kyc-claims', 'kyc-claims-portal'])('the published claims %s are sent as they are, in the claims parameter', async (name) => {
    const file = read(`authorize/${name}.json`)
    const claims = file.premiuminfo ? file : { premiuminfo: Object.fromEntries(Object.entries(file).map(([claim, value]) => [claim, { value }])) }
    const { configured, connection } = await operatorWith({ scope: 'openid mc_kyc_plain', version: 'mc_di_r2_v2.3' })
    expect(JSON.parse(questionParameters(configured, connection, { acr: { level: 2 }, claims }).claims!)).toEqual(claims)
  })
})

describe('The published API of CAMARA that logs a user in', () => {
  it('the scopes of CAMARA\'s published number-verification are asked for silently, and nothing of Mobile Connect is sent along', async () => {
    const api = readText('camara/number-verification.yaml')
    const scopes = [...new Set([...api.matchAll(/^\s+- (number-verification:\S+)$/gm)].map(([, scope]) => scope))]
    expect(scopes).toEqual(['number-verification:verify', 'number-verification:device-phone-number:read'])
    const scope = ['openid', 'dpv:FraudPreventionAndDetection', ...scopes].join(' ')
    const { configured, connection } = await operatorWith({ scope })
    expect(questionParameters(configured, connection, { acr: { values: [] }, prompt: 'none', loginHint: 'tel:+447700900001' })).toEqual({ scope, prompt: 'none', login_hint: 'tel:+447700900001' })
  })
})

/** The clock of a published token; timers go on. */
const timers = ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'setImmediate', 'clearImmediate', 'nextTick', 'queueMicrotask', 'performance', 'hrtime'] as const
const at = (seconds: number) => jest.useFakeTimers({ now: seconds * 1000, doNotFake: [...timers] })
afterEach(() => { jest.useRealTimers() })

describe('Published answers of a token endpoint', () => {
  const keys = (name: string): Answered => ({ ...read(`jwks/${name}.json`), status: 200 })
  /** In its time, with its nonce and for its client: everything is well but what is wrong with itself. */
  const end = async (file: any, answer: Answered, jwks: Answered) => {
    const { iss, azp, aud, nonce, iat } = file.decoded.payload
    at(Number(iat) + 2)
    return endLogin({ issuer: iss.replace('http:', 'https:'), iss, clientId: azp ?? aud, nonce, token: replay(answer), keys: replay(jwks) })
  }

  it.each([
    ['token-hs256', 'its HMAC is by a key that nobody knows', 'unexpected JWT "alg"'],
    ['token-rs256-phpop', 'its key has 1024 bits', 'unsupported RSASSA-PKCS1-v1_5 modulusLength'],
    ['missing-access-token', 'it has no access token', '"access_token" property must be a string'],
    ['r1-token-hs256-amr-string', 'its HMAC is by a key that nobody knows', 'unexpected JWT "alg"'],
  ])('the published token answer %s is refused, because %s', async (name, _, words) => {
    const file = read(`token/${name}.json`)
    const outcome = await end(file, { ...file, status: 200 }, keys('phpop-00-rsa1024-leading-zero'))
    expect(outcome).toMatchObject({ code: 'token_invalid', status: 502, cause: { message: expect.stringContaining(words) } })
  })

  it.each(['token-hs256', 'token-rs256-phpop', 'missing-access-token'])('the published token answer %s is refused with its status 202 (RFC 6749 §5.1 wants 200)', async (name) => {
    const file = read(`token/${name}.json`)
    expect(await end(file, file, keys('phpop-00-rsa1024-leading-zero'))).toMatchObject({ code: 'operator_unavailable', cause: { message: 'unexpected HTTP response status code' } })
  })

  it('the published token go-id-token-expired-bad-signature is refused for its signature in its time, and for its time today', async () => {
    const file = read('token/go-id-token-expired-bad-signature.json')
    const answer = { status: 200, body: { access_token: 'a', token_type: 'Bearer', id_token: file.id_token } }
    expect(await end(file, answer, keys('go-1e9gdk7-rsa4096'))).toMatchObject({ code: 'token_invalid', cause: { message: expect.stringContaining('signature') } })
    file.decoded.payload.iat = Date.parse('2026-01-01') / 1000
    expect(await end(file, answer, keys('go-1e9gdk7-rsa4096'))).toMatchObject({ code: 'token_invalid', cause: { message: expect.stringContaining('"exp"') } })
  })

  const methods: [string, string[]][] = [['r1-token-hs256-amr-string', ['SMS_URL']], ['token-rs256-phpop', ['SIM_PIN']], ['token-hs256', ['SIM_PIN']]]
  it.each(methods)('the claims of the published token %s are believed when they are signed as they should be, with amr as a text or as a list', async (name, amr) => {
    const { payload } = read(`token/${name}.json`).decoded
    const issuer = payload.iss.replace('http:', 'https:')
    at(Number(payload.iat) + 2)
    const { at_hash: _, ...claims } = payload
    const token = replay({ status: 200, body: { access_token: 'a', token_type: 'Bearer', expires_in: '3600', id_token: idToken({ ...claims, iss: issuer }) } })
    const outcome = await endLogin({ issuer, clientId: payload.azp, nonce: payload.nonce, token, keys: replay({ status: 200, body: ownKeys }) })
    expect(outcome).toMatchObject({ status: 'identified', identity: { sub: payload.sub, acr: '2', amr, authTime: new Date(payload.auth_time * 1000) } })
  })

  it.each([
    // Revoking tokens is no part of a login. As answers about a code they identify nobody.
    ['revoke-success', 'token_invalid', 'access_token'],
    ['revoke-error', 'operator_misconfigured', 'unsupported_token_type'],
    ['revoke-non-error-300', 'operator_unavailable', 'status code'],
  ])('the published answer %s of the token endpoint is %s, with the operator\'s words in the cause alone', async (name, code, words) => {
    const outcome = await endWell({ token: replay(read(`token/${name}.json`)) })
    expect(outcome).toMatchObject({ code, cause: { message: expect.stringContaining(words) }, message: expect.not.stringContaining(words) })
  })

  it.each([['invalid-code-error', 'invalid_grant'], ['r1-error-invalid_request', 'invalid_request']])('the published answer %s is about the code, which a browser brought: it is a refusal, and no alarm (C-08)', async (name, words) => {
    expect(await endWell({ token: replay(read(`token/${name}.json`)) })).toMatchObject({ status: 'refused', code: 'transaction_unknown', cause: { message: expect.stringContaining(words) } })
  })
})

describe('Published key sets', () => {
  it.each([
    ['bad-kty-bad-kid', 'PHPOP-00', 'no applicable keys found'],
    ['go-1e9gdk7-rsa4096', '1e9gdk7', 'signature verification failed'],
    ['google-style-unquoted-4keys', undefined, 'failed to parse "response" body as JSON'],
    ['mobileconnect-rsa2048-nokid', undefined, 'signature verification failed'],
    ['mobileconnect-rsa2048-nokid', 'ours', 'no applicable keys found'],
    ['phpop-00-rsa1024-leading-zero', 'PHPOP-00', 'unsupported RSASSA-PKCS1-v1_5 modulusLength'],
    ['phpop-00-truncated-modulus', 'PHPOP-00', 'unsupported RSASSA-PKCS1-v1_5 modulusLength'],
  ])('the published key set %s does not vouch for a token of another key named %s: %s', async (name, kid, words) => {
    const outcome = await endWell({ keys: replay({ ...read(`jwks/${name}.json`), status: 200 }), header: kid === undefined ? {} : { kid } })
    expect(outcome).toMatchObject({ code: 'token_invalid', cause: { message: expect.stringContaining(words) } })
  })

  it('the published key set missing-n-e vouches for nothing', async () => {
    expect(await endWell({ keys: replay(read('jwks/missing-n-e.json')), header: { kid: 'PHPOP-00' } })).toMatchObject({ code: 'token_invalid' })
  })

  it('a key set of the published shape, without kid and alg, vouches for a token of its own key', async () => {
    const { kid: _, alg: __, ...key } = ownKeys.keys[0]!
    expect(await endWell({ keys: replay({ status: 200, body: { keys: [key] } }), header: {} })).toMatchObject({ status: 'identified' })
  })
})

describe('Published answers of userinfo and premiuminfo', () => {
  const sub = '411421B0-38D6-6568-A53A-DF99691B7EB6'

  it.each([['basic', undefined], ['userinfo-full', '+447700900250'], ['userinfo-address-updated_at-string', '+447700200200']])('the published userinfo %s is handed on as it is, with the phone %s', async (name, phone) => {
    const answer = read(`userinfo/${name}.json`)
    const outcome = await endWell({ userinfo: replay(answer), claims: { sub: answer.body.sub } })
    expect(outcome).toMatchObject({ status: 'identified', identity: { userinfo: answer.body } })
    expect((outcome as any).identity.phone).toBe(phone)
  })

  it('the published premiuminfo-identity is handed on as it is', async () => {
    const answer = read('userinfo/premiuminfo-identity.json')
    expect(await endWell({ premiuminfo: replay(answer), claims: { sub } })).toMatchObject({ status: 'identified', identity: { userinfo: answer.body } })
  })

  it.each(['basic', 'userinfo-full', 'userinfo-address-updated_at-string', 'premiuminfo-identity'])('the published answer %s is refused when it is about another person', async (name) => {
    const how = replay(read(`userinfo/${name}.json`))
    expect(await endWell(name.startsWith('premium') ? { premiuminfo: how } : { userinfo: how })).toMatchObject({ code: 'token_invalid' })
  })

  it.each([['error-in-200', 'operator_misconfigured'], ['unauthorized-401', 'operator_misconfigured'], ['userinfo-as-jwt', 'token_invalid']])('the published userinfo answer %s is refused', async (name, code) => {
    expect(await endWell({ userinfo: replay(read(`userinfo/${name}.json`)), claims: { sub } })).toMatchObject({ code })
  })
})

describe('Published data of server-initiated logins (R2)', () => {
  it('a server-initiated login has no mode here, and the strategy says so', () => {
    const { payload } = read('si/request-object-claims.json')
    expect(() => new Strategy({ operator: { issuer: 'https://operator.example', clientId: 'a', clientSecret: 'b' }, callbackURL: CALLBACK, mode: payload.response_type }, () => undefined)).toThrow('mode is "redirect" or "backchannel"')
  })

  it.each(['si-authorize-response', 'notification-success', 'notification-error', 'notification-smsotp'])('the published answer %s identifies nobody, where an answer about a code is expected', async (name) => {
    const { body, request, status = 200 } = read(`si/${name}.json`)
    expect(await endWell({ token: replay({ status, body: body ?? request.body }) })).not.toMatchObject({ status: 'identified' })
  })
})

describe('The published files', () => {
  it('SOURCES.md says of each published file where it is from', () => {
    const sources = publishedText('SOURCES.md')
    expect(publishedNames().filter((name) => !sources.includes(`\`${name}\``))).toEqual([])
    expect(sources).toContain('Copyright © 2016 GSM Association')
  })

  it('every published file has been tried', () => { expect(publishedNames().filter((name) => !tried.has(name))).toEqual([]) })
})
