import { setTimeout as wait } from 'node:timers/promises'
import { genericGrantRequest, initiateBackchannelAuthentication, type Configuration } from 'openid-client'
import { errorNamed } from '#internal/openid-error'
import type { ImportedKey } from '#internal/signing-key'
import { NumberVerificationError } from '../../errors.js'
import type { AppWay, OperatorTokenWay, ProviderAnswer, Question } from '../provider.js'
import { JWT_BEARER, signedAssertion } from './assertion.js'
import { apiScopeOf } from './authorization.js'
import type { AtOperator } from './connection.js'
import { requestCredential } from './credential.js'
import { askNumber } from './number-api.js'
import { refusalOfServer } from './refusal.js'

/**
 * The operator token of a phone's wallet (CAMARA Number Verification, "Operator Token Acquisition" 0.1), exchanged by a
 * JWT-bearer grant. `undefined`: this app has no key that could sign the grant.
 */
export function operatorTokenWay(at: AtOperator): OperatorTokenWay | undefined {
  const { clientKey } = at.settings
  if (!clientKey) return undefined
  return {
    begin: async (question, asking) => requestCredential(at, await clientKey(), question, asking),
    end: (question, { token }) => ask(at, question, byAssertion(at, clientKey, question, `vp_token:${token}`)),
  }
}

/**
 * The temporary token of the SIM that this app's software on the phone got itself (GSMA TS.43). It is not made for one
 * login, so it counts once.
 */
export function appTokenWay(at: AtOperator): AppWay | undefined {
  const { clientKey, appTokens } = at.settings
  if (appTokens === undefined) return undefined
  return {
    begin: async () => ({ status: 'prove' }),
    async end(question, { proof, once }): Promise<ProviderAnswer> {
      if (!await once(proof)) return { status: 'not ours' }
      const hint = `operatortoken:${proof}`
      return ask(at, question, appTokens === 'jwt-bearer' && clientKey
        ? byAssertion(at, clientKey, question, hint)
        : overBackchannel(at, question, hint))
    },
  }
}

/** Gets a token of the authorization server. */
type Exchange = (configuration: Configuration) => Promise<string>

async function ask(
  { settings, tools, connection }: AtOperator,
  question: Question,
  exchange: Exchange,
): Promise<ProviderAnswer> {
  let token: string
  try {
    token = await exchange(await connection.get())
  } catch (error) {
    return refusalOfServer(error)
  }
  return askNumber(settings, tools, question, token)
}

/** `scope` is a claim without `openid`: this grant gives no ID token (security profile, "JWT Bearer Flow"). */
function byAssertion(
  { settings, tools }: AtOperator,
  clientKey: () => Promise<ImportedKey>,
  question: Question,
  subject: string,
): Exchange {
  return async (configuration) => {
    const audience = endpointOf(configuration, 'token_endpoint')
    const claims = { clientId: settings.clientId, audience, subject, scope: apiScopeOf(question, settings) }
    const assertion = await signedAssertion(await clientKey(), claims, tools.now())
    const { access_token: token } = await genericGrantRequest(configuration, JWT_BEARER, { assertion })
    return token
  }
}

/** Seconds, where the operator names none (OpenID CIBA §7.3). */
const USUAL_INTERVAL = 5

/**
 * By poll, with `login_hint` as the only hint (security profile, "CIBA Flow"). The token is proof in itself, so that
 * there is an answer to the first poll, which needs not wait. Where there is none, the time of the login is the end.
 */
function overBackchannel({ settings }: AtOperator, question: Question, hint: string): Exchange {
  return async (configuration) => {
    endpointOf(configuration, 'backchannel_authentication_endpoint')
    const asked = { scope: `openid ${apiScopeOf(question, settings)}`, login_hint: hint }
    const { auth_req_id: id, interval = USUAL_INTERVAL } = await initiateBackchannelAuthentication(configuration, asked)
    for (;;) {
      const token = await poll(configuration, id)
      if (token !== undefined) return token
      await wait(Math.max(interval, 1) * 1000, undefined, { signal: question.signal })
    }
  }
}

async function poll(configuration: Configuration, id: string): Promise<string | undefined> {
  try {
    const answer = await genericGrantRequest(configuration, 'urn:openid:params:grant-type:ciba', { auth_req_id: id })
    return answer.access_token
  } catch (error) {
    if (errorNamed(error) === 'authorization_pending') return undefined
    throw error
  }
}

function endpointOf(
  configuration: Configuration,
  name: 'token_endpoint' | 'backchannel_authentication_endpoint',
): string {
  const { [name]: endpoint } = configuration.serverMetadata()
  if (endpoint !== undefined) return endpoint
  throw new NumberVerificationError('provider_misconfigured', `The operator publishes no ${name}.`)
}
