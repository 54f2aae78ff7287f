import type { Request } from 'express'
import type { OperatorDefaults } from '../operators/read-operator.js'
import type { Discovery, DiscoveryQuestion } from '../operators/discovery.js'
import type { OperatorOptions } from '../operators/operator-options.js'
import type { AcrOptions } from '../protocol/acr.js'
import type { Identity } from '../protocol/results.js'
import type { TransactionStore } from '../transactions/transaction-store.js'

type Awaitable<T> = T | PromiseLike<T>

/** An identity whose owner is proven. */
export interface ProvenIdentity {
  readonly issuer: string
  readonly sub: string
  /** With `+`, where the operator vouches for it. */
  readonly phone: string | undefined
}

/** What the operator said of somebody, which does not tell whether it is the known user. */
export interface UnconfirmedAnswer extends Omit<Identity, 'phone'> {
  /** Whose login it is. */
  readonly user: Express.User
  /** The account's number, with `+`, where it has one that can be read. */
  readonly phone: string | undefined
}

/** The options of the strategy. Every callback may return a promise. */
export interface StrategyOptions extends OperatorDefaults, AcrOptions {
  /** The one operator. */
  readonly operator?: OperatorOptions | undefined
  /** Several, one of which `chooseOperator` names. */
  readonly operators?: readonly OperatorOptions[] | undefined
  /** The id of the person's operator. `undefined`: it is not known, and the login fails with `operator_unknown`. */
  readonly chooseOperator?: ((req: Request) => Awaitable<string | null | undefined>) | undefined
  /** Finds the operator by number, network or the person's choice: `gsmaDiscovery({ … })`. */
  readonly discovery?: Discovery | undefined
  /** What discovery is told beside the number. Default: `{ sourceIp: req.ip }`. */
  readonly network?: ((req: Request) => Awaitable<Pick<DiscoveryQuestion, 'sourceIp' | 'identified' | 'manually'>>) | undefined
  /** The whole address of the callback, with `{operator}` where several operators each need one of their own. Not for `mode: 'backchannel'`. */
  readonly callbackURL?: string | undefined
  /** Other origins whose pages may begin a login, such as `https://app.example`. Default: this app's own, and that of `callbackURL`. */
  readonly origins?: readonly string[] | undefined
  /** `'backchannel'`: the phone rings, and no browser is sent anywhere (OpenID CIBA, poll). Default: `'redirect'`. */
  readonly mode?: 'redirect' | 'backchannel' | undefined
  /** Default: a `MemoryTransactionStore`. */
  readonly store?: TransactionStore | undefined
  readonly prompt?: string | undefined
  /** How old the person's authentication at the operator may be, a duration such as `'5m'`. */
  readonly maxAge?: string | undefined
  readonly uiLocales?: string | ((req: Request) => Awaitable<string | undefined>) | undefined
  /** Whom it is about, when there is no `req.user`: `MSISDN:447400123456`, or what else the operator knows. */
  readonly loginHint?: ((req: Request) => Awaitable<string | null | undefined>) | undefined
  /** The number of a known user, or a whole hint for them (`PCR:…`). Default: `user.phone`. */
  readonly phone?: ((user: Express.User) => Awaitable<string | null | undefined>) | undefined
  /** Whether two users are one. Default: `user.id`. */
  readonly userId?: ((user: Express.User) => Awaitable<string | number | bigint>) | undefined
  /**
   * The `sub` that is linked with the account at this issuer, a list of them, or nothing. Where it is given, an answer counts only when its
   * `sub` is one of them or the answer confirms the account's number, and a second `sub` is never linked beside a first one. Default: an
   * identity is linked when `verify` finds the known user for it; with `passReqToCallback` none is.
   */
  readonly linked?: ((user: Express.User, issuer: string) => Awaitable<string | readonly string[] | null | undefined>) | undefined
  /** Asked when `verify` finds nobody for the identity that a known user has just proven: may save that it is theirs, and return `true`. */
  readonly link?: ((user: Express.User, identity: ProvenIdentity) => unknown) | undefined
  /**
   * Asked instead of `link` when the account is linked with another `sub` of this issuer, such as after a new contract: may save this one in
   * the place of `replaces`, and return `true`. Default: none is replaced, and the login fails with `person_mismatch`.
   */
  readonly replaceLink?: ((user: Express.User, identity: ProvenIdentity & { readonly replaces: readonly string[] }) => unknown) | undefined
  /**
   * Asked about a known user when the operator's answer says nothing of their number, and is not linked: whether it is theirs all the same,
   * which an API of the operator may tell for `tokens.accessToken` (CAMARA Number Verification). Only `true` is a yes. Default: it is not.
   * @example
   * confirm: async ({ tokens, phone }) => phone !== undefined && numberVerification.isNumberOf(tokens.accessToken, phone)
   */
  readonly confirm?: ((answer: UnconfirmedAnswer) => unknown) | undefined
  /** What the operator shows with its question. Default: the `details`. */
  readonly context?: ((req: Request) => Awaitable<string | undefined>) | undefined
  /** What both screens show. Default: the `details`; over the backchannel with letters that differ each time. */
  readonly bindingMessage?: ((req: Request) => Awaitable<string | undefined>) | undefined
  /** OpenID Connect Core §5.5. */
  readonly claims?: object | undefined
  /** Sends a `correlation_id`, made anew or by this function; where it comes back, it must be the same. Default: none. */
  readonly correlationId?: boolean | ((req: Request) => Awaitable<string>) | undefined
  /** Parameters that an operator adds to what the strategy has options for. */
  readonly parameters?: ((req: Request) => Awaitable<Readonly<Record<string, string>>>) | undefined
  /** Whether the userinfo endpoint is asked, where there is one; or the premiuminfo endpoint of Mobile Connect. Default: `true`. */
  readonly userinfo?: boolean | 'premiuminfo' | undefined
  /** How long a person may take at the operator. Default: `'10m'`. */
  readonly ttl?: string | undefined
  /** How often logins may begin for one number, and for one account, by window. Default: `{ '10m': 5, '1d': 20 }`. */
  readonly beginLimits?: Readonly<Record<string, number>> | undefined
  /** How long any one call to an operator may take. Default: `'10s'`. */
  readonly timeout?: string | undefined
  /** Default: `'2s'`. */
  readonly storeTimeout?: string | undefined
  /** Default: the global `fetch`. */
  readonly fetch?: typeof globalThis.fetch | undefined
  /** Epoch milliseconds, handed on to a store that is made here. Default: `Date.now`. */
  readonly now?: (() => number) | undefined
  readonly passReqToCallback?: false | undefined
}

export interface StrategyOptionsWithRequest extends Omit<StrategyOptions, 'passReqToCallback'> {
  readonly passReqToCallback: true
}

/** What `passport.authenticate('mobileconnect', options)` hands on. */
export interface AuthenticateOptions extends AcrOptions {
  /** `'begin'`: begins, whatever the request brings. */
  readonly action?: string | undefined
  /** Named values that the login confirms, shown on the phone. */
  readonly details?: Readonly<Record<string, string>> | undefined
  /** How old the authentication may be, a duration; the shorter of this and the strategy's counts. */
  readonly maxAge?: string | undefined
  readonly prompt?: string | undefined
  /** With `mode: 'backchannel'`: when present, a handle or `null`, the caller keeps the handle, and gets the new one in the info of `pass`. */
  readonly challenge?: string | null | undefined
  /**
   * `true`: the caller has found that a page of this app began this, by whatever check it has, so the strategy's own check is left out.
   * @default false
   */
  readonly sameOrigin?: boolean | undefined
}
