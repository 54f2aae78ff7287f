import { hasMethods } from '#internal/option-checks'

import { isChannel, smsChannels, type SmsChannel } from '../lib/channels.js'

/** What a sender is handed. The only place, besides the text on the handset, where the code appears. */
export interface SmsMessage {
  /** E.164, such as `+447400123456`. */
  readonly to: string
  /**
   * By which the code travels: one of the sender's `channels`.
   * @default 'sms'
   */
  readonly channel?: SmsChannel
  /**
   * What the person reads. A text ends in the origin-bound line. Of a call it is what is said: each line is one
   * sentence, and those with the code hold its characters one by one.
   */
  readonly body: string
  /** The code alone, for providers that want it apart. */
  readonly code: string
  /**
   * What the code confirms, as one list, such as `amount: "100.00 EUR"`. It stands in `body`. A sender that sends
   * anything else has to show it, too, or to refuse.
   */
  readonly confirms?: string
  readonly locale?: string
  /** Whole seconds for which the code is still good: later the text is worth nothing. */
  readonly validFor?: number
  /**
   * Stands for this text in later reports. It is sealed and reveals nothing, and says no more about the code than the
   * number does.
   */
  readonly reference?: string
}

/** What became of a text, in the words of Twilio. */
export type SmsDelivery =
  | 'accepted' | 'scheduled' | 'queued' | 'sending' | 'sent' | 'delivered' | 'undelivered' | 'failed' | 'canceled'
  | 'read' | 'partially_delivered' | 'receiving' | 'received'

/** What a provider reports later of a text that it took. */
export interface SmsReport {
  /** The message's `reference`. */
  readonly reference?: string
  /** The provider's id of the text. */
  readonly id?: string
  readonly delivery: SmsDelivery
  readonly providerCode?: string
  readonly temporary?: boolean
}

/** What the provider said when it took the text: a later report (delivery receipt) names the same `id`. */
export interface SmsReceipt {
  readonly id?: string
  readonly status?: string
  /**
   * Who took it, where one sender stands for several.
   * @default the `name` of the sender
   */
  readonly sender?: string
}

/** The way a text leaves: one provider, gateway or virtual handset. */
export interface SmsSender {
  /** Stands in events (`provider`) and `undeliverable` results. */
  readonly name: string
  /** Texts reach nobody outside: country rules are not required. */
  readonly development?: boolean
  /**
   * The channels that it can do.
   * @default ['sms']
   */
  readonly channels?: readonly SmsChannel[]
  /**
   * The names of the `details` that its texts show, where it writes texts of its own in place of `body`. Others are
   * refused (`details_invalid`), for a person must not confirm what no text has shown.
   * @default 'all'
   */
  readonly details?: 'all' | readonly string[]
  /**
   * Resolves once the provider has taken the text. Rejects with an `SmsOtpError` `undeliverable` when the provider
   * definitely refused it; any other rejection, and a deadline (`signal`), count as *unknown*: the code stays valid,
   * for the text may still arrive.
   */
  send(message: SmsMessage, options: { readonly signal: AbortSignal }): Promise<SmsReceipt>
  /**
   * Of a sender that hears itself what became of its texts: whom it tells. Called once by each service that uses it.
   */
  reports?(listener: (report: SmsReport) => void): void
}

export const isSender = (value: unknown): value is SmsSender => hasMethods(value, ['send']) && typeof (value as SmsSender).name === 'string'

const onlyText: readonly SmsChannel[] = ['sms']

/** What a sender can do. One that says nothing sends texts. */
export const channelsOfSender = ({ channels = onlyText }: Pick<SmsSender, 'channels'>): readonly SmsChannel[] => channels

export const canSend = (sender: Pick<SmsSender, 'channels'>, { channel = 'sms' }: Pick<SmsMessage, 'channel'>): boolean =>
  channelsOfSender(sender).includes(channel)

/** The details that all of these show. */
export function shownByAll(senders: readonly Pick<SmsSender, 'details'>[]): Pick<SmsSender, 'details'> {
  const [first, ...others] = senders.flatMap(({ details = 'all' }) => (details === 'all' ? [] : [details]))
  return first ? { details: first.filter((name) => others.every((other) => other.includes(name))) } : {}
}

/** @throws TypeError for what is no list of channels. */
export function checkChannels(name: string, given: unknown): readonly SmsChannel[] {
  const isList = Array.isArray(given) && given.length > 0 && given.every(isChannel)
  if (isList && new Set(given).size === given.length) return given
  throw new TypeError(`${name} is a list of different channels, such as ['whatsapp', 'sms']. There are ${smsChannels.join(', ')}.`)
}
