import type { Request } from 'express'
import type {} from 'passport'
import { Strategy as PassportStrategy } from 'passport-strategy'
import { errorDiagnosis } from '#internal/error-diagnosis'
import { errorForPassport } from '#internal/passport-error'
import { userOf } from '#internal/passport-user'
import { tellRetryAfter } from '#internal/retry-after'
import { warnOfOrigin } from '#internal/foreign-origin'
import { isSameOrigin } from '#internal/same-origin'
import { isSpeculative } from '#internal/speculative-request'
import { SessionTransactions } from '#internal/transactions/session-transactions'
import { callVerify, type Verified } from '#internal/verify-callback'
import { messageIn } from '#internal/verify-message'
import { warnOfError } from '#internal/warn-of-error'
import { NumberVerificationError } from '../errors.js'
import { arrivalOf } from './arrival.js'
import { begin } from './begin-login.js'
import { diagnose, diagnosisName, endingDiagnosis } from './diagnostics.js'
import { end, type Answered } from './end-login.js'
import { fail, success, type Ending } from './ending.js'
import type { Login } from './login.js'
import { failure, statusOfFailure, type NumberVerificationOutcome } from './outcome.js'
import { personOf, phoneOf } from './person.js'
import { readStrategyOptions, type Settings } from './read-options.js'
import { wantsJson } from './wallet-page.js'
import type {
  AuthenticateOptions, ProvenNumber, StrategyOptions, StrategyOptionsWithRequest, Verify, VerifyWithRequest,
} from './strategy-options.js'

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- the way @types/express is extended
  namespace Express {
    interface Request {
      /** The outcome of the last run of the `number-verification` strategy on this request. */
      numberVerification?: NumberVerificationOutcome
    }
  }
}

declare module 'passport' {
  interface AuthenticateOptions {
    action?: string | undefined
    sameOrigin?: boolean | undefined
  }
}

/**
 * Proves the number of the phone that a request comes from, without a click: the mobile operator knows which SIM it is.
 * A request begins a login, or ends it.
 * @example
 * passport.use(new Strategy({
 *   provider: camara({ issuer: 'https://operator.example', clientId, clientKey: { key: pem } }),
 *   callbackURL: 'https://acme.example/login/number-verification/callback',
 * }))
 *
 * app.post('/login/number-verification', passport.authenticate('number-verification'))
 * const end = passport.authenticate('number-verification', { successRedirect: '/' })
 * app.get('/login/number-verification/callback', end)
 */
export class Strategy extends PassportStrategy {
  name = 'number-verification'
  /** The user is shown nothing, and confirms nothing: values that a request binds are never proven by it. */
  readonly provesDetails: boolean = false
  private readonly settings: Settings
  private readonly verify: ((req: Request, proven: ProvenNumber) => Promise<Verified>) | undefined

  /**
   * @param verify finds the account of a number. It may be left out where the strategy is a second factor only.
   * @throws TypeError for options that would only fail at a login
   */
  constructor(options: StrategyOptionsWithRequest, verify: VerifyWithRequest)
  constructor(options: StrategyOptions, verify?: Verify)
  constructor(options: StrategyOptions | StrategyOptionsWithRequest, verify?: Verify | VerifyWithRequest) {
    super()
    if (verify !== undefined && typeof verify !== 'function') {
      throw new TypeError('The second argument is verify({ phone, provider }, done), or left out.')
    }
    this.settings = readStrategyOptions(options)
    if (verify === undefined) return
    this.verify = options.passReqToCallback === true
      ? (req, proven) => callVerify(verify as VerifyWithRequest, req, proven)
      : (_, proven) => callVerify(verify as Verify, proven)
  }

  /** Whether this user has a number that can be asked about. multistep asks this where the app says nothing else. */
  async enrolled(user: Express.User): Promise<boolean> {
    return await phoneOf(user, this.settings) !== undefined
  }

  override authenticate(req: Request, options: AuthenticateOptions = {}): void {
    this.run(req, options)
      .then((ending) => { this.settle(req, ending) })
      .catch((error: unknown) => { this.break(req, error) })
      // The app's callback threw while it was told of an error.
      .catch(warnOfError)
  }

