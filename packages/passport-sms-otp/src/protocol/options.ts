import type { ChallengeStore, LockoutPolicy } from '../stores/challenge-store.js'
import type { Alphabet, CodeFormat } from './code.js'
import { readConversion, type Brake, type ConversionOptions } from './conversion.js'
import { milliseconds } from '../duration.js'
import { guardStore } from './guarded-store.js'
import { deriveKeys, type Keys } from './keys.js'
import { MemoryChallengeStore } from '../stores/memory-challenge-store.js'
import { checkAppName, checkMessage, checkOrigin, defaultMessage, type Details, type MessageTemplate } from './message.js'
import { checkFunctions, checkList, checkOptionNames, hasMethods } from '../option-checks.js'
import { isCountry, maskWith, numberTypes, type NumberRules, type NumberType } from './phone-number.js'
import { readSendLimits, type SendLimits, type SendLimitTable } from './send-limits.js'
import type { SmsSender } from '../senders/sender.js'

/** What `beforeSend` may judge a text by. */
export interface BeforeSendContext {
  /** E.164. */
  readonly phone: string
  /** ISO 3166 region of the number. */
  readonly country: string
  readonly type: NumberType | undefined
  readonly subject: string
  readonly purpose: string
  readonly details: Details
  readonly ip: string | undefined
  /** The number stands in an account. */
  readonly known: boolean
}

export interface SmsOtpOptions {
  /** The way texts leave. */
  readonly sender: SmsSender
  /**
   * At least 32 random bytes. A list rotates: put the new one in front and keep the old ones behind it. Removing the last one starts
   * new ledgers: failures counted so far are forgotten.
   */
  readonly secret: string | readonly string[] | undefined
  /** Default: a `MemoryChallengeStore`. */
  readonly store?: ChallengeStore | undefined
  /** ISO 3166 regions whose numbers are texted, such as `['GB', 'DE']`. Only a development sender may do without. */
  readonly countries?: readonly string[] | undefined
  /** Default: `['MOBILE', 'FIXED_LINE_OR_MOBILE']`. */
  readonly numberTypes?: readonly NumberType[] | undefined
  /** Stands in the text: at most 20 GSM-7 characters without `@` and `#`. */
  readonly appName?: string | undefined
  /**
   * The bare host of the page that asks for the code, such as `acme.example`: browsers fill the code in only there.
   * Without it the text has no last line for them.
   */
  readonly origin?: string | undefined
  /**
   * Makes the text; the origin-bound last line is added when it lacks. It is tried once at start-up, with zeros for a code.
   * Default: one sentence in English, German, French or Spanish, by `locale`.
   */
  readonly message?: MessageTemplate | undefined
  /** Lets `message` make more than one text (160 characters of the GSM alphabet, or 70 of others), each of which is paid for. Default: `false`. */
  readonly allowMultiSegment?: boolean | undefined
  /**
   * How the number is shown to the person (`to`); one that fails, or shows nothing or all of it, counts as none.
   * Default: `+44 •••• •••456`, as always in events.
   */
  readonly mask?: ((phone: string) => string) | undefined
  /** From 6 to 10. Default: 6. */
  readonly codeLength?: number | undefined
  /** Default: `'digits'`. */
  readonly alphabet?: Alphabet | undefined
  /** How long a challenge lives, at most `'10m'`. Default: `'5m'`. */
  readonly ttl?: string | undefined
  /** Guesses for each challenge, at most 10. Default: 5. */
  readonly maxAttempts?: number | undefined
  /** Pauses between any two texts to one subject since its last success; the last one applies from then on. Default: `['30s', '1m', '2m']`. */
  readonly delays?: readonly string[] | undefined
  /** Texts of one challenge after the first. Default: 3. */
  readonly maxResends?: number | undefined
  /**
   * `ip`, `prefix` and `country` count only texts to numbers that stand in no account.
   * Default: `{ phone: { '1h': 5, '1d': 10 }, ip: { '1h': 10 }, prefix: { '1h': 20 }, country: { '1h': 200 } }`.
   */
  readonly sendLimits?: SendLimits | undefined
  /**
   * Pauses a prefix (all but the last four digits) or a country when fewer than `below` of every `over` codes texted there are entered; numbers that
   * stand in an account go on getting theirs. `false`: never. Default: `{ below: 0.2, over: 20, pauseFor: '1h' }`.
   */
  readonly conversion?: ConversionOptions | false | undefined
  /**
   * Consecutive failures of one subject, over all challenges and purposes; `disableAfter` is at most 100.
   * Default: `{ after: 10, for: '15m', max: '24h', disableAfter: 100 }`.
   */
  readonly lockout?: LockoutOptions | undefined
  /** Asked before every text; refuses by returning `{ refuse: reason }`, and also by throwing or by taking longer than `senderTimeout`. */
  readonly beforeSend?: ((context: BeforeSendContext) => BeforeSendAnswer | PromiseLike<BeforeSendAnswer>) | undefined
  /** Default: `'10s'`. */
  readonly senderTimeout?: string | undefined
  /** Default: `'2s'`. */
  readonly storeTimeout?: string | undefined
  /** Epoch milliseconds, for the store made when none is given. Default: `Date.now`. */
  readonly now?: (() => number) | undefined
}

