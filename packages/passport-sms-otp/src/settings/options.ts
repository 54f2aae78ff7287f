import type { Duration } from '#internal/duration'
import type { SwapCheck } from '../checks/swap-check.js'
import type { ChallengeStore } from '../stores/challenge-store.js'
import type { Alphabet } from '../codes/code.js'
import type { ConversionOptions } from '../limits/brake.js'
import type { Details, DetailsMayHold } from '../texts/details.js'
import type { MessageTemplate } from '../texts/message.js'
import type { NumberType } from '../numbers/phone-number.js'
import type { SmsChannel } from '../lib/channels.js'
import type { ChannelLimits, SendLimits, UnsentLimits } from '../limits/send-limits.js'
import type { CodeProvider } from '../providers/provider.js'
import type { SmsSender } from '../senders/sender.js'
import type { WaitUntil } from '#internal/wait-until'

/** What `beforeSend` may judge a text by. */
export interface BeforeSendContext {
  /** E.164. */
  readonly phone: string
  /** ISO 3166 region of the number. */
  readonly country: string
  readonly type: NumberType | undefined
  readonly subject: string
  readonly purpose: string
  /** How the code is to travel. */
  readonly channel: SmsChannel
  readonly details: Details
  readonly ip: string | undefined
  /** The number stands in an account. */
  readonly known: boolean
}

/** A text, or bytes. */
export type Secret = string | Uint8Array

/** The way texts leave, of which there is one. */
export type Way =
  | {
    /**
     * It sends codes of ours.
     * @default required, or `provider`
     */
    readonly sender: SmsSender
    readonly provider?: undefined
  }
  | {
    /**
     * It makes codes of its own, sends them and checks them: `twilioVerify`, `camaraOtp`, `vonageVerify`, or another.
     * @default required, or `sender`
     */
    readonly provider: CodeProvider
    readonly sender?: undefined
  }

/** The options of `SmsOtp`. Durations are texts such as `'5m'`. */
export type SmsOtpOptions = Way & ServiceSettings

