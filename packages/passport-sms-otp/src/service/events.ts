import { errorName } from '../lib/error-name.js'
import { channel, type Channel } from 'node:diagnostics_channel'
import { EventEmitter } from 'node:events'
import type { CheckName } from '../checks/swap-check.js'
import type { SmsChannel } from '../lib/channels.js'
import { debug } from '../lib/debug.js'
import type { SmsDelivery } from '../senders/sender.js'
import type { LimitScope } from '../limits/send-limits.js'

interface About {
  /** Masked. */
  readonly phone?: string
  /** 22 characters that stand for the subject, the same in every event; never the user's id. */
  readonly subject?: string
  readonly purpose: string
  /** By which the code was to travel, where the option `channels` is given. */
  readonly channel?: SmsChannel
}

/** A text that its provider took. `sent` tells the first one of a challenge, and `resent` each further one. */
export interface TextEvent extends About {
  readonly provider: string
  /**
   * The provider's id of the text, which its later reports (delivery receipts) name, and what it said of it. Absent
   * where it said nothing.
   */
  readonly messageId?: string
  readonly messageStatus?: string
  readonly expiresAt: Date
}

/** A text that was asked for and not sent. `send-denied` tells it, with the `reason`. */
export interface SendDeniedEvent extends About {
  readonly reason: LimitScope | 'channel' | 'delay' | 'resends' | 'exhausted' | 'locked' | 'disabled' | 'number' | 'country' | 'number-type' | 'hook' | 'may-text' | 'details' | CheckName
  /**
   * What `beforeSend` gave as its reason, or how it failed; what a check found, or why nobody knows; of `details`,
   * which value cannot be shown, and why.
   */
  readonly detail?: string
}

/**
 * Too few of the codes texted to a prefix or a country came back: an attack that earns by the text, or texts that do
 * not arrive there.
 */
export interface SendPausedEvent {
  readonly scope: 'prefix' | 'country'
  /** ISO 3166. */
  readonly country: string
  /**
   * The first digits of its numbers, such as `+447400`: fewer than the prefix, so that with a masked number they do not
   * make a whole one.
   */
  readonly beginning?: string
  readonly sent: number
  readonly verified: number
  readonly until: Date
}

/** Nobody knew whether the SIM card or the phone of a number changed. */
export interface CheckUnknownEvent extends About {
  readonly check: CheckName
  readonly provider: string
  /** Why, with the code of the provider if it gave one. */
  readonly detail: string
  /** Whether the check let the text leave all the same (`onUnknown`). */
  readonly allowed: boolean
}

/** A text that its provider refused, or of which nobody knows. `undeliverable` tells it. */
export interface UndeliverableEvent extends About {
  readonly provider: string
  readonly providerCode?: string
  /** `true` also when the outcome is not known: the text may still arrive, and its code is valid. */
  readonly temporary: boolean
}

/** What the provider says later of a text that it took. It is no proof of anything about a person. */
export interface DeliveryEvent extends About {
  readonly messageId?: string
  readonly delivery: SmsDelivery
  readonly providerCode?: string
  readonly temporary?: boolean
}

/** A code that was entered and did not count. `failed` tells it. */
export interface FailedEvent extends About {
  /** `unavailable`: the provider of the code did not check it, or nobody knows whether it did. */
  readonly reason: 'wrong' | 'expired' | 'used' | 'exhausted' | 'unknown' | 'locked' | 'disabled' | 'unavailable'
  readonly attemptsLeft?: number
  /** Of `unavailable`: the provider's own code for it. */
  readonly providerCode?: string
}

/** A right code. `verified` tells it. */
export interface VerifiedEvent extends About {
  /** When it was entered, by the clock of the store. */
  readonly at: Date
  /** As of the result. */
  readonly channels?: readonly SmsChannel[]
}

/** A subject has failed too often, and is locked until then. `locked` tells it. */
export interface LockedEvent extends About {
  readonly until: Date
}

/** What an app may listen to. No event holds a code, a whole number or a user's id. */
export interface SmsOtpEvents {
  sent: TextEvent
  resent: TextEvent
  'send-denied': SendDeniedEvent
  'send-paused': SendPausedEvent
  'check-unknown': CheckUnknownEvent
  undeliverable: UndeliverableEvent
  delivery: DeliveryEvent
  verified: VerifiedEvent
  failed: FailedEvent
  locked: LockedEvent
  disabled: About
}

/** The names of the events: `sent`, `failed` and so on. */
export type SmsOtpEventName = keyof SmsOtpEvents

const names: readonly SmsOtpEventName[] = ['sent', 'resent', 'send-denied', 'send-paused', 'check-unknown', 'undeliverable', 'delivery', 'verified', 'failed', 'locked', 'disabled']

/** One for each event, of all services of the process: `passport-sms-otp:sent` and so on. */
const channels = new Map<string, Channel>(names.map((name) => [name, channel(`passport-sms-otp:${name}`)]))

/**
 * Listeners that cannot break a login: what they throw or reject with becomes a warning of the process.
 * @example
 * otp.on('locked', ({ subject, until }) => { console.log(`${subject} is locked until ${until.toISOString()}`) })
 */
export class Events {
  private readonly emitter = new EventEmitter().setMaxListeners(0)

  on<Name extends SmsOtpEventName>(name: Name, listener: (event: SmsOtpEvents[Name]) => unknown): void {
    if (!names.includes(name)) throw new TypeError(`There is no event '${name}'. There are ${names.join(', ')}.`)
    this.emitter.on(name, listener)
  }

  off<Name extends SmsOtpEventName>(name: Name, listener: (event: SmsOtpEvents[Name]) => unknown): void {
    this.emitter.off(name, listener)
  }

  /** Whether anybody would learn of it: a listener, a subscriber of its channel, or who reads the log. */
  hears(name: SmsOtpEventName): boolean {
    return this.emitter.listenerCount(name) > 0 || channels.get(name)?.hasSubscribers === true || debug.enabled
  }

  /** The event is only made where it has a listener. */
  emit<Name extends SmsOtpEventName>(name: Name, make: () => SmsOtpEvents[Name]): void {
    if (!this.hears(name)) return
    const listeners = this.emitter.listeners(name) as ((event: SmsOtpEvents[Name]) => unknown)[]
    const event = make()
    for (const listener of listeners) void call(name, listener, event)
    channels.get(name)?.publish(event)
    debug('%s %j', name, event)
  }
}

async function call<Event>(name: string, listener: (event: Event) => unknown, event: Event): Promise<void> {
  try {
    await listener(event)
  } catch (error) {
    process.emitWarning(`A listener of '${name}' failed: ${errorName(error)}`, 'SmsOtpWarning')
  }
}
