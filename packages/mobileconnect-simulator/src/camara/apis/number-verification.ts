import { createHash } from 'node:crypto'
import type { AccessToken } from '../tokens/access-tokens.js'
import type { Call, Operation } from './operation.js'
import { ApiError } from './problems.js'
import { isPhoneNumber } from './phone-number.js'

/** Number Verification 2.1.0. */
export const verify: Operation = {
  scopes: ['number-verification:verify'],
  members: ['phoneNumber', 'hashedPhoneNumber'],
  answer: ({ token, body }) => {
    const isOurs = matcherOf(body)
    return { devicePhoneNumberVerified: isOurs(deviceNumber(token)) }
  },
}

export const devicePhoneNumber: Operation = {
  scopes: ['number-verification:device-phone-number:read'],
  answer: ({ token }) => ({ devicePhoneNumber: deviceNumber(token) }),
}

/** Plain or hashed, and one of them alone. */
function matcherOf({ phoneNumber, hashedPhoneNumber }: Call['body']): (number: string) => boolean {
  if (phoneNumber !== undefined && hashedPhoneNumber === undefined && isPhoneNumber(phoneNumber)) {
    return (number) => number === phoneNumber
  }
  if (phoneNumber === undefined && isHash(hashedPhoneNumber)) {
    return (number) => createHash('sha256').update(number).digest('hex') === hashedPhoneNumber.toLowerCase()
  }
  throw new ApiError('INVALID_ARGUMENT')
}

const isHash = (value: unknown): value is string => typeof value === 'string' && /^[a-fA-F0-9]{64}$/.test(value)

/** The number of the SIM in the device. Neither an answer on the handset nor the client's word is enough. */
function deviceNumber({ person }: AccessToken): string {
  if (person?.by !== 'network' && person?.by !== 'sim') {
    throw new ApiError('NUMBER_VERIFICATION.USER_NOT_AUTHENTICATED_BY_MOBILE_NETWORK')
  }
  return `+${person.digits}`
}
