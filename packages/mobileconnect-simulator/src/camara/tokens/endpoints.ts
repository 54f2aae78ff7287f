const authorizationPaths = {
  '/.well-known/openid-configuration': 'metadata',
  '/jwks': 'keys',
  '/authorize': 'authorize',
  '/token': 'token',
} as const

const apiPaths = {
  '/api/number-verification/v2/verify': 'verify',
  '/api/number-verification/v2/device-phone-number': 'device-phone-number',
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
