import * as client from 'openid-client'
import type { SimulatedOperator, Simulator } from 'mobileconnect-simulator'
import { Visitor, type Visit } from './visitor.js'

export const ada = '+447700900001'
export const callback = 'http://127.0.0.1:1/callback'

/** As real gateways want it: not percent-encoded. */
export const rawBasic = (id: string, secret: string): client.ClientAuth => (_as, _client, _body, headers) => {
  headers.set('authorization', `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`)
}

/** An app that knows one operator, with openid-client. */
export async function relyingParty(operator: SimulatedOperator, auth: client.ClientAuth = rawBasic(operator.clientId, operator.clientSecret)) {
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- marked so to stand out: loopback has no TLS
  const execute = [client.allowInsecureRequests, client.enableNonRepudiationChecks]
  const configuration = await client.discovery(new URL(operator.issuer), operator.clientId, {}, auth, { execute })
  const begin = async (parameters: Record<string, string> = {}) => {
    const verifier = client.randomPKCECodeVerifier()
    const checks = { expectedState: client.randomState(), expectedNonce: client.randomNonce(), pkceCodeVerifier: verifier }
    const sent = {
      redirect_uri: callback, scope: 'openid mc_authn phone', version: 'mc_di_r2_v2.3', acr_values: '2', login_hint: `MSISDN:${ada.slice(1)}`,
      state: checks.expectedState, nonce: checks.expectedNonce,
      code_challenge: await client.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256', ...parameters,
    }
    return { url: client.buildAuthorizationUrl(configuration, sent).href, checks, sent }
  }
  const end = (url: string, checks: client.AuthorizationCodeGrantChecks) => client.authorizationCodeGrant(configuration, new URL(url), checks)
  return { configuration, begin, end }
}

export type RelyingParty = Awaited<ReturnType<typeof relyingParty>>

/** Goes to the operator and waits on its page. */
export async function arrive(rp: RelyingParty, parameters?: Record<string, string>) {
  const visitor = new Visitor()
  const { url, checks } = await rp.begin(parameters)
  const visit = await visitor.open(url, { stopAt: callback })
  return { visitor, visit, checks }
}

/** From the first redirect to the tokens, with a subscriber who says yes. */
export async function logIn(sim: Simulator, rp: RelyingParty, parameters?: Record<string, string>, pin?: string) {
  const { visitor, visit, checks } = await arrive(rp, parameters)
  await sim.handset(ada).approve({ pin })
  const { url } = await visitor.open(visit.url, { stopAt: callback })
  return rp.end(url, checks)
}

export const queryOf = ({ url }: Visit): Record<string, string> => Object.fromEntries(new URL(url).searchParams)
