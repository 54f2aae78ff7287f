import { MobileConnectError } from '../errors.js'
import type { OperatorMetadata } from '../operators/operator-options.js'

export interface Pushing {
  readonly issuer?: string | undefined
  readonly pushedAuthorizationRequests?: boolean | undefined
}

/**
 * Whether a request goes straight to the operator, so that no browser can change it: wherever the operator takes it so (RFC 9126).
 * @throws MobileConnectError `operator_misconfigured` when the app insists on it, and the operator does not offer it.
 */
export function isPushed({ issuer = 'The operator', pushedAuthorizationRequests: wanted }: Pushing, metadata: OperatorMetadata): boolean {
  const offered = metadata.pushed_authorization_request_endpoint !== undefined
  if (wanted === true && !offered) throw new MobileConnectError('operator_misconfigured', `${issuer} publishes no pushed_authorization_request_endpoint, and pushedAuthorizationRequests: true insists on one.`)
  return offered && (wanted !== false || metadata.require_pushed_authorization_requests === true)
}
