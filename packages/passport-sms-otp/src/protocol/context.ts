import type { SendAnswer } from '../stores/challenge-store.js'
import type { Events } from './events.js'
import type { Challenge } from './handle.js'
import { tagOf } from './keys.js'
import type { Details } from './message.js'
import type { Settings } from './options.js'
import { maskNumber, type PhoneNumber } from './phone-number.js'

/** What every operation of a service works with. */
export interface Context {
  readonly settings: Settings
  readonly events: Events
}

/** One text that somebody asked for. */
export interface TextOrder {
  readonly number: PhoneNumber
  readonly subject: string
  readonly purpose: string
  readonly details: Details
  readonly locale: string | undefined
  readonly ip: string | undefined
  readonly known: boolean
  /** Whether a new challenge may begin when there is none to repeat. */
  readonly begin: boolean
  readonly repeat?: Challenge | undefined
  /** The earlier challenge of the same session, which a new one takes the place of. */
  readonly retire?: Challenge | undefined
  /** Everything but the text itself. */
  readonly decoy: boolean
  /** The result does not wait for the gateway. */
  readonly background: boolean
}

export type SentAnswer = Extract<SendAnswer, { status: 'sent' }>

/** Whom an event is about, as far as it is known, without giving anybody away. */
export const about = ({ keys }: Settings, { number, subject, purpose }: Partial<TextOrder> & { purpose: string }) => ({
  ...number ? { phone: maskNumber(number.e164) } : {},
  ...subject === undefined ? {} : { subject: tagOf(keys, 'subject', subject) },
  purpose,
})
