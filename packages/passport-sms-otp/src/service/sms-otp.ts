import { checkCode, type Binding, type Checked } from './check-code.js'
import { ready, type Context } from './context.js'
import type { SmsChannel } from '../lib/channels.js'
import { faultIn, type Details } from '../texts/details.js'
import { Events, type SmsOtpEventName, type SmsOtpEvents } from './events.js'
import { ledgersOfNumber, ledgersOfSubject } from '../codes/keys.js'
import { numberOfAccount, refusalOf } from '../numbers/phone-number.js'
import { warnOfUnread } from '../numbers/unread-number.js'
import type { SmsOtpOptions } from '../settings/options.js'
import { readOptions } from '../settings/read-options.js'
import { exampleNumber } from '../numbers/example-number.js'
import {
  askedFrom, checkName, checkRequest, warnOfNoIp, type IssueRequest, type ResendRequest, type VerifyRequest,
} from './requests.js'
import { tellReport } from './reports.js'
import { deliveryOf, nextChannel } from './follow-up.js'
import type { DeliveryResult, IssueResult, ResendResult, VerifyResult } from './results.js'
import { isProvider } from '../providers/provider.js'
import type { SmsReport } from '../senders/sender.js'
import { TagKey } from '../codes/tag-key.js'
import { noteLater } from './note-down.js'
import { traceOf, type TraceEntry } from './trace.js'
import { numberIn, repeatText, startText, type Discretion } from './order-text.js'
import { canWait } from '#internal/wait-until'

/** How people fill in the fields of a code and of a number. */
export interface SmsOtpInputs {
  readonly code: { readonly digits?: number }
  readonly phone: { readonly example?: string }
}

/**
 * One-time codes by text, without Passport: to confirm a payment, to change a number.
 * @example
 * const otp = new SmsOtp({ sender, secret, countries: ['GB'] })
 * const sent = await otp.issue({ to: account.phone, purpose: 'transfer', subject: account.id, known: true })
 * if (sent.status === 'sent') {
 *   const result = await otp.verify({ challenge: sent.challenge, code, purpose: 'transfer', subject: account.id })
 *   console.log(result.status) // 'ok', 'wrong', 'expired' …
 * }
 */
export class SmsOtp {
  private readonly context: Context

  /** @throws TypeError for options that are missing, misspelt or weaker than NIST SP 800-63B-4 allows. */
  constructor(options: SmsOtpOptions) {
    const settings = readOptions(options)
    this.context = { settings, events: new Events(), tagKey: new TagKey(settings.keys, settings.store) }
    // Nobody waits for it, but what is wrong with the secrets is told at start-up. A store that is not there yet is
    // asked again later.
    void this.context.tagKey.read().catch(() => undefined)
    options.sender?.reports?.((report) => { tellReport(this.context, report) })
  }

  /**
   * Texts a new code. What can be expected to happen is a result; a store that fails rejects with an `SmsOtpError`
   * `store_unavailable`. A text whose fate is not known (the gateway did not answer in time) counts as sent.
   */
  async issue(request: IssueRequest): Promise<IssueResult> {
    const { to, purpose, subject, details, locale, channel, known } = checkRequest('issue({ to, purpose })', request)
    if (known !== true && !('ip' in request)) warnOfNoIp()
    // Without an earlier challenge to repeat, these are all the answers there are.
    return await startText(
      this.context, { to, purpose, subject, details, locale, channel, known, ...askedFrom(request) },
    ) as IssueResult
  }

  /** Texts the code of a challenge again. Its expiry and its attempts stay as they are. */
  async resend(request: ResendRequest): Promise<ResendResult> {
    const { challenge, details, channel } = checkRequest('resend({ challenge })', request)
    return repeatText(this.context, { challenge, details, channel, ...askedFrom(request) })
  }

  /** Spends one attempt. Exactly one of any number of concurrent right answers is `ok`. */
  async verify(request: VerifyRequest): Promise<VerifyResult> {
    return (await checkCode(this.context, checkRequest('verify({ challenge, code, purpose })', request))).result
  }

  /**
   * The name of the first value that no text can show as it is, or `undefined` where a text can show all. `issue`,
   * `resend` and `verify` reject such details with `details_invalid`.
   * @throws TypeError for what is no object of values.
   * @example
   * otp.checkDetails({ amount: '20.00 EUR', payee: 'Bob' })             // undefined
   * otp.checkDetails({ amount: '20.00 EUR', payee: 'call 0800 12345' }) // 'payee'
   */
  checkDetails(details: Details): string | undefined {
    return faultIn(details, this.context.settings.detailRules)?.name
  }

  /**
   * Clears the failures, the lock and the disablement of a subject: after its number was bound anew, or by an
   * administrator. Of a number, in any spelling, also those that were counted without a subject.
   */
  async enable(subject: string): Promise<void> {
    checkName('subject', subject)
    const known = await ready(this.context)
    const { settings: { store, rules }, tag } = known
    const number = numberOfAccount(subject, rules)
    const ledgers = [...ledgersOfSubject(tag, subject), ...number ? ledgersOfNumber(tag, number.e164) : []]
    for (const ledger of ledgers) await store.enable(ledger)
    const [ledger = ''] = ledgers
    noteLater(known, () => ({ ledger }), () => [{ type: 'enabled' }])
  }