  private async run(req: Request, route: AuthenticateOptions): Promise<Ending> {
    const { action } = route
    if (action !== undefined && action !== 'begin') {
      throw new TypeError(`The action of number-verification is 'begin', or none; not ${JSON.stringify(action)}.`)
    }
    if (req.method !== 'GET' && req.method !== 'POST') {
      req.res?.setHeader('Allow', 'GET, POST')
      return fail('method_not_allowed')
    }
    // A page that the browser loads ahead of the user must change nothing, and cost nothing.
    if (isSpeculative(req)) return fail('transaction_unknown')
    const arrival = action === 'begin' ? { type: 'begin' } as const : arrivalOf(req)
    // A provider sends the browser back from another site. Everything else comes from a page of this app.
    const isOwn = route.sameOrigin === true || isSameOrigin(req, this.settings.origins)
    if (arrival.type !== 'callback' && !isOwn) return crossSite(req)
    if (!userOf(req) && !this.verify) throw verifyMissing()
    const login: Login = {
      req,
      settings: this.settings,
      person: await personOf(req, this.settings),
      kept: new SessionTransactions(req, this.name, sessionMissing),
    }
    if (arrival.type === 'begin') return begin(login)
    // The address of this page holds what the provider answered.
    req.res?.setHeader('Referrer-Policy', 'no-referrer')
    const result = await end(login, arrival)
    return 'end' in result ? result : this.answered(login, result)
  }

  private async answered(login: Login, { answer, transaction }: Answered): Promise<Ending> {
    const { correlator } = transaction
    switch (answer.status) {
      case 'not ours':
        return { ...fail('transaction_unknown'), cause: answer.cause, correlator } as Ending
      case 'differs':
        return { ...fail('person_mismatch'), correlator }
      case 'matches':
        return { ...await this.proven(login, transaction.phone), correlator }
      case 'read':
        return { ...await this.proven(login, answer.phone), correlator }
    }
  }

  /** A number is proven. A known user's must be the account's, character by character in E.164. */
  private async proven({ req, person, settings }: Login, phone: string | undefined): Promise<Ending> {
    // A provider may be the app's own, and a text is all that can be compared.
    if (typeof phone !== 'string' || !/^\+[1-9][0-9]{4,14}$/.test(phone)) {
      throw new NumberVerificationError('provider_answer_invalid', 'The provider tells a number that is not in E.164.')
    }
    if (person.user) return phone === person.phone ? success(person.user, undefined) : fail('person_mismatch')
    if (!this.verify) throw verifyMissing()
    const { user, info } = await this.verify(req, { phone, provider: settings.provider.id })
    return user ? success(user, info) : fail('user_unknown', messageIn(info))
  }

  private settle(req: Request, ending: Ending): void {
    diagnose(diagnosisName(ending), () => ({ known: userOf(req) !== undefined, ...endingDiagnosis(ending) }))
    switch (ending.end) {
      case 'redirect':
        // A page's script cannot read where a redirect leads, so what asks for JSON alone is told by a 200.
        this.redirect(ending.url, wantsJson(req) ? 200 : 302)
        return
      case 'success':
        req.numberVerification = { verified: true }
        this.success(ending.user, ending.info)
        return
      case 'fail':
        req.numberVerification = ending.failure
        tellRetryAfter(req, ending.failure)
        this.fail(ending.failure, statusOfFailure(ending.failure))
    }
  }

  private break(req: Request, error: unknown): void {
    diagnose('failed', () => errorDiagnosis(error, NumberVerificationError))
    if (error instanceof NumberVerificationError) req.numberVerification = failure(error.code)
    this.error(errorForPassport(error))
  }
}

const sessionMissing = (): NumberVerificationError => new NumberVerificationError(
  'misconfigured',
  'A login at a provider is kept in the session, and there is none:'
  + ' put app.use(session({ ... })) of express-session before this route.',
)

const verifyMissing = (): NumberVerificationError => new NumberVerificationError(
  'misconfigured',
  'Without a logged-in user, only a verify callback can say whose number it is:'
  + ' new Strategy(options, async ({ phone }) => ...).',
)

/** The programmer hears of it, because the page may be of another origin of the app. */
function crossSite({ headers }: Request): Ending {
  warnOfOrigin({
    packageName: 'passport-number-verification',
    code: 'NUMBER_VERIFICATION_CROSS_SITE',
    option: (origin) => `origins: ['${origin}']`,
  }, headers)
  return fail('cross_site')
}
