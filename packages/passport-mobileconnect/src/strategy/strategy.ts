import type { Request } from 'express'
import type {} from 'passport'
import { Strategy as PassportStrategy } from 'passport-strategy'
import { MobileConnectError } from '../errors.js'
import { unshowable } from '../protocol/details.js'
import type { Identified, Identity, Refused } from '../protocol/results.js'
import type { ProtocolSettings } from '../protocol/settings.js'
import { diagnose, diagnosisName, failureDiagnosis } from './diagnostics.js'
import { fail, success, type Ending } from './ending.js'
import { SessionTransactions } from '#internal/transactions/session-transactions'
import { endKnown } from './known-user.js'
import { meetsRoute, unshowableIn, type Login } from './login.js'
import { failure, statusOfFailure, type MobileConnectOutcome } from './outcome.js'
import { errorDiagnosis } from '#internal/error-diagnosis'
import { errorForPassport } from '#internal/passport-error'
import { userOf } from '#internal/passport-user'
import { canBeAsked, personOf } from './person.js'
import { originsOf, provesDetails, readStrategyOptions } from './read-options.js'
import { tellRetryAfter } from '#internal/retry-after'
import { warnOfOrigin } from '#internal/foreign-origin'
import { isSameOrigin } from '#internal/same-origin'
import { beginSilently, isSilentLogin } from './silent-login.js'
import type { AuthenticateOptions, StrategyOptions, StrategyOptionsWithRequest } from './strategy-options.js'
import { callVerify, type Verified } from '#internal/verify-callback'
import { messageIn } from '#internal/verify-message'
import { warnOfError } from '#internal/warn-of-error'
import type { Verify, VerifyWithRequest } from './verify-callback.js'

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- the way @types/express is extended
  namespace Express {
    interface Request {
      /** The outcome of the last run of the `mobileconnect` strategy on this request. */
      mobileConnect?: MobileConnectOutcome
    }
  }
}

declare module 'passport' {
  interface AuthenticateOptions {
    action?: string | undefined
    details?: Readonly<Record<string, string>> | undefined
    sameOrigin?: boolean | undefined
  }
}

/**
 * Authenticates a user by their mobile operator. A request begins a login, ends it, or asks for its outcome.
 * @example
 * passport.use(new Strategy({
 *   operator: { issuer: 'https://operator.example', clientId, clientSecret },
 *   callbackURL: 'https://acme.example/login/mobileconnect/callback',
 * }, async ({ issuer, sub }) => users.byMobileConnect(issuer, sub)))
 *
 * app.post('/login/mobileconnect', passport.authenticate('mobileconnect'))
 * app.get('/login/mobileconnect/callback', passport.authenticate('mobileconnect', { successRedirect: '/' }))
 */
export class Strategy extends PassportStrategy {
  name = 'mobileconnect'
  /**
   * Whether the options prove that the phone showed the `details` of a login: by the backchannel, by pushed requests
   * (`pushedAuthorizationRequests: true`), by requests that the operator takes only signed (`signedRequestsOnly`), or
   * by the operator's word (`displayedData`). `false`: a login with `details` can begin. It fails with
   * `details_unproven` unless the operator does one of these.
   */
  readonly provesDetails: boolean
  private readonly origins: readonly string[]
  private readonly options: StrategyOptions | StrategyOptionsWithRequest
  private readonly settings: ProtocolSettings
  private readonly verify: (req: Request, identity: Identity) => Promise<Verified>

  constructor(options: StrategyOptionsWithRequest, verify: VerifyWithRequest)
  constructor(options: StrategyOptions, verify: Verify)
  constructor(options: StrategyOptions | StrategyOptionsWithRequest, verify: Verify | VerifyWithRequest) {
    super()
    if (typeof verify !== 'function') {
      throw new TypeError(
        'The second argument is verify({ issuer, sub, … }, done), which finds the account of a person.',
      )
    }
    this.settings = readStrategyOptions(options)
    this.provesDetails = provesDetails(options, this.settings)
    this.origins = originsOf(options, this.settings)
    this.options = options
    this.verify = options.passReqToCallback === true
      ? (req, identity) => callVerify(verify as VerifyWithRequest, req, identity)
      : (_, identity) => callVerify(verify as Verify, identity)
  }

  /**
   * The name of a value that no phone can show whole and beyond doubt. `undefined`: a phone can show all of them.
   * A login with such a value does not begin (`details_invalid`), because the user would confirm what they cannot read.
   * @example
   * strategy.checkDetails({ amount: '20 EUR', payee: 'Bob\u202e' })   // 'payee'
   */
  checkDetails(details: Readonly<Record<string, string>>): string | undefined {
    return unshowable(details)
  }

