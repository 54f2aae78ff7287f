import type { Line } from '../../handsets/lines.js'
import { subscriberOf, type CamaraContext } from '../tokens/context.js'
import type { Call } from './operation.js'
import { isPhoneNumber } from './phone-number.js'
import { ApiError } from './problems.js'

/**
 * Of whom a call speaks: a three-legged token says it itself, and with a two-legged one the body does ("Identifying the
 * phone number from the access token" of the published documents).
 * @throws ApiError
 */
export function identifiedLine(context: CamaraContext, { token, body }: Call): Line {
  const { phoneNumber } = body
  if (phoneNumber !== undefined && !isPhoneNumber(phoneNumber)) throw new ApiError('INVALID_ARGUMENT')
  if (token.person && phoneNumber !== undefined) throw new ApiError('UNNECESSARY_IDENTIFIER')
  const digits = token.person?.digits ?? phoneNumber?.slice(1)
  if (digits === undefined) throw new ApiError('MISSING_IDENTIFIER')
  const subscriber = subscriberOf(context, digits)
  if (!subscriber) throw new ApiError('IDENTIFIER_NOT_FOUND')
  if (subscriber.networkApis === false) throw new ApiError('SERVICE_NOT_APPLICABLE')
  return context.handsets.lines.of(subscriber)
}