export interface ServiceSettings {
  /**
   * How codes may travel, in the order of preference: the first one where the person asks for none. The sender has to
   * be able to do all of them.
   * @default ['sms']: the field `channel` is then not read
   * @example
   * channels: ['whatsapp', 'sms', 'voice']
   */
  readonly channels?: readonly SmsChannel[] | undefined
  /**
   * What goes by one channel at most, beside `sendLimits`, and counted like those: a call costs more than a text.
   * Numbers of accounts are held by `phone` and `total` alone. `{}` of a channel lifts its limits.
   * @default { voice: { phone: { '1h': 3, '1d': 5 }, country: { '1h': 50 } } }
   */
  readonly channelLimits?: ChannelLimits | undefined
  /**
   * How long news of a text are waited for. With it, what providers report is kept with the challenge: `delivery` of a
   * result, of `otp.delivery` and of multistep's pages says how the last text stands. The strategy keeps and tells
   * nothing of a text to a stranger (no `req.user`).
   * @default none: reports are events, and nothing else
   * @example
   * expectDelivery: '20s'
   */
  readonly expectDelivery?: Duration | undefined
  /**
   * A text that did not arrive, as its provider says, is followed by one by the next of `channels`, and so is one of
   * which nothing is known after `expectDelivery`, once that is asked for (`otp.nextChannel`, multistep's page). Each
   * channel is used once by itself, and no budget is passed. Needs `expectDelivery`, and two channels.
   * @default false
   */
  readonly channelFailover?: boolean | undefined
  /**
   * At least 32 random bytes: as text, or as bytes such as `Buffer.from(key, 'base64')`. A text and its bytes in UTF-8
   * are one secret. A list rotates: put the new one in front and keep the old ones behind it, until every
   * server has run with both. Failures, locks and limits outlive every secret of the list.
   */
  readonly secret: Secret | readonly Secret[] | undefined
  /** @default new MemoryChallengeStore() */
  readonly store?: ChallengeStore | undefined
  /**
   * ISO 3166 regions whose numbers are texted, such as `['GB', 'DE']`. Only a development sender may do without.
   * @default required with a real sender
   */
  readonly countries?: readonly string[] | undefined
  /** @default ['MOBILE', 'FIXED_LINE_OR_MOBILE'] */
  readonly numberTypes?: readonly NumberType[] | undefined
  /**
   * Region of the numbers in accounts that are written without a country code, such as `'GB'`. What people type is
   * never read by it.
   * @default none: such a number is none
   */
  readonly defaultCountry?: string | undefined
  /**
   * Vouches for a number in an account, in E.164: asked of one that the metadata do not know yet, or take for a
   * landline. Only `true` accepts it, and `countries` hold all the same. What people type is never asked about.
   * @default none: no such number is accepted
   * @example
   * acceptNumber: (e164) => e164.startsWith('+54') // a CRM that writes mobile numbers of Argentina without their 9
   */
  readonly acceptNumber?: ((e164: string) => boolean) | undefined
  /**
   * Stands in the text: at most 20 GSM-7 characters without `@` and `#`.
   * @default none
   */
  readonly appName?: string | undefined
  /**
   * The bare host of the page that asks for the code, such as `acme.example`: browsers fill the code in only there.
   * Without it the text has no last line for them.
   * @default none
   */
  readonly origin?: string | undefined
  /**
   * Makes the text; the origin-bound last line is added when it lacks. It is tried once at start-up, with zeros for a
   * code.
   * @default one sentence by `locale`: in English, German, French or Spanish
   */
  readonly message?: MessageTemplate | undefined
  /**
   * Lets `message` make more than one text (160 characters of the GSM alphabet, or 70 of others), each of which is paid
   * for.
   * @default false
   */
  readonly allowMultiSegment?: boolean | undefined
  /**
   * What values of `details` may hold beside words of the Latin script, amounts and short numbers.
   * @default nothing more
   */
  readonly detailsMayHold?: DetailsMayHold | undefined
  /**
   * How the number is shown to the person (`to`); one that fails, or shows nothing or all of it, counts as none.
   * @default `+44 •••• •••456`: as always in events
   */
  readonly mask?: ((phone: string) => string) | undefined
  /**
   * From 6 to 10.
   * @default 6
   */
  readonly codeLength?: number | undefined
  /** @default 'digits' */
  readonly alphabet?: Alphabet | undefined
  /**
   * How long a challenge lives, at most `'10m'`.
   * @default '5m'
   */
  readonly ttl?: Duration | undefined
  /**
   * Guesses for each challenge, at most 10.
   * @default 5
   */
  readonly maxAttempts?: number | undefined
  /**
   * Pauses between any two texts to one subject since its last success; the last one applies from then on.
   * @default ['30s', '1m', '2m']
   */
  readonly delays?: readonly Duration[] | undefined
  /**
   * Texts of one challenge after the first.
   * @default 3
   */
  readonly maxResends?: number | undefined
  /**
   * `ip`, `prefix` and `country` count only texts to numbers that stand in no account. All whose address is not known
   * share one budget of `ip`.
   * @default { phone: { '1h': 5, '1d': 10 }, ip: { '1h': 10 }, prefix: { '1h': 20 }, country: { '1h': 200 } }
   */
  readonly sendLimits?: SendLimits | undefined
  /**
   * Tries that came to nothing, because `beforeSend` or the gateway refused them: they count in no limit of
   * `sendLimits`.
   * @default `{ phone: { '5m': 5, '1d': 50 } }`, and `ip` as in `sendLimits`
   */
  readonly unsentLimits?: UnsentLimits | undefined
  /**
   * Pauses a prefix (all but the last four digits) or a country when fewer than `below` of every `over` codes texted
   * there are entered; numbers that stand in an account go on getting theirs. `false`: never.
   * @default { below: 0.2, over: 20, pauseFor: '1h' }
   */
  readonly conversion?: ConversionOptions | false | undefined
  /**
   * Consecutive failures of one subject, over all challenges and purposes; `disableAfter` is at most 100. Failures of
   * strangers (without `known`) count apart and never disable: from `disableAfter` on each locks them out for a day, or
   * for `max` if that is longer.
   * @default { after: 10, for: '15m', max: '24h', disableAfter: 100 }
   */
  readonly lockout?: LockoutOptions | undefined
  /**
   * Asked of a provider before every text that the limits allow: whether the SIM card, or the phone, of the number
   * changed of late. A refused text counts in `unsentLimits` alone.
   * @default none
   * @example
   * checks: { simSwap: simSwapCheck({ provider: twilioSwaps({ client }), maxAge: '240h' }) }
   */
  readonly checks?: SwapChecks | undefined
  /**
   * Asked before every text that the limits allow; refuses by returning `{ refuse: reason }`, and also by throwing or
   * by taking longer than `senderTimeout`. A refused text counts in `unsentLimits` alone.
   * @default none
   */
  readonly beforeSend?: ((context: BeforeSendContext) => BeforeSendAnswer | PromiseLike<BeforeSendAnswer>) | undefined
  /**
   * How long its answer about a number is kept in this process, whatever else it was asked with. Failures are not.
   * @default not at all
   */
  readonly beforeSendFor?: Duration | undefined
  /**
   * Is handed each promise of work that goes on after a response, so that the host does not stop meanwhile: a text to a
   * person without an account.
   * @default `waitUntil` of Vercel, Next.js or Netlify, where one of them runs the app; else none
   */
  readonly waitUntil?: WaitUntil | undefined
  /**
   * Keeps what happened to the last codes of each person, for `otp.trace(subject)`: so that the help desk sees why no
   * text arrived. Written after the answer, by one more call of the store for each text, guess and report. The store
   * has to be able to.
   * @default false
   */
  readonly trace?: boolean | TraceOptions | undefined
  /** @default '10s' */
  readonly senderTimeout?: Duration | undefined
  /** @default '2s' */
  readonly storeTimeout?: Duration | undefined
  /**
   * Epoch milliseconds, for the store made when none is given.
   * @default Date.now
   */
  readonly now?: (() => number) | undefined
}

