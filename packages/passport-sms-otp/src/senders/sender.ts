import { hasMethods } from '#internal/option-checks'

/** What a sender is handed. The only place, besides the text on the handset, where the code appears. */
export interface SmsMessage {
  /** E.164, such as `+447400123456`. */
  readonly to: string
  /** The whole text, ending in the origin-bound line. */
  readonly body: string
  /** The code alone, for providers that want it apart. */
  readonly code: string
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
  /** That of the message. */
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
  /** Who took it, where one sender stands for several. Default: the `name` of the sender. */
  readonly sender?: string
}

/** The way a text leaves: one provider, gateway or virtual handset. */
export interface SmsSender {
  /** Stands in events (`provider`) and `undeliverable` results. */
  readonly name: string
  /** Texts reach nobody outside: country rules are not required. */
  readonly development?: boolean
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
