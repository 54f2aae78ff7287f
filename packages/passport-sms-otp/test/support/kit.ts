import { randomBytes } from 'node:crypto'
import { SmsOtp, type SmsOtpOptions } from '../../src/index.js'
import { inboxSender, type InboxSender } from '../../src/senders/inbox.js'

export const ADA = '+447400123456'
export const BOB = '+447400123457'
export const SECRET = 'fJ3mQ8vZr1LwX6tYc0HbN5kAeD9sUgPo'
export const OTHER_SECRET = 'pW7nB2xKq4RzT8yMv1CdG6hJeF0sLuAi'

/** A clock that moves only when told to. */
export interface Clock {
  now: () => number
  pass(milliseconds: number): void
}

export function clock(): Clock {
  let time = Date.UTC(2026, 0, 1)
  return { now: () => time, pass: (milliseconds) => { time += milliseconds } }
}

export const seconds = (count: number) => count * 1000
export const minutes = (count: number) => count * 60_000

/** The code in the last text to a number. */
export function codeIn({ messages }: InboxSender, to = ADA): string {
  const last = messages.filter((message) => message.to === to).at(-1)
  if (!last) throw new Error(`No text went to ${to}.`)
  return /\b[0-9A-Z]{6,10}\b/.exec(last.body)![0]
}

/** A well-formed code that is not this one. */
export const wrong = (code: string): string => code.replace(/.$/, (last) => (last === '7' ? '3' : '7'))

/** Rejects as an app may: also with what is no error. */
// eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- that is the point
export const rejects = (reason: unknown): Promise<never> => Promise.reject(reason)

export const randomId = () => randomBytes(6).toString('hex')

/** A service with a virtual handset and a clock of its own. */
export function service(options: Partial<SmsOtpOptions> = {}) {
  const time = clock()
  const inbox = inboxSender(time)
  const way = options.provider ? {} : { sender: inbox }
  const otp = new SmsOtp({ ...way, secret: SECRET, now: time.now, ...options } as SmsOtpOptions)
  return { otp, inbox, time }
}

/** Issues a code and reads it off the handset. */
export async function issued(kit: ReturnType<typeof service>, request: Partial<Parameters<SmsOtp['issue']>[0]> = {}) {
  const sent = await kit.otp.issue({ to: ADA, purpose: 'login', ...request })
  if (sent.status !== 'sent') throw new Error(`Not sent: ${JSON.stringify(sent)}`)
  return { challenge: sent.challenge, code: codeIn(kit.inbox, request.to ?? ADA) }
}