export interface LockoutOptions {
  readonly after?: number | undefined
  readonly for?: string | undefined
  readonly max?: string | undefined
  readonly disableAfter?: number | undefined
}

// An app's hook that returns nothing, refuses nothing.
// eslint-disable-next-line @typescript-eslint/no-invalid-void-type
export type BeforeSendAnswer = void | undefined | { readonly refuse: string }

/** The options, checked, with their defaults. */
export interface Settings {
  readonly sender: SmsSender
  readonly keys: Keys
  readonly store: ChallengeStore
  readonly rules: NumberRules
  readonly appName: string | undefined
  readonly origin: string | undefined
  readonly message: MessageTemplate
  readonly allowMultiSegment: boolean
  readonly mask: (phone: string) => string
  readonly format: CodeFormat
  readonly ttl: number
  readonly maxAttempts: number
  readonly delays: readonly number[]
  readonly maxResends: number
  readonly limits: SendLimitTable
  readonly brake: Brake | undefined
  readonly lockout: LockoutPolicy
  readonly beforeSend: NonNullable<SmsOtpOptions['beforeSend']> | undefined
  readonly senderTimeout: number
}

/** The names of all options, in the order of the interface. */
export const optionNames: readonly string[] = [
  'sender', 'secret', 'store', 'countries', 'numberTypes', 'appName', 'origin', 'message', 'allowMultiSegment', 'mask', 'codeLength', 'alphabet', 'ttl', 'maxAttempts',
  'delays', 'maxResends', 'sendLimits', 'conversion', 'lockout', 'beforeSend', 'senderTimeout', 'storeTimeout', 'now',
] satisfies (keyof SmsOtpOptions)[]

/** @throws TypeError that says what to write instead. */
export function readOptions(options: SmsOtpOptions): Settings {
  checkOptionNames('SmsOtp', options, optionNames)
  checkFunctions(options, ['message', 'mask', 'beforeSend', 'now'])
  const sender = checkSender(options.sender)
  const storeTimeout = duration('storeTimeout', options.storeTimeout ?? '2s', '1m')
  const appName = checkAppName(options.appName)
  const origin = checkOrigin(options.origin)
  const format = { alphabet: checkAlphabet(options.alphabet ?? 'digits'), length: whole('codeLength', options.codeLength ?? 6, 6, 10) }
  const ttl = duration('ttl', options.ttl ?? '5m', '10m')
  const allowMultiSegment = isAllowed('allowMultiSegment', options.allowMultiSegment)
  if (options.message && !allowMultiSegment) {
    checkMessage(options.message, { code: '0'.repeat(format.length), appName, origin, minutes: Math.max(1, Math.floor(ttl / 60_000)), locale: undefined, details: {} })
  }
  return {
    sender,
    keys: deriveKeys(checkSecrets(options.secret)),
    store: guardStore(checkStore(options), storeTimeout),
    rules: { countries: checkCountries(options.countries, sender), types: checkTypes(options.numberTypes ?? ['MOBILE', 'FIXED_LINE_OR_MOBILE']) },
    appName,
    origin,
    message: options.message ?? defaultMessage,
    allowMultiSegment,
    mask: maskWith(options.mask),
    format,
    ttl,
    maxAttempts: whole('maxAttempts', options.maxAttempts ?? 5, 1, 10),
    delays: checkList('delays', options.delays ?? ['30s', '1m', '2m'], '[\'30s\', \'1m\']').map((delay) => milliseconds('A delay of delays', delay)),
    maxResends: whole('maxResends', options.maxResends ?? 3, 0, 10),
    limits: readSendLimits(options.sendLimits),
    brake: readConversion(options.conversion),
    lockout: readLockout(options.lockout ?? {}),
    beforeSend: options.beforeSend,
    senderTimeout: duration('senderTimeout', options.senderTimeout ?? '10s', '2m'),
  }
}

