import { warnOncePerCode } from '#internal/warn-once-per-code'
import type { Request } from 'express'

const PARSED = /^application\/(json|x-www-form-urlencoded)\s*(;|$)/i

/** Says once to the app that a body was not parsed: the person reads no more than that a field is missing. */
export function watchBody({ body, headers = {} }: Partial<Request>): void {
  const [, type] = PARSED.exec(headers['content-type'] ?? '') ?? []
  if (body !== undefined || type === undefined) return
  const parser = /json/i.test(type) ? 'express.json()' : 'express.urlencoded({ extended: false })'
  warnOncePerCode('SMS_OTP_NO_BODY', `passport-sms-otp reads req.body, and nothing has parsed it: put app.use(${parser}) before its routes.`)
}
