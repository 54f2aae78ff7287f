import { randomInt, randomUUID } from 'node:crypto'
import { BoundedMap } from '../../bounded-map.js'
import type { TextDelivery } from '../../handsets/lines.js'
import { subscriberOf, type CamaraContext } from '../tokens/context.js'
import type { Call, Operation } from './operation.js'
import { isPhoneNumber } from './phone-number.js'
import { ApiError, type ProblemCode } from './problems.js'

interface SentCode {
  readonly clientId: string
  readonly digits: string
  readonly code: string
  readonly expiresAt: number
  triesLeft: number
  isUsed: boolean
}

const LIFE = 300_000
const TRIES = 3
/** So many codes to one number within ten minutes. */
const MOST_CODES = 4
const WINDOW = 600_000

/** One Time Password SMS 1.1.1: three tries for a code, five minutes, and four codes to a number in ten minutes. */
export function oneTimePasswords(context: CamaraContext): { sendCode: Operation, validateCode: Operation } {
  const codes = new BoundedMap<SentCode>()
  /** The newest code of each number; the others are worth nothing. */
  const newest = new BoundedMap<string>()
  const sendings = new BoundedMap<readonly number[]>()

  function send(call: Call): { authenticationId: string } {
    const { digits, message } = textOf(call)
    const now = context.clock.now()
    const subscriber = subscriberOf(context, digits)
    if (!subscriber) throw new ApiError('NOT_FOUND')
    if (subscriber.networkApis === false) throw new ApiError('ONE_TIME_PASSWORD_SMS.PHONE_NUMBER_NOT_ALLOWED')
    const recent = (sendings.get(digits) ?? []).filter((at) => at > now - WINDOW)
    if (recent.length >= MOST_CODES) throw new ApiError('ONE_TIME_PASSWORD_SMS.MAX_OTP_CODES_EXCEEDED')
    const code = String(randomInt(1_000_000)).padStart(6, '0')
    const { lines } = context.handsets
    const refusal = refusals[lines.send(lines.of(subscriber), message.replaceAll('{{code}}', code))]
    if (refusal !== undefined) throw new ApiError(refusal)
    const id = randomUUID()
    const { clientId } = call.token
    codes.set(id, { clientId, digits, code, expiresAt: now + LIFE, triesLeft: TRIES, isUsed: false })
    newest.set(digits, id)
    sendings.set(digits, [...recent, now])
    return { authenticationId: id }
  }

  function validate({ token, body }: Call): undefined {
    const { authenticationId: id, code } = body
    if (!isText(id, 36) || !isText(code, 10)) throw new ApiError('INVALID_ARGUMENT')
    const sent = codes.get(id)
    if (sent?.clientId !== token.clientId) throw new ApiError('NOT_FOUND')
    if (sent.isUsed || newest.get(sent.digits) !== id || context.clock.now() >= sent.expiresAt) {
      throw new ApiError('ONE_TIME_PASSWORD_SMS.VERIFICATION_EXPIRED')
    }
    if (sent.triesLeft > 0 && sent.code === code) {
      sent.isUsed = true
      return
    }
    sent.triesLeft -= 1
    throw new ApiError(`ONE_TIME_PASSWORD_SMS.${sent.triesLeft > 0 ? 'INVALID_OTP' : 'VERIFICATION_FAILED'}`)
  }

  const scopes = ['one-time-password-sms:send-validate'] as const
  return {
    sendCode: { scopes, members: ['phoneNumber', 'message'], answer: send },
    validateCode: { scopes, members: ['authenticationId', 'code'], answer: validate },
  }
}

const refusals: Readonly<Partial<Record<TextDelivery, ProblemCode>>> = {
  blocked: 'ONE_TIME_PASSWORD_SMS.PHONE_NUMBER_BLOCKED',
  'not-allowed': 'ONE_TIME_PASSWORD_SMS.PHONE_NUMBER_NOT_ALLOWED',
}

/** To whom, and the template of the text. A token that speaks of a person is for a text to this person alone. */
function textOf({ token, body }: Call): { digits: string, message: string } {
  const { phoneNumber, message } = body
  if (!isPhoneNumber(phoneNumber) || !isText(message, 160) || !message.includes('{{code}}')) {
    throw new ApiError('INVALID_ARGUMENT')
  }
  const digits = phoneNumber.slice(1)
  if (token.person && token.person.digits !== digits) throw new ApiError('PERMISSION_DENIED')
  return { digits, message }
}

const isText = (value: unknown, most: number): value is string => typeof value === 'string' && value.length <= most
