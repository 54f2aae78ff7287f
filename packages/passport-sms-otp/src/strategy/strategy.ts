import { warnOncePerCode } from '#internal/warn-once-per-code'
import type { Request } from 'express'
import type {} from 'passport'
import { Strategy as PassportStrategy } from 'passport-strategy'
import { debug } from '../lib/debug.js'
import { errorNames } from '../lib/error-name.js'
import { isSmsOtpError, SmsOtpError } from '../lib/errors.js'
import { keptByCaller, keptByClient, keptInSession, type KeptChallenge } from './kept-challenge.js'
import type { SmsChannel } from '../lib/channels.js'
import type { Details } from '../texts/details.js'
import { addressOf, watchAddresses } from './address.js'
import { afterResponse, hasConnection } from './after-response.js'
import { evidenceOf } from './evidence.js'
import { fail, published, sent, type Ending } from './ending.js'
import { failure, failureOfVerify, statusOfFailure, type SmsOtpOutcome } from './outcome.js'
import { ownField } from './own-field.js'
import { bindingOf, isMissing, personOf, saveNumber, type Person } from './person.js'
import type { VerifyResult } from '../service/results.js'
import type { SmsOtp, SmsOtpInputs } from '../service/sms-otp.js'
import {
  readRequestOptions, readService, type RequestSettings, type StrategyOptions, type StrategyOptionsWithRequest,
} from './strategy-options.js'
import { watchBody } from './unparsed-body.js'
import { errorForPassport } from '#internal/passport-error'
import { tellRetryAfter } from '#internal/retry-after'
import { callVerify, type Verified } from '#internal/verify-callback'
import { messageIn } from '#internal/verify-message'
import { warnOfError } from '#internal/warn-of-error'
import type { Verify, VerifyWithRequest } from './verify-callback.js'

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- the way @types/express is extended
  namespace Express {
    interface Request {
      /** What the last run of the `sms-otp` strategy on this request came to. */
      smsOtp?: SmsOtpOutcome
    }
  }
}

declare module 'passport' {
  interface AuthenticateOptions {
    action?: string | undefined
    details?: Readonly<Record<string, string>> | undefined
    purpose?: string | undefined
  }
}

/** What `passport.authenticate('sms-otp', options)` hands on. */
export interface AuthenticateOptions {
  /**
   * `'send'`, `'resend'` or `'verify'`.
   * @default 'verify'
   */
  readonly action?: string | undefined
  /**
   * Values that the code confirms.
   * @default the values of the strategy's `details`
   */
  readonly details?: Details | undefined
  /** @default the strategy's `purpose` */
  readonly purpose?: string | undefined
  /**
   * When present, a handle or `null`, the caller keeps the handle, and gets the new one in the info of `pass`.
   * @default none
   */
  readonly challenge?: string | null | undefined
}

interface Task {
  readonly req: Request
  readonly person: Person
  readonly kept: KeptChallenge
  readonly purpose: string
  readonly details: Details | undefined
  /** That the person asks for. It may be anything. */
  readonly channel: unknown
}

/**
 * Proves a phone number by a texted code: `send`, `resend` and, without an action, verify.
 * @example
 * passport.use(new Strategy({
 *   sender, secret, countries: ['GB', 'DE'], appName: 'Acme', origin: 'acme.example',
 * }, async (phone) => users.findOrCreate(phone)))
 *
 * app.post('/code/send', passport.authenticate('sms-otp', { action: 'send' }), (req, res) => { res.json(req.smsOtp) })
 * app.post('/code', passport.authenticate('sms-otp'), (req, res) => { res.redirect('/account') })
 */
export class Strategy extends PassportStrategy {
  name = 'sms-otp'
  /** The service behind it, to share or to listen to. */
  readonly otp: SmsOtp
  private readonly settings: RequestSettings
  private readonly verify: ((req: Request, phone: string) => Promise<Verified>) | undefined

  constructor(options: StrategyOptionsWithRequest, verify: VerifyWithRequest)
  constructor(options: StrategyOptions, verify?: Verify)
  constructor(options: StrategyOptions | StrategyOptionsWithRequest, verify?: Verify | VerifyWithRequest) {
    super()
    if (verify !== undefined && typeof verify !== 'function') throw new TypeError('The second argument is verify(phone, done), or left out.')
    this.otp = readService(options)
    this.settings = readRequestOptions(options)
    const objection = this.otp.objectionTo(options)
    if (objection !== undefined) throw new TypeError(objection)
    watchAddresses()
    if (verify === undefined) return
    this.verify = options.passReqToCallback === true
      ? (req, phone) => callVerify(verify as VerifyWithRequest, req, phone)
      : (_, phone) => callVerify(verify as Verify, phone)
  }