  /**
   * What happened to the last codes of a subject, oldest first: what was asked for, refused by what, sent through whom,
   * reported and guessed. For the people of the help desk: numbers are masked, and there is never a code. Of a number
   * with its country code, in any spelling, also what was asked for without a subject. Only with the option `trace`.
   * @throws SmsOtpError `store_unavailable`.
   * @throws TypeError without the option `trace`.
   * @example
   * for (const { at, type, ...more } of await otp.trace(account.id)) console.log(at, type, more)
   */
  async trace(subject: string): Promise<readonly TraceEntry[]> {
    return traceOf(this.context, subject)
  }

  /**
   * Tells listeners of `delivery` what a provider says of a text, such as what `twilioStatusCallback` has read, and
   * keeps it with the challenge where `expectDelivery` is given. It may be earlier than the answer to the text, on
   * another server, and after a restart. `false`: it names no text of this service.
   * @example
   * if (report.status === 'reported') otp.reported(report)
   */
  reported(report: SmsReport): boolean {
    return tellReport(this.context, report)
  }

  /**
   * How a code stands: as when it was sent, with what is known of its last text. Only with `expectDelivery`.
   * @throws SmsOtpError `store_unavailable`.
   * @example
   * const standing = await otp.delivery({ challenge })
   * if (standing.status === 'sent') console.log(standing.delivery) // 'waiting', 'late', 'failed' or 'delivered'
   */
  async delivery(request: { readonly challenge: string }): Promise<DeliveryResult> {
    return deliveryOf(this.context, checkRequest('delivery({ challenge })', request).challenge)
  }

  /**
   * Sends the code by the next of `channels`, if its last text failed or is late (`channelFailover`). Where that is not
   * so, or none is left, nothing is sent, and the result says how it stands.
   */
  async nextChannel(request: Omit<ResendRequest, 'channel'>): Promise<ResendResult> {
    const { challenge, details } = checkRequest('nextChannel({ challenge })', request)
    return nextChannel(this.context, { challenge, details, ...askedFrom(request) })
  }

  /** Listeners run after the fact; what they throw becomes a warning of the process and changes nothing. */
  on<Name extends SmsOtpEventName>(event: Name, listener: (event: SmsOtpEvents[Name]) => unknown): this {
    this.context.events.on(event, listener)
    return this
  }

  off<Name extends SmsOtpEventName>(event: Name, listener: (event: SmsOtpEvents[Name]) => unknown): this {
    this.context.events.off(event, listener)
    return this
  }

  /**
   * How people fill in a code and a number: the digits that a code has, where it has digits alone, and a number of
   * `defaultCountry` as an example.
   */
  async inputs(): Promise<SmsOtpInputs> {
    const { typed: { alphabet, length }, rules: { defaultCountry } } = this.context.settings
    const example = defaultCountry && await exampleNumber(defaultCountry)
    return {
      code: alphabet === 'digits' ? { digits: length } : {},
      phone: example === undefined ? {} : { example },
    }
  }

  /** @internal Those that a person may choose from: none where the app names none. */
  channels(): readonly SmsChannel[] {
    const { choosesChannel, channels } = this.context.settings
    return choosesChannel ? channels : []
  }

  /**
   * @internal Which of the strategy's options cannot be kept, and why. Where a provider checks the codes, an answer
   * takes longer than for a number that was not texted. What no text shows, nobody may confirm.
   */
  objectionTo({ mayText, details }: { readonly mayText?: unknown, readonly details?: unknown }): string | undefined {
    const { way, detailRules: { shown } } = this.context.settings
    if (mayText !== undefined && isProvider(way)) return `mayText cannot hide which numbers are texted: '${way.name}' checks the codes itself, and that takes time. Leave it out, and let verify decide.`
    if (details !== undefined && shown.length === 0) return `details cannot be confirmed: the texts of '${way.name}' do not show any.`
    return undefined
  }

  /** @internal Whether a number that stands in an account can be texted. */
  canText(number: unknown): boolean {
    const { rules } = this.context.settings
    const read = numberOfAccount(number, rules)
    if (read === undefined) warnOfUnread()
    return read !== undefined && refusalOf(read, rules) === undefined
  }

  /** @internal */
  start(request: IssueRequest & Discretion): Promise<ResendResult> {
    return startText(this.context, request)
  }

  /** @internal */
  next(request: Omit<ResendRequest, 'channel'> & { expected: Binding }): Promise<ResendResult> {
    return nextChannel(this.context, request)
  }

  /** @internal */
  repeat(request: ResendRequest & Discretion & { expected: Binding }): Promise<ResendResult> {
    return repeatText(this.context, request)
  }

  /** @internal */
  check(request: VerifyRequest & Binding): Promise<Checked> {
    return checkCode(this.context, request)
  }

  /** @internal Whether the host waits for what happens after a response. */
  canWait(): boolean {
    return canWait(this.context.settings)
  }

  /** @internal */
  numberIn(handle: unknown, expected: Binding): string | undefined {
    return numberIn(this.context, handle, expected)
  }
}
