import type { SmsOtp } from 'passport-sms-otp'
import type { SmsSender } from 'passport-sms-otp/senders'
import { Router, type Request } from 'express'
import { AppError, describe } from '../errors.js'
import type { LoginParts } from '../login.js'
import { asUser, maskPhone, type User, type Users } from '../users/users.js'
import { done, refusedAt } from './answers.js'
import { keep, kept } from './kept.js'

export interface NumberOptions extends Pick<LoginParts, 'login' | 'otp'> {
  readonly users: Users
  readonly sender: SmsSender
  readonly log: (line: string) => void
}

/**
 * Another number is another second factor. So a user who asks for it has freshly proven all that this account has, the
 * new number proves itself by a code that is good for nothing else, and the old one is told (NIST SP 800-63B-4 §4.1.2,
 * §4.6).
 */
export function numberRoutes({ login, otp, users, sender, log }: NumberOptions): Router {
  const router = Router()
  router.post(
    '/',
    login.require({ mfa: true, maxAge: '10m', page: '/settings' }),
    refusedAt('/settings', async (req, res) => {
      const newNumber = await textTo(req, otp)
      keep(req, { newNumber })
      await done(req, res, { page: '/settings', text: `We sent a code to ${newNumber.to}.`, data: { to: newNumber.to } })
    }),
  )
  router.post('/code', refusedAt('/settings', async (req, res) => {
    const user = userOf(req)
    const phone = await proven(req, otp)
    await users.changePhone(user.id, phone)
    keep(req, { newNumber: undefined })
    if (user.phone !== undefined) {
      await tell(sender, user.phone, phone).catch((error: unknown) =>
        log(`The old number was not told: ${describe(error)}`),
      )
    }
    await done(req, res, {
      page: '/settings',
      text: `Your number is ${maskPhone(phone)} now.`,
      data: { phone: maskPhone(phone) },
    })
  }))
  router.post('/cancel', async (req, res) => {
    keep(req, { newNumber: undefined })
    await done(req, res, { page: '/settings', text: 'Your number stays as it is.', data: {} })
  })
  return router
}

const userOf = ({ user }: Request): User => asUser(user as Express.User)

const field = ({ body }: Request, name: string): string => {
  const { [name]: value } = (body ?? {}) as Record<string, unknown>
  if (typeof value === 'string' && value.trim() !== '') return value.trim()
  throw new AppError(400, `${name}_missing`, name === 'phone' ? 'Enter a mobile number.' : 'Enter the code.')
}

async function textTo(req: Request, otp: SmsOtp) {
  const user = userOf(req)
  const to = field(req, 'phone')
  const sent = await otp.issue({ to, purpose: 'bind', subject: `bind:${user.id}`, ip: req.ip })
  switch (sent.status) {
    case 'sent':
      return { phone: to, challenge: sent.challenge, to: sent.to }
    case 'throttled':
    case 'locked':
      throw new AppError(429, 'send_throttled', `No text can be sent now. Try again in ${sent.retryAfter} seconds.`)
    case 'refused':
      throw new AppError(
        400,
        'phone_invalid',
        'This is no mobile number that can be texted. Write it with its country code, such as +44 7400 123498.',
      )
    default:
      throw new AppError(502, 'undeliverable', 'The text could not be sent. Try again later.')
  }
}

/** The number, once its code was entered. */
async function proven(req: Request, otp: SmsOtp): Promise<string> {
  const { newNumber } = kept(req)
  if (!newNumber) {
    throw new AppError(409, 'challenge_unknown', 'No number is being changed here. Begin with the number.')
  }
  const { challenge, phone } = newNumber
  const result = await otp.verify({
    challenge,
    code: field(req, 'code'),
    purpose: 'bind',
    subject: `bind:${userOf(req).id}`,
    to: phone,
  })
  switch (result.status) {
    case 'ok': return result.phone
    case 'malformed': throw new AppError(400, 'code_malformed', 'The code has 6 digits.')
    case 'wrong': throw new AppError(401, 'code_wrong', `That is not the code. Attempts left: ${result.attemptsLeft}.`)
    case 'locked': throw new AppError(429, 'locked', `Too many wrong codes. Try again in ${result.retryAfter} seconds.`)
    default: throw new AppError(401, 'code_expired', 'This code is not good any more. Begin with the number again.')
  }
}

/** To the phone that may be the thief's victim's. */
const tell = (sender: SmsSender, old: string, phone: string): Promise<unknown> =>
  sender.send({
    to: old, code: '', validFor: 4 * 3600,
    body: `The number of your Acme account was changed to ${maskPhone(phone)}. If that was not you, call us.`,
  }, { signal: AbortSignal.timeout(5000) })
