/** What a sender is handed. The only place, besides the text on the handset, where the code appears. */
export interface SmsMessage {
  /** E.164, such as `+447400123456`. */
  readonly to: string
  /** The whole text, ending in the origin-bound line. */
  readonly body: string
  /** The code alone, for providers that want it apart. */
  readonly code: string
  readonly locale?: string
}

/** The way a text leaves: one provider, gateway or virtual handset. */
export interface SmsSender {
  /** Stands in events and `undeliverable` results. */
  readonly name: string
  /** Texts reach nobody outside: country rules are not required. */
  readonly development?: boolean
  /**
   * Resolves once the provider has taken the text. Rejects with an {@link SmsOtpError} `undeliverable` when the provider definitely refused it;
   * any other rejection, and a deadline (`signal`), count as *unknown*: the code stays valid, for the text may still arrive.
   */
  send(message: SmsMessage, options: { readonly signal: AbortSignal }): Promise<{ id?: string, status?: string }>
}
