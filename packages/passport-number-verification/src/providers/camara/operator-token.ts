import { genericGrantRequest, type Configuration } from 'openid-client'
import type { ImportedKey } from '#internal/signing-key'
import { NumberVerificationError } from '../../errors.js'
import type { OperatorTokenWay, Presented, ProviderAnswer, Question } from '../provider.js'
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
    end: async (question, presented) => end(at, await clientKey(), question, presented),
  }
}

async function end(
  at: AtOperator,
  key: ImportedKey,
  question: Question,
  presented: Presented,
): Promise<ProviderAnswer> {
  const { settings, tools, connection } = at
  let token: string
  try {
    token = await accessTokenFor(at, await connection.get(), key, { question, presented })
  } catch (error) {
    return refusalOfServer(error)
  }
  return askNumber(settings, tools, question, token)
}

/** `scope` is a claim without `openid`: this grant gives no ID token (security profile, "JWT Bearer Flow"). */
async function accessTokenFor(
  { settings, tools }: AtOperator,
  configuration: Configuration,
  key: ImportedKey,
  { question, presented }: { readonly question: Question, readonly presented: Presented },
): Promise<string> {
  const { token_endpoint: audience } = configuration.serverMetadata()
  if (audience === undefined) {
    throw new NumberVerificationError('provider_misconfigured', 'The operator publishes no token_endpoint.')
  }
  const assertion = await signedAssertion(key, {
    clientId: settings.clientId,
    audience,
    subject: `vp_token:${presented.token}`,
    scope: apiScopeOf(question, settings),
  }, tools.now())
  const { access_token: token } = await genericGrantRequest(configuration, JWT_BEARER, { assertion })
  return token
}