/** The checks of `passport-sms-otp/checks`. */
export interface SwapChecks {
  readonly simSwap?: SwapCheck | undefined
  readonly deviceSwap?: SwapCheck | undefined
}

/** How much is kept, and for how long. */
export interface TraceOptions {
  /**
   * Of so many codes of one person: 1 to 100.
   * @default 20
   */
  readonly last?: number | undefined
  /**
   * A trace is kept as long as its ledger, and a ledger with failures has no end. Then the trace is kept for so long
   * after its last entry.
   * @default '90d'
   */
  readonly atMost?: Duration | undefined
}

/** How failures in a row of one person lock. Durations are texts such as `'15m'`. */
export interface LockoutOptions {
  /**
   * Failures in a row that lock.
   * @default 10
   */
  readonly after?: number | undefined
  /**
   * The first lock. It doubles each time.
   * @default '15m'
   */
  readonly for?: Duration | undefined
  /**
   * The longest lock.
   * @default '24h'
   */
  readonly max?: Duration | undefined
  /**
   * Failures in a row that disable, until the app enables again: at most 100 (NIST SP 800-63B-4 §3.2.2).
   * @default 100
   */
  readonly disableAfter?: number | undefined
}

/** What `beforeSend` says of a text: nothing lets it leave, and `{ refuse: 'why' }` refuses it. */
// An app's hook that returns nothing, refuses nothing.
// eslint-disable-next-line @typescript-eslint/no-invalid-void-type
export type BeforeSendAnswer = void | undefined | { readonly refuse: string }

/** The names of all options, in the order of the interface. */
export const optionNames: readonly string[] = [
  'sender', 'provider', 'channels', 'channelLimits', 'expectDelivery', 'channelFailover', 'secret', 'store', 'countries', 'numberTypes', 'defaultCountry', 'acceptNumber', 'appName', 'origin', 'message', 'allowMultiSegment', 'detailsMayHold', 'mask', 'codeLength', 'alphabet', 'ttl',
  'maxAttempts', 'delays', 'maxResends', 'sendLimits', 'unsentLimits', 'conversion', 'lockout', 'checks', 'beforeSend', 'beforeSendFor', 'waitUntil', 'trace', 'senderTimeout', 'storeTimeout', 'now',
] satisfies (keyof SmsOtpOptions)[]
