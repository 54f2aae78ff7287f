import type { Request } from 'express'
import type { Details } from '../texts/details.js'
import { ownId, type UserId } from '#internal/user-id'
import { checkFunctions, checkOptionNames, hasMethods } from '#internal/option-checks'
import { optionNames, type SmsOtpOptions } from '../settings/options.js'
import { checkName } from '../service/requests.js'
import { SmsOtp } from '../service/sms-otp.js'

/** What the strategy adds to the options of `SmsOtp`. Every callback may return a promise. */
export interface RequestOptions {
  /**
   * What the codes are for.
   * @default 'login'
   */
  readonly purpose?: string | undefined
  /**
   * The number of a known user.
   * @default user.phone
   */
  readonly phone?: ((user: Express.User) => Awaitable<string | undefined | null>) | undefined
  /**
   * Whose failures are counted, for a known user. An ObjectId is taken as its text.
   * @default user.id, else user._id
   */
  readonly userId?: ((user: Express.User) => Awaitable<UserId>) | undefined
  /**
   * Asked when there is no `req.user`: a number that may not be texted is answered like any other.
   * @default all may
   */
  readonly mayText?: ((phone: string, req: Request) => unknown) | undefined
  /**
   * Lets a known user give a number, who has none or one that cannot be texted, and saves it once its code was
   * entered.
   * @default none: the number of an account comes from the account alone
   */
  readonly capture?: Capture | undefined
  /**
   * Values that the code confirms, from the request. `options.details` comes before it.
   * @default none
   */
  readonly details?: ((req: Request) => Awaitable<Details | undefined>) | undefined
  /**
   * The language of the text, as a BCP 47 tag.
   * @default English
   */
  readonly locale?: ((req: Request) => Awaitable<string | undefined>) | undefined
  /**
   * Who keeps the handle between the text and the code.
   * @default 'session'
   */
  readonly challengeIn?: 'session' | 'client' | undefined
  /** @default 'code' */
  readonly codeField?: string | undefined
  /** @default 'phone' */
  readonly phoneField?: string | undefined
  /** @default 'challenge' */
  readonly challengeField?: string | undefined
  /**
   * The field by which a person chooses one of `channels`. Not read without that option.
   * @default 'channel'
   */
  readonly channelField?: string | undefined
}

/** How a number is kept that a person has proven. */
export interface Capture {
  /**
   * Saves the proven number. To refuse it, throw an `Error`: its message is what the person reads (`phone_rejected`).
   * An error of a subclass or with a `code`, such as a database's, is a fault and goes to `next(err)`, unless its
   * `expose` is `true`.
   */
  save(user: Express.User, phone: string): unknown
}

type Awaitable<T> = T | PromiseLike<T>

/** Either the options of a service of its own, or one that is shared. */
export type ServiceOptions =
  | (SmsOtpOptions & { readonly otp?: undefined })
  | {
    /**
     * A service that others use, too, in the place of its options.
     * @default none: the strategy makes one by its options
     */
    readonly otp: SmsOtp
  }

/** The options of the strategy: of its service, and of what it reads of requests. */
export type StrategyOptions = ServiceOptions & RequestOptions & {
  /**
   * Whether `verify` gets the request first.
   * @default false
   */
  readonly passReqToCallback?: false | undefined
}

/** The options of a strategy whose `verify` gets the request first. */
export type StrategyOptionsWithRequest = ServiceOptions & RequestOptions & {
  /** Whether `verify` gets the request first. */
  readonly passReqToCallback: true
}

export interface RequestSettings {
  readonly purpose: string
  readonly phone: NonNullable<RequestOptions['phone']>
  readonly userId: NonNullable<RequestOptions['userId']>
  readonly mayText: RequestOptions['mayText']
  readonly capture: Capture | undefined
  readonly details: RequestOptions['details']
  readonly locale: RequestOptions['locale']
  readonly challengeIn: 'session' | 'client'
  readonly codeField: string
  readonly phoneField: string
  readonly challengeField: string
  readonly channelField: string
}

/** The names of the options that the strategy adds. */
export const requestOptionNames: readonly string[] = [
  'otp', 'purpose', 'phone', 'userId', 'mayText', 'capture', 'details', 'locale', 'challengeIn', 'codeField', 'phoneField', 'challengeField', 'channelField',
  'passReqToCallback',
] satisfies (keyof RequestOptions | 'otp' | 'passReqToCallback')[]

/** @throws TypeError that says what to write instead. */
export function readService(options: ServiceOptions & RequestOptions): SmsOtp {
  const { otp } = (options as Partial<ServiceOptions> | undefined) ?? {}
  checkOptionNames('SmsOtpStrategy', options, otp === undefined ? [...requestOptionNames, ...optionNames] : requestOptionNames)
  // Not by instanceof: an app may hold the package twice, as ESM and as CommonJS.
  if (otp !== undefined && !hasMethods(otp, ['start', 'repeat', 'check', 'checkDetails', 'canText', 'objectionTo', 'numberIn', 'channels', 'on'])) throw new TypeError('otp is a service: new SmsOtp({ ... }).')
  if (otp !== undefined) return otp
  const own = Object.entries(options).filter(([name]) => optionNames.includes(name))
  return new SmsOtp(Object.fromEntries(own) as unknown as SmsOtpOptions)
}

export function readRequestOptions(
  options: RequestOptions & { readonly passReqToCallback?: unknown },
): RequestSettings {
  checkFunctions(options, ['phone', 'userId', 'mayText', 'details', 'locale'])
  const { challengeIn = 'session', capture } = options
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- not everybody writes TypeScript
  if (challengeIn !== 'session' && challengeIn !== 'client') throw new TypeError(`challengeIn is 'session' or 'client', not ${JSON.stringify(challengeIn)}.`)
  if (capture !== undefined && !hasMethods(capture, ['save'])) throw new TypeError('capture is { save(user, phone) }.')
  if (!['boolean', 'undefined'].includes(typeof options.passReqToCallback)) throw new TypeError('passReqToCallback is true or false.')
  return {
    purpose: checkName('purpose', options.purpose ?? 'login'),
    phone: options.phone ?? ((user) => (user as { phone?: string }).phone),
    userId: options.userId ?? ((user) => ownId(user) as UserId),
    mayText: options.mayText,
    capture,
    details: options.details,
    locale: options.locale,
    challengeIn,
    ...readFields(options),
  }
}

function readFields(
  { codeField = 'code', phoneField = 'phone', challengeField = 'challenge', channelField = 'channel' }: RequestOptions,
) {
  const fields = { codeField, phoneField, challengeField, channelField }
  for (const [option, field] of Object.entries(fields)) checkName(option, field)
  if (new Set(Object.values(fields)).size < 4) throw new TypeError('codeField, phoneField, challengeField and channelField are four different names.')
  return fields
}
