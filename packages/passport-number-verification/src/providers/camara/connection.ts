import {
  allowInsecureRequests, ClientSecretBasic, Configuration, customFetch, discovery, enableNonRepudiationChecks,
  modifyAssertion, PrivateKeyJwt, type ClientAuth, type ServerMetadata,
} from 'openid-client'
import { RefreshedValue } from '#internal/refreshed-value'
import { bareError } from '#internal/upstream-error'
import type { ImportedKey } from '#internal/signing-key'
import { NumberVerificationError } from '../../errors.js'
import { isOutage } from '../outage.js'
import type { ProviderTools } from '../provider.js'
import { JWT_BEARER } from './assertion.js'
import { checkEndpoints, type CamaraSettings } from './camara-options.js'

/** One operator, with this app as its client. */
export interface AtOperator {
  readonly settings: CamaraSettings
  readonly tools: ProviderTools
  readonly connection: RefreshedValue<Configuration>
}

/** The authorization server of an operator, with this app as its client. Its metadata is fetched once, and kept. */
export function connectionOf(settings: CamaraSettings, { fetch, now }: ProviderTools): RefreshedValue<Configuration> {
  return new RefreshedValue(() => connect(settings, fetch), now, isOutage)
}

/** @throws NumberVerificationError when the operator's metadata are wrong. Any other error is an outage. */
async function connect(settings: CamaraSettings, fetch: ProviderTools['fetch']): Promise<Configuration> {
  const { issuer, clientId, metadata } = settings
  const authentication = await authenticationOf(settings)
  const ask = (url: string, init: object): Promise<Response> => fetch(url, init)
  const prepare = (configuration: Configuration): void => {
    configuration[customFetch] = ask
    // The given `fetch` ends each call.
    configuration.timeout = undefined
    enableNonRepudiationChecks(configuration)
  }
  const execute: ((configuration: Configuration) => void)[] = [prepare]
  // `allowedUrl` has refused `http:` outside of loopback.
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- deprecated only to stand out
  if (issuer.startsWith('http:')) execute.push(allowInsecureRequests)
  if (metadata) {
    const configuration = new Configuration(metadata as ServerMetadata, clientId, undefined, authentication)
    for (const step of execute) step(configuration)
    return configuration
  }
  try {
    const options = { [customFetch]: ask, execute }
    return checked(issuer, await discovery(new URL(issuer), clientId, undefined, authentication, options))
  } catch (error) {
    if (isOutage(error)) throw error
    if (error instanceof NumberVerificationError) throw error
    throw new NumberVerificationError('provider_misconfigured', `The metadata of ${issuer} cannot be used.`, {
      cause: bareError(error),
    })
  }
}

function checked(issuer: string, configuration: Configuration): Configuration {
  const metadata = configuration.serverMetadata()
  // openid-client compares addresses, and ID tokens are compared character by character.
  if (metadata.issuer !== issuer) {
    throw new NumberVerificationError('provider_misconfigured', `The metadata of ${issuer} name another issuer.`)
  }
  try {
    checkEndpoints(`The metadata of ${issuer}`, metadata)
  } catch (error) {
    throw new NumberVerificationError('provider_misconfigured', (error as Error).message)
  }
  return configuration
}

async function authenticationOf({ clientKey, clientSecret = '' }: CamaraSettings): Promise<ClientAuth> {
  return clientKey ? keyAuthentication(await clientKey()) : ClientSecretBasic(clientSecret)
}

/**
 * The assertion of a JWT-bearer grant proves the client itself (security profile, "JWT Bearer Flow").
 * The profile recommends that `aud` is the endpoint that the assertion is sent to (ICM 0.4, Client Authentication).
 */
const keyAuthentication = (key: ImportedKey): ClientAuth => (server, client, body, headers) => {
  const grant = body.get('grant_type')
  if (grant === JWT_BEARER) return undefined
  // A request without a grant begins over the backchannel.
  const audience = grant === null ? server.backchannel_authentication_endpoint : server.token_endpoint
  const authenticate = PrivateKeyJwt(key, {
    [modifyAssertion]: (_header, payload) => { payload.aud = audience },
  })
  return authenticate(server, client, body, headers)
}
