import { MobileConnectError } from '../errors.js'
import type { DiscoveryCall } from '../operators/discovery.js'
import type { OperatorMetadata } from '../operators/operator-options.js'
import { exchange, objectOf, readObject, nonEmptyText } from './http-exchange.js'
import { isUsableAddress, type AllowedIssuer } from './allowed-issuers.js'

/** The metadata that an operator publishes (OpenID Connect Discovery 1.0 §3). */
export type ProviderMetadata = Readonly<Record<string, unknown>> & { readonly issuer: string }

/** @throws Error when the network, the status or the body gives no metadata. */
export async function fetchMetadata(call: DiscoveryCall, url: string): Promise<ProviderMetadata> {
  const { status, body } = await exchange(call, url, { headers: { accept: 'application/json' } })
  const metadata = status === 200 ? readObject(body) : undefined
  const issuer = nonEmptyText(metadata?.issuer)
  if (metadata === undefined || issuer === undefined) throw new Error(`HTTP ${status}, and no metadata with an issuer.`)
  return { ...metadata, issuer }
}

/** A login needs all of these. */
export const requiredEndpoints = ['authorization_endpoint', 'token_endpoint', 'jwks_uri'] as const
/** All addresses that the app, or the user's browser, could be sent to. */
const endpointNames = [
  ...requiredEndpoints,
  'userinfo_endpoint',
  'premiuminfo_endpoint',
  'backchannel_authentication_endpoint',
  'pushed_authorization_request_endpoint',
  'revocation_endpoint',
  'refresh_endpoint',
  'si_authorization_endpoint',
  'introspection_endpoint',
  'end_session_endpoint',
] as const

/**
 * @throws MobileConnectError `operator_misconfigured` for metadata that no login can use, or that names an address in a
 * private network.
 */
export function checkMetadata(metadata: ProviderMetadata, issuer: AllowedIssuer): OperatorMetadata {
  const missing = requiredEndpoints.find((name) => nonEmptyText(metadata[name]) === undefined)
  if (missing !== undefined) {
    throw misconfiguredOperator(`The operator ${issuer.issuer} publishes no ${missing}, which every login needs.`)
  }
  const aliases = Object.entries(objectOf(metadata.mtls_endpoint_aliases) ?? {})
  const published = [...endpointNames.map((name) => [name, metadata[name]] as const), ...aliases]
  const [unusable] = published.find(([, href]) => href !== undefined && !isUsableAddress(href, issuer)) ?? []
  if (unusable !== undefined) {
    throw misconfiguredOperator(
      `The operator ${issuer.issuer} publishes a ${unusable} that is neither https: on a public host`
      + ' nor at its own host.',
    )
  }
  return metadata
}

export const misconfiguredOperator = (message: string): MobileConnectError =>
  new MobileConnectError('operator_misconfigured', message)