  override authenticate(req: Request, options: AuthenticateOptions = {}): void {
    this.run(req, options)
      .catch(refusedDetails)
      .then((ending) => { this.settle(req, ending) })
      .catch((error: unknown) => { this.break(req, error) })
      // Only an app's own callback that throws at its error, too, gets here.
      .catch(warnOfError)
  }

  /**
   * The name of a value of `details` that a text cannot show as it is, or `undefined`. multistep asks this before it
   * offers a text for what a request binds.
   */
  checkDetails(details: Details): string | undefined {
    return this.otp.checkDetails(details)
  }

  /** How a code may travel, where the app names it: what a person may choose from. multistep offers these. */
  get channels(): readonly SmsChannel[] {
    return this.otp.channels()
  }

  /**
   * What a page may show of a text that this handle names, as it stands now; `undefined` where nothing is kept of it.
   * multistep asks this where it shows the challenge.
   */
  async delivery(handle: string): Promise<Readonly<Record<string, unknown>> | undefined> {
    const standing = await this.otp.delivery({ challenge: handle })
    return standing.status === 'sent' ? published(standing) : undefined
  }

  /** How people fill in its fields. The pages of multistep ask this. */
  async inputs(): Promise<SmsOtpInputs> {
    return this.otp.inputs()
  }

  /**
   * Whether this user can be texted: the account has a number, it reads as one, and it is of an allowed country and
   * kind. multistep asks this where the app says nothing else.
   */
  async enrolled(user: Express.User): Promise<boolean> {
    const number = await this.settings.phone(user)
    return !isMissing(number) && this.otp.canText(number)
  }

  private async run(req: Request, options: AuthenticateOptions): Promise<Ending> {
    if (req.method !== 'POST') {
      req.res?.setHeader('Allow', 'POST')
      return fail(failure('method_not_allowed'))
    }
    watchBody(req)
    const { action = 'verify' } = options
    if (action === 'send') return this.send(await this.taskOf(req, options))
    if (action === 'resend') return this.resend(await this.taskOf(req, options))
    if (action === 'verify') return this.check(await this.taskOf(req, options))
    throw new TypeError(`The actions of sms-otp are 'send' and 'resend', or none to verify; not ${JSON.stringify(action)}.`)
  }

  private async taskOf(req: Request, options: AuthenticateOptions): Promise<Task> {
    const person = await personOf(req, this.settings, (number) => this.otp.canText(number))
    const purpose = options.purpose ?? this.settings.purpose
    if (!person.user && !this.verify) {
      throw new SmsOtpError('misconfigured', 'Without a logged-in user, only a verify callback can say whose number it is: new SmsOtpStrategy(options, async (phone) => ...).')
    }
    return {
      req,
      person,
      kept: this.keptOf(req, options, purpose),
      purpose,
      details: options.details ?? await this.settings.details?.(req),
      channel: this.channelIn(req),
    }
  }

  /** Where the app lets people choose. An empty field asks for none. */
  private channelIn(req: Request): unknown {
    if (this.channels.length === 0) return undefined
    const asked = ownField(req.body, this.settings.channelField)
    return isMissing(asked) ? undefined : asked
  }

  private keptOf(req: Request, options: AuthenticateOptions, purpose: string): KeptChallenge {
    if (options.challenge !== undefined) return keptByCaller(options.challenge)
    const { challengeIn, challengeField } = this.settings
    return challengeIn === 'client' ? keptByClient(ownField(req.body, challengeField)) : keptInSession(req, `${this.name}/${purpose}`)
  }

  private async send(task: Task): Promise<Ending> {
    const { req, person, kept, purpose, details, channel } = task
    if (channel === NEXT) return this.goOn(task)
    const { subject, known, capturing } = person
    const to = this.numberFor(task)
    if (isMissing(to)) return fail(failure('phone_missing'))
    const locale = await this.settings.locale?.(req)
    const discretion = { previous: kept.handle, capturing, ...this.discretionOf(req, person) }
    const asked = { to: to as string, channel: channel as SmsChannel | undefined, ip: addressOf(req) }
    const request = { ...asked, purpose, subject, details, locale, known, ...discretion }
    return sent(kept, known, await this.otp.start(request))
  }

