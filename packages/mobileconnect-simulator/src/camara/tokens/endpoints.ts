const authorizationPaths = {
  '/.well-known/openid-configuration': 'metadata',
  '/jwks': 'keys',
  '/authorize': 'authorize',
  '/token': 'token',
  '/bc-authorize': 'backchannel',
  '/openid4vp/credentials': 'credentials',
} as const

const apiPaths = {
  '/api/number-verification/v2/verify': 'verify',
  '/api/number-verification/v2/device-phone-number': 'device-phone-number',
  '/api/sim-swap/v2/check': 'sim-swap-check',
  '/api/sim-swap/v2/retrieve-date': 'sim-swap-date',
  '/api/device-swap/v1/check': 'device-swap-check',
  '/api/device-swap/v1/retrieve-date': 'device-swap-date',
  '/api/one-time-password-sms/v1/send-code': 'send-code',
  '/api/one-time-password-sms/v1/validate-code': 'validate-code',
} as const

export type ApiEndpoint = typeof apiPaths[keyof typeof apiPaths]
/** Endpoints of the authorization server, and the operations of the APIs. */
export type CamaraEndpoint = typeof authorizationPaths[keyof typeof authorizationPaths] | ApiEndpoint

const byPath: Readonly<Record<string, CamaraEndpoint>> = { ...authorizationPaths, ...apiPaths }

export const camaraEndpoints: readonly CamaraEndpoint[] = Object.values(byPath)

/** What a request is counted as, by its path below the issuer. */
export const camaraEndpointOf = (path: string): CamaraEndpoint | undefined => byPath[path]

export const isApiEndpoint = (endpoint: CamaraEndpoint): endpoint is ApiEndpoint =>
  Object.values<CamaraEndpoint>(apiPaths).includes(endpoint)
