import {
  Configuration, allowInsecureRequests, clockSkew, customFetch, enableNonRepudiationChecks, type ServerMetadata,
} from 'openid-client'
import type { Fetch } from '#internal/bounded-fetch'
import { clientAuthentication } from './client-auth.js'
import type { OperatorMetadata } from './operator-options.js'
import type { OperatorSettings } from './read-operator.js'

/** This app as a client of an operator, for openid-client. `now` is the time by the clock of the options. */
export async function configurationOf(
  settings: OperatorSettings,
  metadata: OperatorMetadata,
  fetch: Fetch,
  now: number,
): Promise<Configuration> {
  // A clock that runs ahead is left out: `checkClaims` uses `now` itself.
  const client = { [clockSkew]: Math.min(0, Math.round((now - Date.now()) / 1000)) }
  const authentication = await clientAuthentication(settings)
  const configuration = new Configuration(metadata as ServerMetadata, settings.clientId, client, authentication)
  configuration[customFetch] = (url, init) => fetch(url, init as RequestInit)
  // `boundedFetch` ends each call.
  configuration.timeout = undefined
  // `allowedUrl` has refused `http:` outside of loopback.
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- deprecated only to stand out
  if (settings.issuer.startsWith('http:')) allowInsecureRequests(configuration)
  // Checks the signature although the ID token comes over TLS: an attacker who breaks TLS still lacks the keys.
  enableNonRepudiationChecks(configuration)
  return configuration
}