function checkSender(sender: unknown): SmsSender {
  if (typeof (sender as SmsSender | undefined)?.send === 'function' && typeof (sender as SmsSender).name === 'string') return sender as SmsSender
  throw new TypeError('sender is required: the way texts leave, such as consoleSender() of passport-sms-otp/senders, or { name, send(message, { signal }) }.')
}

function checkStore({ store, now }: SmsOtpOptions): ChallengeStore {
  if (store === undefined) return new MemoryChallengeStore({ now })
  if (hasMethods(store, ['send', 'verify', 'undo', 'reserve', 'release', 'settle', 'enable', 'retire'])) return store
  throw new TypeError('store is a ChallengeStore, such as new RedisChallengeStore({ client }).')
}

const WEAK = ['changeme', 'secret', 'password', 'keyboard cat']

function checkSecrets(secret: unknown): [string, ...string[]] {
  const [first, ...others] = (Array.isArray(secret) ? secret : [secret]) as unknown[]
  return [checkSecret(first), ...others.map(checkSecret)]
}

function checkSecret(secret: unknown): string {
  const advice = 'Make one with `openssl rand -base64 32`, and keep it out of the code.'
  if (typeof secret !== 'string') throw new TypeError(`secret is required. ${advice}`)
  if (Buffer.byteLength(secret) < 32) throw new TypeError(`secret is too short: at least 32 bytes. ${advice}`)
  const weak = WEAK.find((word) => secret.toLowerCase().includes(word))
  if (weak !== undefined || /^(.)\1*$/su.test(secret)) throw new TypeError(`secret can be guessed${weak === undefined ? '' : `: it contains '${weak}'`}. ${advice}`)
  return secret
}

function checkCountries(countries: unknown, sender: SmsSender): ReadonlySet<string> | undefined {
  if (countries === undefined && sender.development === true) return undefined
  if (!Array.isArray(countries)) throw new TypeError('countries is required: the regions whose numbers are texted, such as [\'GB\', \'DE\'].')
  const wrong = (countries as unknown[]).find((country) => !isCountry(country))
  if (wrong !== undefined) throw new TypeError(`countries holds ISO 3166 codes such as 'GB', not ${JSON.stringify(wrong)}.`)
  return new Set(countries as string[])
}

function checkTypes(types: unknown): ReadonlySet<string> {
  const wrong = checkList('numberTypes', types, '[\'MOBILE\']').find((type) => !(numberTypes as readonly unknown[]).includes(type))
  if (wrong !== undefined) throw new TypeError(`numberTypes holds ${numberTypes.join(', ')}, not ${JSON.stringify(wrong)}.`)
  return new Set(types as string[])
}

function checkAlphabet(alphabet: unknown): Alphabet {
  if (alphabet !== 'digits' && alphabet !== 'alphanumeric') throw new TypeError(`alphabet is 'digits' or 'alphanumeric', not ${JSON.stringify(alphabet)}.`)
  return alphabet
}

function readLockout(given: LockoutOptions): LockoutPolicy {
  checkOptionNames('lockout', given, ['after', 'for', 'max', 'disableAfter'])
  return {
    after: whole('lockout.after', given.after ?? 10, 1, 100),
    for: duration('lockout.for', given.for ?? '15m'),
    max: duration('lockout.max', given.max ?? '24h'),
    // NIST SP 800-63B-4 §3.2.2
    disableAfter: whole('lockout.disableAfter', given.disableAfter ?? 100, 1, 100),
  }
}

function isAllowed(name: string, value: unknown): boolean {
  if (value === undefined || typeof value === 'boolean') return value === true
  throw new TypeError(`${name} is true or false, not ${JSON.stringify(value)}.`)
}

function whole(name: string, value: unknown, least: number, most: number): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value
  throw new TypeError(`${name} is a whole number from ${least} to ${most}, not ${JSON.stringify(value)}.`)
}

function duration(name: string, value: string, most?: string): number {
  const length = milliseconds(name, value)
  if (length < 1) throw new TypeError(`${name} must be longer than nothing, not ${JSON.stringify(value)}.`)
  if (most !== undefined && length > milliseconds(name, most)) throw new TypeError(`${name} is at most '${most}', not ${JSON.stringify(value)}.`)
  return length
}
