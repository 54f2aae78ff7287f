/** Every error of the published APIs: its status, and the message of the published example. */
export const problems = {
  INVALID_ARGUMENT: [400, 'Client specified an invalid argument, request body or query param.'],
  OUT_OF_RANGE: [400, 'Client specified an invalid range.'],
  'ONE_TIME_PASSWORD_SMS.VERIFICATION_FAILED': [400, 'The maximum number of attempts for this authenticationId was exceeded without providing a valid OTP'],
  'ONE_TIME_PASSWORD_SMS.VERIFICATION_EXPIRED': [400, 'The authenticationId is no longer valid'],
  'ONE_TIME_PASSWORD_SMS.INVALID_OTP': [400, 'The provided OTP is not valid for this authenticationId'],
  UNAUTHENTICATED: [401, 'Request not authenticated due to missing, invalid, or expired credentials. A new authentication is required.'],
  PERMISSION_DENIED: [403, 'Client does not have sufficient permissions to perform this action.'],
  'NUMBER_VERIFICATION.USER_NOT_AUTHENTICATED_BY_MOBILE_NETWORK': [403, 'Client must authenticate via the mobile network to use this service'],
  'ONE_TIME_PASSWORD_SMS.MAX_OTP_CODES_EXCEEDED': [403, 'Too many OTPs have been requested for this MSISDN. Try later.'],
  'ONE_TIME_PASSWORD_SMS.PHONE_NUMBER_NOT_ALLOWED': [403, 'Phone_number can\'t receive an SMS due to business reasons in the operator.'],
  'ONE_TIME_PASSWORD_SMS.PHONE_NUMBER_BLOCKED': [403, 'Phone_number is blocked to receive SMS due to any blocking business reason in the operator.'],
  NOT_FOUND: [404, 'The specified resource is not found.'],
  IDENTIFIER_NOT_FOUND: [404, 'Device identifier not found.'],
  SERVICE_NOT_APPLICABLE: [422, 'The service is not available for the provided identifier.'],
  MISSING_IDENTIFIER: [422, 'The device cannot be identified.'],
  UNNECESSARY_IDENTIFIER: [422, 'The device is already identified by the access token.'],
  QUOTA_EXCEEDED: [429, 'Rejected due to exceeding a business quota limit.'],
  TOO_MANY_REQUESTS: [429, 'Rejected due to request rate limit overpassed.'],
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
