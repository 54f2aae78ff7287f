import type { Request } from 'express'
import type {} from 'passport'
import { Strategy as PassportStrategy } from 'passport-strategy'
import { MobileConnectError } from '../errors.js'
import type { Identified, Identity, Refused } from '../protocol/results.js'
import type { ProtocolSettings } from '../protocol/settings.js'
import { outcome, ring } from './backchannel-login.js'
import { fail, type Ending } from './ending.js'
import { KeptTransactions } from './kept-transactions.js'
import { meetsRoute, type Login } from './login.js'
import { failure, statusOfFailure, type MobileConnectOutcome } from './outcome.js'
import { personOf, userIdOf } from './person.js'
import { readOptions } from './read-options.js'
import { begin, end, returned } from './redirect-login.js'
import type { AuthenticateOptions, StrategyOptions, StrategyOptionsWithRequest } from './strategy-options.js'
import { callVerify, type Verified, type Verify, type VerifyWithRequest } from './verify-callback.js'

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- the way @types/express is extended
  namespace Express {
    interface Request {
      /** What the last run of the `mobileconnect` strategy on this request came to. */
      mobileConnect?: MobileConnectOutcome
    }
  }
}

declare module 'passport' {
  interface AuthenticateOptions {
    action?: string | undefined
    details?: Readonly<Record<string, string>> | undefined
  }
}

/** Lets the person's mobile operator vouch for them: begins, ends, or, over the backchannel, waits. */
export class Strategy extends PassportStrategy {
  name = 'mobileconnect'
  private readonly options: Omit<StrategyOptions, 'passReqToCallback'>
  private readonly settings: ProtocolSettings
  private readonly verify: (req: Request, identity: Identity) => Promise<Verified>

  constructor(options: StrategyOptionsWithRequest, verify: VerifyWithRequest)
  constructor(options: StrategyOptions, verify: Verify)
  constructor(options: StrategyOptions | StrategyOptionsWithRequest, verify: Verify | VerifyWithRequest) {
    super()
    if (typeof verify !== 'function') throw new TypeError('The second argument is verify({ issuer, sub, … }, done), which finds the account of a person.')
    this.settings = readOptions(options)
    this.options = options
    this.verify = options.passReqToCallback === true
      ? (req, identity) => callVerify(verify as VerifyWithRequest, req, identity)
      : (_, identity) => callVerify(verify as Verify, identity)
  }

  override authenticate(req: Request, options: AuthenticateOptions = {}): void {
    this.run(req, options)
      .then((ending) => { this.settle(req, ending) })
      .catch((error: unknown) => { this.break(req, error) })
      // Only an app's own callback that throws at its error, too, gets here.
      .catch((error: unknown) => { process.emitWarning(error instanceof Error ? error : String(error)) })
  }

  private async run(req: Request, route: AuthenticateOptions): Promise<Ending> {
    const { action } = route
    if (action !== undefined && action !== 'begin') throw new TypeError(`The action of mobileconnect is 'begin', or none; not ${JSON.stringify(action)}.`)
    const backchannel = this.options.mode === 'backchannel'
    const allowed = backchannel ? ['POST'] : ['GET', 'POST']
    if (!allowed.includes(req.method)) {
      req.res?.setHeader('Allow', allowed.join(', '))
      return fail('method_not_allowed')
    }
    const kept = new KeptTransactions(req, this.name)
    const login: Login = { req, route, options: this.options, settings: this.settings, kept, person: await personOf(req, this.options) }
    if (!backchannel) return this.redirected(login)
    return action === 'begin' ? ring(login) : this.ended(login, await outcome(login))
  }

  private async redirected(login: Login): Promise<Ending> {
    const { req, route, settings } = login
    // By GET alone, as browsers are redirected: the parameters of a form never end a login.
    if (req.method === 'POST' || route.action === 'begin') return begin(login)
    const parameters = new URLSearchParams(req.originalUrl.split('?').slice(1).join('?'))
    if (['code', 'state'].some((name) => parameters.has(name))) return this.ended(login, await end(login, parameters))
    const selection = settings.discovery?.returned(parameters)
    if (selection) return returned(login, selection)
    return parameters.has('error') ? fail('transaction_unknown') : begin(login)
  }

  private async ended(login: Login, result: Ending | Identified | Refused): Promise<Ending> {
    if ('end' in result) return result
    if (result.status === 'refused') return fail(result.code)
    if (!meetsRoute(login, result.identity.acr)) return fail('acr_insufficient')
    return this.verified(login, result.identity)
  }

  private async verified(login: Login, identity: Identity): Promise<Ending> {
    const { user: me } = login.person
    const { user, info } = await this.verify(login.req, identity)
    if (!me) return user ? success(user, info, identity) : fail('user_unknown', reasonIn(info))
    if (user) return await this.isSame(me, user) ? success(user, info, identity) : fail('person_mismatch')
    return this.linked(login, me, identity, info)
  }

  private async isSame(me: Express.User, user: Express.User): Promise<boolean> {
    return await userIdOf(me, this.options) === await userIdOf(user, this.options)
  }

  /** Nobody's identity yet: it may become this person's, unless it is the phone of somebody else. */
  private async linked({ person: { number } }: Login, me: Express.User, identity: Identity, info: object | undefined): Promise<Ending> {
    const { issuer, sub, phone } = identity
    if (number !== undefined && phone !== undefined && phone !== `+${number}`) return fail('person_mismatch')
    const linked = await this.options.link?.(me, { issuer, sub, phone }) === true
    return linked ? success(me, info, identity) : fail('user_unknown', reasonIn(info))
  }

  private settle(req: Request, ending: Ending): void {
    switch (ending.end) {
      case 'redirect':
        this.redirect(ending.url)
        return
      case 'pass':
        req.mobileConnect = ending.outcome
        // Passport ignores the argument; who keeps the handle does not.
        ;(this as unknown as { pass(info: object): void }).pass(ending.info)
        return
      case 'success':
        req.mobileConnect = { verified: true }
        this.success(ending.user, ending.info)
        return
      case 'fail':
        req.mobileConnect = ending.failure
        if (ending.failure.retryAfter !== undefined) req.res?.setHeader('Retry-After', String(ending.failure.retryAfter))
        this.fail(ending.failure, statusOfFailure(ending.failure))
    }
  }

  private break(req: Request, error: unknown): void {
    if (error instanceof MobileConnectError) req.mobileConnect = failure(error.code)
    // Passport hands nothing on as no error, and Express takes the text 'route' for a direction: both would let the request pass.
    this.error(typeof error === 'object' && error !== null ? error as Error : new Error('A callback of the app failed.', { cause: error }))
  }
}

/** To the operator's words, the registered one for what this is (RFC 8176 §2): a phone that confirms what a browser began. */
function success(user: Express.User, info: object | undefined, { authTime, amr, acr }: Identity): Ending {
  const proven = { ...authTime && { authTime }, amr: [...new Set(['mca', ...amr])], ...acr !== undefined && { acr } }
  return { end: 'success', user, info: { ...info, ...proven } }
}

const reasonIn = (info: object | undefined): { message?: string } => {
  const { message } = (info ?? {}) as { message?: unknown }
  return typeof message === 'string' ? { message } : {}
}