  /** A page that asks for the text again need not ask for the number again: its challenge knows it. */
  private numberFor({ person: { user, number, subject, capturing }, kept, purpose }: Task): unknown {
    if (!isMissing(number) || (user && !capturing)) return number
    return this.otp.numberIn(kept.handle, { purpose, subject, capturing })
  }

  /** By the next channel, if the last text did not arrive. */
  private async goOn({ req, person, kept, purpose, details }: Task): Promise<Ending> {
    const expected = { purpose, ...bindingOf(person) }
    const request = { challenge: kept.handle as string, details, ip: addressOf(req), expected }
    return sent(kept, person.known, await this.otp.next(request))
  }

  private async resend(task: Task): Promise<Ending> {
    const { req, person, kept, purpose, details, channel } = task
    if (channel === NEXT) return this.goOn(task)
    const challenge = kept.handle as string
    const expected = { purpose, ...bindingOf(person) }
    const asked = { challenge, channel: channel as SmsChannel | undefined, ip: addressOf(req) }
    const request = { ...asked, details, expected, ...this.discretionOf(req, person) }
    return sent(kept, person.known, await this.otp.repeat(request))
  }

  /** To a stranger, the answer must tell nothing: not by what it says, and not by how long it takes. */
  private discretionOf(req: Request, { user }: Person) {
    if (user) return {}
    const { mayText } = this.settings
    const goesOn = hasConnection(req) || this.otp.canWait()
    // Where the process may stop with the answer, and no number is to be told from another, the text comes first.
    if (!goesOn && !mayText) return {}
    if (!goesOn) warnOncePerCode('SMS_OTP_NO_WAIT', NO_WAIT)
    const asked = mayText && ((phone: string) => mayText(phone, req))
    return { background: afterResponse(req), mayText: asked }
  }

  private async check({ req, person, kept, purpose, details }: Task): Promise<Ending> {
    const code = ownField(req.body, this.settings.codeField)
    if (isMissing(code)) return fail(failure('code_missing'))
    const challenge = kept.handle as string
    const { result, retryAfter } = await this.otp.check(
      { challenge, code: code as string, purpose, details, ...bindingOf(person) },
    )
    if (result.status !== 'ok') return fail(failureOfVerify(result, retryAfter))
    kept.forget()
    return this.proven(req, person, result)
  }

  private async proven(req: Request, { user, capturing }: Person, { phone, channels }: Proven): Promise<Ending> {
    const { capture } = this.settings
    if (user && capturing && capture) {
      const refusal = await saveNumber(capture, user, phone)
      if (refusal) return fail(failure('phone_rejected', refusal))
    }
    const verified: Verified = this.verify ? await this.verify(req, phone) : { user, info: undefined }
    if (!verified.user) return fail(failure('user_unknown', messageIn(verified.info)))
    return { end: 'success', user: verified.user, info: { ...verified.info, ...evidenceOf(channels) } }
  }

  private settle(req: Request, ending: Ending): void {
    switch (ending.end) {
      case 'pass':
        req.smsOtp = ending.outcome
        // Passport ignores the argument; who keeps the handle does not.
        ;(this as unknown as { pass(info: object): void }).pass(ending.info)
        return
      case 'success':
        req.smsOtp = { verified: true }
        this.success(ending.user, ending.info)
        return
      case 'fail':
        debug('refused %s', ending.failure.code)
        req.smsOtp = ending.failure
        tellRetryAfter(req, ending.failure)
        this.fail(ending.failure, statusOfFailure(ending.failure))
    }
  }

  private break(req: Request, error: unknown): void {
    if (isSmsOtpError(error)) req.smsOtp = failure(error.code)
    debug('error %s', errorNames(error))
    this.error(errorForPassport(error))
  }
}

/** In place of a channel: the next one, if the last text did not arrive. */
const NEXT = 'next'

type Proven = Extract<VerifyResult, { status: 'ok' }>

/** What a person wants to confirm is theirs to write in another way. */
function refusedDetails(error: unknown): Ending {
  if (isSmsOtpError(error) && error.code === 'details_invalid') return fail(failure('details_invalid'))
  throw error
}

const NO_WAIT = 'passport-sms-otp texts a person without an account after the response'
  + ', and this host may have stopped by then: set waitUntil.'
