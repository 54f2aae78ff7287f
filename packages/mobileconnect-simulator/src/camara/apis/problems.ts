/** Every error of the published APIs: its status, and the message of the published example. */
export const problems = {
  INVALID_ARGUMENT: [400, 'Client specified an invalid argument, request body or query param.'],
  UNAUTHENTICATED: [401, 'Request not authenticated due to missing, invalid, or expired credentials. A new authentication is required.'],
  PERMISSION_DENIED: [403, 'Client does not have sufficient permissions to perform this action.'],
  'NUMBER_VERIFICATION.USER_NOT_AUTHENTICATED_BY_MOBILE_NETWORK': [403, 'Client must authenticate via the mobile network to use this service'],
} as const satisfies Readonly<Record<string, readonly [number, string]>>

export type ProblemCode = keyof typeof problems

export interface Problem {
  readonly status: number
  readonly code: ProblemCode
  readonly message: string
}

export const problemOf = (code: ProblemCode): Problem => {
  const [status, message] = problems[code]
  return { status, code, message }
}

/** An answer that refuses a request to an API. */
export class ApiError extends Error {
  readonly code: ProblemCode

  constructor(code: ProblemCode) {
    super(code)
    this.code = code
  }
}