  /**
   * Whether an operator can be asked about this user: the account has a number, and it can be read.
   * multistep calls it unless the app says who is enrolled. So an account with a number in an unknown format counts as
   * not enrolled, and causes no error.
   */
  async enrolled(user: Express.User): Promise<boolean> {
    return canBeAsked(user, this.options)
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
      throw new TypeError(`The action of mobileconnect is 'begin', or none; not ${JSON.stringify(action)}.`)
    }
    const backchannel = this.options.mode === 'backchannel'
    const allowed = backchannel ? ['POST'] : ['GET', 'POST']
    if (!allowed.includes(req.method)) {
      req.res?.setHeader('Allow', allowed.join(', '))
      return fail('method_not_allowed')
    }
    const { options, settings } = this
    const kept = new SessionTransactions(req, this.name, sessionMissing)
    const login: Login = { req, route, options, settings, kept, person: await personOf(req, options) }
    if (!backchannel) return this.redirected(login)
    const { askOutcome, ring } = await backchannelLogin()
    return action === 'begin' ? this.begun(login, ring) : this.ended(login, await askOutcome(login))
  }

  private async begun(login: Login, begins: (login: Login) => Promise<Ending>): Promise<Ending> {
    if (login.route.sameOrigin !== true && !isSameOrigin(login.req, this.origins)) return crossSite(login.req)
    return unshowableIn(login) === undefined ? begins(login) : fail('details_invalid')
  }

  private async redirected(login: Login): Promise<Ending> {
    const { req, route, settings } = login
    const { afterSelection, end } = await redirectLogin()
    // A callback is a GET, because browsers are redirected. The parameters of a form never end a login.
    if (req.method === 'POST' || route.action === 'begin') return this.begun(login, leave)
    const parameters = new URLSearchParams(req.originalUrl.split('?').slice(1).join('?'))
    if (['code', 'state'].some((name) => parameters.has(name))) return this.ended(login, await end(login, parameters))
    const selection = settings.discovery?.returned(parameters)
    if (selection) return afterSelection(login, selection)
    return parameters.has('error') ? fail('transaction_unknown') : this.begun(login, leave)
  }

  private async ended(login: Login, result: Ending | Identified | Refused): Promise<Ending> {
    if ('end' in result) return result
    if (result.status === 'refused') return { ...fail(result.code), cause: result.cause } as Ending
    if (!meetsRoute(login, result.identity.acr)) return fail('acr_insufficient')
    return this.verified(login, result)
  }

  private async verified(login: Login, answer: Identified): Promise<Ending> {
    const find = async (identity: Identity) => this.verify(login.req, identity)
    if (login.person.user) return endKnown(login, login.person.user, answer, find)
    const { user, info } = await find(answer.identity)
    return user ? success(user, info, answer.identity) : fail('user_unknown', messageIn(info))
  }

  private settle(req: Request, ending: Ending): void {
    diagnose(diagnosisName(ending), () => ({
      mode: this.options.mode ?? 'redirect',
      known: userOf(req) !== undefined,
      ...ending.end === 'fail' && failureDiagnosis(ending),
    }))
    switch (ending.end) {
      case 'redirect':
        this.redirect(ending.url)
        return
      case 'pass':
        req.mobileConnect = ending.outcome
        // Passport ignores the argument. A caller that keeps the handle reads it.
        ;(this as unknown as { pass(info: object): void }).pass(ending.info)
        return
      case 'success':
        req.mobileConnect = { verified: true }
        this.success(ending.user, ending.info)
        return
      case 'fail':
        req.mobileConnect = ending.failure
        tellRetryAfter(req, ending.failure)
        this.fail(ending.failure, statusOfFailure(ending.failure))
    }
  }

  private break(req: Request, error: unknown): void {
    diagnose('failed', () => ({ mode: this.options.mode ?? 'redirect', ...errorDiagnosis(error, MobileConnectError) }))
    if (error instanceof MobileConnectError) req.mobileConnect = failure(error.code)
    this.error(errorForPassport(error))
  }
}

// Both speak OpenID Connect. Its library is read at the first login, and not when the app imports this package.
const redirectLogin = async () => import('./redirect-login.js')
const backchannelLogin = async () => import('./backchannel-login.js')

/** Sends the browser to the operator. */
async function leave(login: Login): Promise<Ending> {
  const { begin } = await redirectLogin()
  return isSilentLogin(login) ? beginSilently(login.settings.timeout, () => begin(login)) : begin(login)
}

const sessionMissing = (): MobileConnectError => new MobileConnectError(
  'misconfigured',
  'A login at an operator is kept in the session, and there is none:'
  + ' put app.use(session({ ... })) of express-session before this route.',
)

/** The programmer hears of it, because the page may be of another origin of the app. */
function crossSite({ headers }: Request): Ending {
  warnOfOrigin({
    packageName: 'passport-mobileconnect',
    code: 'MOBILECONNECT_CROSS_SITE',
    option: (origin) => `origins: ['${origin}']`,
  }, headers)
  return fail('cross_site')
}
