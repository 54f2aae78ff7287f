import type { KeyObject } from 'node:crypto'
import type { SendAnswer } from '../stores/challenge-store.js'
import type { SmsChannel } from '../lib/channels.js'
import type { Events } from './events.js'
import type { Challenge } from '../codes/handle.js'
import { pseudonym } from '../codes/keys.js'
import type { Details } from '../texts/details.js'
import type { Settings } from '../settings/settings.js'
import { maskNumber, type PhoneNumber } from '../numbers/phone-number.js'
import type { TagKey } from '../codes/tag-key.js'
import { tellToWait } from '#internal/wait-until'

/** What every operation of a service works with. */
export interface Context {
  readonly settings: Settings
  readonly events: Events
  readonly tagKey: TagKey
}

/** The same, once the store has said by which key ledgers are named. */
export interface Ready extends Context {
  readonly tag: KeyObject
}

/** Only what asks the store anyway gets ready: what costs nothing must go on costing nothing. */
export const ready = async (context: Context): Promise<Ready> => ({ ...context, tag: await context.tagKey.read() })

/** Runs some work later, once the answer is out, and resolves when it is done. */
export type Scheduler = (work: () => Promise<unknown>) => Promise<void>

/** One text that was asked for. */
export interface TextOrder {
  readonly number: PhoneNumber
  /** `undefined`: the number itself. */
  readonly subject: string | undefined
  readonly purpose: string
  readonly channel: SmsChannel
  readonly details: Details
  readonly locale: string | undefined
  readonly ip: string | undefined
  /** Whether the limits by address hold: where the caller said from where it is asked, known or not. */
  readonly byAddress: boolean
  readonly known: boolean
  readonly capturing: boolean
  /** Whether a new challenge may begin when there is none to repeat. */
  readonly begin: boolean
  readonly repeat?: Challenge | undefined
  /** The earlier challenge of the same session, which a new one takes the place of. */
  readonly retire?: Challenge | undefined
  /** Everything but the text itself. */
  readonly decoy: boolean
  /** What is reported of the text is kept, and told. */
  readonly tracked: boolean
  /** The number of the text whose place this one takes. */
  readonly inPlaceOf?: number | undefined
  /** Some numbers get everything but the text, and no answer may tell which. */
  readonly discreet: boolean
  /** Starts what the answer must neither wait for nor be delayed by. Absent: the result waits for the gateway. */
  readonly background: Scheduler | undefined
}

export type SentAnswer = Extract<SendAnswer, { status: 'sent' }>

type Asked = Partial<Pick<TextOrder, 'number' | 'subject' | 'channel'>> & { readonly purpose: string }

/** Whom an event is about, as far as it is known, without giving anybody away. */
export const about = (
  { tag, settings }: Pick<Ready, 'tag' | 'settings'>,
  { number, subject, purpose, channel }: Asked,
) => ({
  ...number ? { phone: maskNumber(number.e164), subject: pseudonym(tag, subject, number.e164) } : {},
  purpose,
  ...told(settings, channel),
})

/** A channel is told where the app has named those that it allows. */
export const told = ({ choosesChannel }: Pick<Settings, 'choosesChannel'>, channel: SmsChannel | undefined) =>
  (choosesChannel && channel !== undefined ? { channel } : {})

const nothing = (): void => undefined

/**
 * For what nobody waits for, and what harms nobody if it fails. The platform is told, so that it does not stop the
 * process meanwhile.
 */
export function later({ settings }: Context, work: Promise<unknown>): void {
  tellToWait(settings, work.then(nothing, nothing))
}
