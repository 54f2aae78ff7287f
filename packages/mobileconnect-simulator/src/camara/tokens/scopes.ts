/** The scopes of the published APIs. */
export const apiScopes = [
  'number-verification:verify',
  'number-verification:device-phone-number:read',
  'sim-swap',
  'sim-swap:check',
  'sim-swap:retrieve-date',
  'device-swap',
  'device-swap:check',
  'device-swap:retrieve-date',
  'one-time-password-sms:send-validate',
] as const

export type ApiScope = typeof apiScopes[number]

export const isApiScope = (scope: string): scope is ApiScope => (apiScopes as readonly string[]).includes(scope)

/** A three-legged API, whose token the mobile network or the SIM must have vouched for. */
export const isNumberVerification = (scope: string): boolean => scope.startsWith('number-verification:')
