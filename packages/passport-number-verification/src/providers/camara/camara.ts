import type { Configuration } from 'openid-client'
import { NumberVerificationError } from '../../errors.js'
import type { CreateProvider, Leaving, Left, ProviderAnswer, Question, Returned, Unavailable } from '../provider.js'
import { accessTokenFor, authorizationUrl, isFromIssuer, newSecrets, type KeptSecrets } from './authorization.js'
import { readCamaraOptions, type CamaraOptions } from './camara-options.js'
import { connectionOf, type AtOperator } from './connection.js'
import { askNumber } from './number-api.js'
import { appTokenWay, operatorTokenWay } from './operator-token.js'
import { refusalInCallback, refusalOfServer } from './refusal.js'

/**
 * An operator, or an aggregator, that speaks CAMARA's Security and Interoperability Profile and Number Verification.
 * @throws TypeError at start-up, for options that would only fail at a login
 * @example
 * ```ts
 * new Strategy({
 *   provider: camara({ issuer: 'https://operator.example', clientId, clientKey: { key: pem, kid: 'of-2026' } }),
 *   callbackURL: 'https://acme.example/login/number-verification/callback',
 * })
 * ```
 */
export function camara(options: CamaraOptions): CreateProvider {
  const settings = readCamaraOptions(options)
  return (tools) => {
    const at: AtOperator = { settings, tools, connection: connectionOf(settings, tools) }
    return {
      id: settings.issuer,
      network: {
        begin: (question, leaving) => begin(at, question, leaving),
        end: (question, returned) => end(at, question, returned),
      },
      operatorToken: operatorTokenWay(at),
      app: appTokenWay(at),
    }
  }
}

async function begin(
  { settings, connection }: AtOperator,
  question: Question,
  leaving: Leaving,
): Promise<Left | Unavailable> {
  const keep = newSecrets()
  try {
    const configuration = await connection.get()
    requireAuthorizationEndpoint(configuration)
    const url = await authorizationUrl(configuration, settings, question, leaving, keep)
    return { status: 'leave', url, keep }
  } catch (error) {
    return beginRefused(refusalOfServer(error))
  }
}

function requireAuthorizationEndpoint(configuration: Configuration): void {
  if (configuration.serverMetadata().authorization_endpoint !== undefined) return
  throw new NumberVerificationError('provider_misconfigured', 'The operator publishes no authorization_endpoint.')
}

/** Before the browser has left there is nothing of it that could be another person's. */
const beginRefused = (answer: ProviderAnswer): Unavailable =>
  (answer.status === 'unavailable' ? answer : { status: 'unavailable', reason: 'refused' })

async function end(
  { settings, tools, connection }: AtOperator,
  question: Question,
  returned: Returned,
): Promise<ProviderAnswer> {
  const { parameters } = returned
  let token: string
  try {
    const configuration = await connection.get()
    if (!isFromIssuer(parameters, configuration)) return { status: 'not ours' }
    const error = parameters.get('error')
    if (error !== null) return refusalInCallback(error)
    if (!parameters.get('code')) return { status: 'not ours' }
    token = await accessTokenFor(configuration, returned, returned.keep as KeptSecrets)
  } catch (error) {
    return refusalOfServer(error)
  }
  return askNumber(settings, tools, question, token)
}
