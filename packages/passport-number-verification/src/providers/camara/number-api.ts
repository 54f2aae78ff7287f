import { createHash } from 'node:crypto'
import { causeOf } from '#internal/openid-error'
import { bareError } from '#internal/upstream-error'
import { NumberVerificationError } from '../../errors.js'
import { isOutage, outageOf, unavailable } from '../outage.js'
import type { ProviderAnswer, ProviderTools, Question } from '../provider.js'
import type { CamaraSettings } from './camara-options.js'

/** The one call that the token is for: CAMARA Number Verification 2.1.0, `/verify` or `/device-phone-number`. */
export async function askNumber(
  { api, hashed }: CamaraSettings,
  { fetch }: ProviderTools,
  question: Question,
  token: string,
): Promise<ProviderAnswer> {
  const { mode, phone = '', correlator, signal } = question
  const headers = { authorization: `Bearer ${token}`, accept: 'application/json', 'x-correlator': correlator }
  const request: RequestInit = mode === 'verify'
    ? { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body: bodyOf(phone, hashed) }
    : { method: 'GET', headers }
  let response: Response
  try {
    response = await fetch(`${api}/${mode === 'verify' ? 'verify' : 'device-phone-number'}`, { ...request, signal })
  } catch (error) {
    if (isOutage(error)) return outageOf(error)
    throw new NumberVerificationError('provider_failed', 'Number Verification could not be asked.', {
      cause: bareError(error),
    })
  }
  const answer: unknown = await response.json().catch(() => undefined)
  const members = (typeof answer === 'object' && answer !== null ? answer : {}) as Readonly<Record<string, unknown>>
  if (response.status !== 200) return refusalOf(response.status, members)
  return mode === 'verify' ? verified(members) : read(members)
}

/** Exactly one member: an operator refuses others (400 `INVALID_ARGUMENT`). */
const bodyOf = (phone: string, hashed: boolean): string =>
  JSON.stringify(hashed ? { hashedPhoneNumber: createHash('sha256').update(phone).digest('hex') } : { phoneNumber: phone })

/** Nothing but the boolean counts: `"true"` as a text is an answer of another kind. */
function verified({ devicePhoneNumberVerified: matches }: Readonly<Record<string, unknown>>): ProviderAnswer {
  if (typeof matches !== 'boolean') throw invalid('The answer of /verify has no boolean devicePhoneNumberVerified.')
  return { status: matches ? 'matches' : 'differs' }
}

function read({ devicePhoneNumber: phone }: Readonly<Record<string, unknown>>): ProviderAnswer {
  if (typeof phone !== 'string' || !/^\+[1-9][0-9]{4,14}$/.test(phone)) {
    throw invalid('The answer of /device-phone-number has no devicePhoneNumber in E.164.')
  }
  return { status: 'read', phone }
}

const invalid = (message: string) => new NumberVerificationError('provider_answer_invalid', message)

/** The codes of CAMARA's errors that say why nothing was learned. */
const unavailableCodes = new Map([
  ['NUMBER_VERIFICATION.USER_NOT_AUTHENTICATED_BY_MOBILE_NETWORK', 'not-on-mobile-network'],
  ['SERVICE_NOT_APPLICABLE', 'carrier-not-supported'],
  ['IDENTIFIER_NOT_FOUND', 'carrier-not-supported'],
  ['QUOTA_EXCEEDED', 'provider-unavailable'],
  ['TOO_MANY_REQUESTS', 'provider-unavailable'],
] as const)

/** Codes that tell that this app asks for what it may not, or in a way that the operator does not take. */
const ownMistakes = ['INVALID_ARGUMENT', 'PERMISSION_DENIED', 'OUT_OF_RANGE', 'MISSING_IDENTIFIER', 'UNNECESSARY_IDENTIFIER']

function refusalOf(status: number, { code, message }: Readonly<Record<string, unknown>>): ProviderAnswer {
  const named = typeof code === 'string' && /^[A-Z_.]{1,100}$/.test(code) ? code : `status ${status}`
  const cause = causeOf({ error_description: message, name: 'Error' }, named)
  const reason = unavailableCodes.get(named as 'QUOTA_EXCEEDED')
  if (reason !== undefined) return unavailable(reason, cause)
  if (status >= 500 || status === 429) return unavailable('provider-unavailable', cause)
  if (ownMistakes.includes(named)) {
    throw new NumberVerificationError(
      'provider_misconfigured',
      `Number Verification refuses this app's request (${named}): the options of the app, or its contract, differ.`,
      { cause },
    )
  }
  // Among them 401: the token that was made for this very call does not count.
  throw new NumberVerificationError('provider_failed', `Number Verification refuses the request (${named}).`, { cause })
}
