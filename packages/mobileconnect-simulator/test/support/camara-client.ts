import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { exportJWK, SignJWT } from 'jose'
import * as client from 'openid-client'
import { startSimulator, type ClientOptions, type Jwk, type Simulator, type SimulatorOptions } from 'mobileconnect-simulator'

export const ada = '+447700900001'
export const bob = '+447700900002'
export const callback = 'http://127.0.0.1:1/callback'
export const purpose = 'dpv:FraudPreventionAndDetection'

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
export const clientKey = privateKey

/** What a client registers: its public key. */
export const registered = async (): Promise<ClientOptions> =>
  ({ jwks: { keys: [{ ...await exportJWK(publicKey), kid: 'client', alg: 'ES256' } as Jwk] } })

/** A simulator with one client of CAMARA. */
export const startCamara = async (options: SimulatorOptions = {}): Promise<Simulator> =>
  startSimulator({ clients: [await registered()], ...options })

/** A token that the client signs: for itself now, unless the claims say otherwise. */
export const signed = (sim: Simulator, claims: Record<string, unknown> = {}, key = clientKey): Promise<string> => {
  const now = Math.floor(Date.now() / 1000)
  const { clientId, issuer } = sim.camara
  const all = { iss: clientId, sub: clientId, aud: `${issuer}/token`, iat: now, exp: now + 60, jti: randomUUID(), ...claims }
  return new SignJWT(all).setProtectedHeader({ alg: 'ES256', kid: 'client' }).sign(key)
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: any
}

const answerOf = async (response: Response): Promise<Answer> => {
  const text = await response.text()
  return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) }
}

/** Posts a form to the authorization server, with a client assertion unless the fields say otherwise. */
export async function post(sim: Simulator, path: string, fields: Record<string, string | undefined>, headers: Record<string, string> = {}): Promise<Answer> {
  const form = {
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: 'client_assertion' in fields ? fields.client_assertion : await signed(sim, { aud: `${sim.camara.issuer}${path}` }),
    ...fields,
  }
  const given = Object.entries(form).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return answerOf(await fetch(`${sim.camara.issuer}${path}`, { method: 'POST', headers, body: new URLSearchParams(given) }))
}

export interface Sent {
  readonly token?: string | undefined
  readonly body?: unknown
  readonly headers?: Record<string, string>
}

/** Calls an operation of an API. `body`: posted as JSON; without one it is a GET. */
export async function call(sim: Simulator, path: string, { token, body, headers = {} }: Sent = {}): Promise<Answer> {
  return answerOf(await fetch(`${sim.camara.apiRoot}${path}`, {
    headers: { ...token === undefined ? {} : { authorization: `Bearer ${token}` }, ...body === undefined ? {} : { 'content-type': 'application/json' }, ...headers },
    ...body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) },
  }))
}

/** An app with openid-client, and a browser that follows one redirect. */
export async function camaraApp(sim: Simulator) {
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- marked so to stand out: loopback has no TLS
  const execute = [client.allowInsecureRequests, client.enableNonRepudiationChecks]
  const auth = client.PrivateKeyJwt({ key: await importKey(), kid: 'client' })
  const configuration = await client.discovery(new URL(sim.camara.issuer), sim.camara.clientId, {}, auth, { execute })
  const begin = async (parameters: Record<string, string> = {}) => {
    const verifier = client.randomPKCECodeVerifier()
    const checks = { expectedState: client.randomState(), expectedNonce: client.randomNonce(), pkceCodeVerifier: verifier }
    const sent = {
      redirect_uri: callback, scope: `openid ${purpose} number-verification:verify`, prompt: 'none',
      state: checks.expectedState, nonce: checks.expectedNonce,
      code_challenge: await client.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256', ...parameters,
    }
    return { url: client.buildAuthorizationUrl(configuration, sent), checks, sent }
  }
  /** Where the authorization server sends the browser. */
  const visit = async (url: URL, headers: Record<string, string> = {}): Promise<URL> => {
    const response = await fetch(url, { redirect: 'manual', headers })
    const location = response.headers.get('location')
    if (location === null) throw new Error(`${response.status} ${await response.text()}`)
    return new URL(location)
  }
  const end = (url: URL, checks: client.AuthorizationCodeGrantChecks) => client.authorizationCodeGrant(configuration, url, checks)
  const logIn = async (parameters?: Record<string, string>, headers?: Record<string, string>) => {
    const { url, checks } = await begin(parameters)
    return end(await visit(url, headers), checks)
  }
  return { configuration, begin, visit, end, logIn }
}

export type CamaraApp = Awaited<ReturnType<typeof camaraApp>>

const importKey = async () =>
  crypto.subtle.importKey('jwk', await exportJWK(privateKey), { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign'])
