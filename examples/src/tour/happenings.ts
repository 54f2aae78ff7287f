import type { SmsOtp } from 'passport-sms-otp'
import type { MultistepEvent } from 'multistep'
import type { Login } from '../login.js'
import { maskPhone } from '../users/users.js'

/** One event of a package, as a line of a log. */
export interface Happening {
  /** Counts up, so that a page knows what it has shown. */
  readonly number: number
  /** ISO 8601. */
  readonly at: string
  readonly event: string
  /** Its factor, reason and so on: what the app is told, without what only the log of a server may hold. */
  readonly says: string
  readonly look: 'went-well' | 'went-wrong' | 'went-on'
}

interface Kept extends Happening {
  /** Events of multistep name the person. */
  readonly userId?: string | undefined
  /** Events of passport-sms-otp name the number, masked. */
  readonly phone?: string | undefined
}

/** What has happened to each person of late, in this process. */
export interface Happenings {
  add(event: string, look: Happening['look'], told: object): void
  /** The latest last. @param phone E.164 */
  of(userId: string, phone: string | undefined): Happening[]
}

const MOST_KEPT = 300
const MOST_SHOWN = 8

const ofLogin: Readonly<Partial<Record<MultistepEvent, Happening['look']>>> = {
  'flow.started': 'went-on',
  'step.passed': 'went-well',
  'step.failed': 'went-wrong',
  'challenge.sent': 'went-on',
  'factor.fallback': 'went-on',
  'factor.locked': 'went-wrong',
  'flow.completed': 'went-well',
  'flow.cancelled': 'went-on',
  'stepup.granted': 'went-well',
  'recovery.used': 'went-on',
  'recovery.generated': 'went-on',
  'person.mismatch': 'went-wrong',
  'device.remembered': 'went-on',
  'device.used': 'went-on',
  'device.revoked': 'went-on',
}

const ofTexts = { 'send-denied': 'went-wrong', undeliverable: 'went-wrong', delivery: 'went-on' } as const

export function memoryHappenings(): Happenings {
  const kept: Kept[] = []
  let number = 0
  return {
    add: (event, look, told) => {
      const { userId, phone } = told as { userId?: string, phone?: string }
      number += 1
      kept.push({ number, at: new Date().toISOString(), event, says: wordsOf(told), look, userId, phone })
      if (kept.length > MOST_KEPT) kept.shift()
    },
    of: (userId, phone) => {
      const masked = phone === undefined ? undefined : maskPhone(phone)
      return kept
        .filter((one) => one.userId === userId || (masked !== undefined && one.phone === masked))
        .slice(-MOST_SHOWN)
        .map(({ number, at, event, says, look }) => ({ number, at, event, says, look }))
    },
  }
}

/** Listens to the events that every app can listen to. */
export function listen(happenings: Happenings, login: Pick<Login, 'on'>, otp: Pick<SmsOtp, 'on'>): void {
  for (const [event, look] of Object.entries(ofLogin)) {
    login.on(event as MultistepEvent, (told) => { happenings.add(event, look, told) })
  }
  for (const event of ['send-denied', 'undeliverable', 'delivery'] as const) {
    otp.on(event, (told) => { happenings.add(event, ofTexts[event], told) })
  }
}

/** `number-verification → sms-otp · unavailable · not-on-mobile-network`. */
function wordsOf(told: object): string {
  const { factor, to, factors, amr, code, reason, delivery, detail } = told as Readonly<Record<string, unknown>>
  const way = typeof to === 'string' && typeof factor === 'string' ? `${factor} → ${to}` : factor
  const parts = [way, listed(factors), listed(amr), delivery, code, typeof reason === 'string' ? cause(reason) : undefined, detail]
  return parts.filter((part) => typeof part === 'string' && part !== '').join(' · ')
}

const listed = (names: unknown): string | undefined => (Array.isArray(names) ? names.join(' + ') : undefined)

/** Of `code: reason: The sentence for the person.` the names, which is what a program goes by. */
const cause = (reason: string): string => {
  const names = reason.split(': ').filter((part) => /^[\w-]+$/.test(part))
  return names.length > 0 ? names.join(' · ') : reason
}
