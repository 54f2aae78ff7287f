import type { SendAnswer } from '../stores/challenge-store.js'
import type { Events } from './events.js'
import type { Challenge } from './handle.js'
import { ledgerTag } from './keys.js'
import type { Details } from './details.js'
import type { Settings } from './options.js'
import { maskNumber, type PhoneNumber } from './phone-number.js'

/** What every operation of a service works with. */
export interface Context {
  readonly settings: Settings
  readonly events: Events
}

/** Runs some work later: once the answer is out. */
export type Scheduler = (work: () => void) => void

/** One text that somebody asked for. */
export interface TextOrder {
  readonly number: PhoneNumber
  /** `undefined`: the number itself. */
  readonly subject: string | undefined
  readonly purpose: string
  readonly details: Details
  readonly locale: string | undefined
  readonly ip: string | undefined
  readonly known: boolean
  readonly capturing: boolean
  /** Whether a new challenge may begin when there is none to repeat. */
  readonly begin: boolean
  readonly repeat?: Challenge | undefined
  /** The earlier challenge of the same session, which a new one takes the place of. */
  readonly retire?: Challenge | undefined
  /** Everything but the text itself. */
  readonly decoy: boolean
  /** Starts what the answer must neither wait for nor be delayed by. Absent: the result waits for the gateway. */
  readonly background: Scheduler | undefined
}

export type SentAnswer = Extract<SendAnswer, { status: 'sent' }>

/** Whom an event is about, as far as it is known, without giving anybody away. */
export const about = ({ keys }: Settings, { number, subject, purpose }: Partial<TextOrder> & { purpose: string }) => ({
  ...number ? { phone: maskNumber(number.e164), subject: ledgerTag(keys, subject, number.e164) } : {},
  purpose,
})

/** For what nobody waits for. */
export const ignore = (): undefined => undefined
