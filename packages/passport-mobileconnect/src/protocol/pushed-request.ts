import { MobileConnectError } from '../errors.js'
import type { OperatorMetadata } from '../operators/operator-options.js'

export interface PushOptions {
  readonly issuer?: string | undefined
  readonly pushedAuthorizationRequests?: boolean | undefined
}

/**
 * Whether the app sends the request straight to the operator (RFC 9126), so that no browser can change it.
 * @throws MobileConnectError `operator_misconfigured` when the app requires it, and the operator does not offer it.
 */
export function isPushed(options: PushOptions, metadata: OperatorMetadata): boolean {
  const { issuer = 'The operator', pushedAuthorizationRequests: wanted } = options
  const offered = metadata.pushed_authorization_request_endpoint !== undefined
  if (wanted === true && !offered) {
    throw new MobileConnectError(
      'operator_misconfigured',
      `${issuer} publishes no pushed_authorization_request_endpoint,`
      + ' and pushedAuthorizationRequests: true insists on one.',
    )
  }
  return offered && (wanted !== false || metadata.require_pushed_authorization_requests === true)
}
