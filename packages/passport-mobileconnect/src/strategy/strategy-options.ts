import type { Duration } from '#internal/duration'
import type { Request } from 'express'
import type { OperatorDefaults } from '../operators/read-operator.js'
import type { Discovery, DiscoveryQuestion } from '../operators/discovery.js'
import type { OperatorOptions } from '../operators/operator-options.js'
import type { AcrOptions } from '../protocol/acr.js'
import type { Identity } from '../protocol/results.js'
import type { TransactionStore } from '#internal/transactions/transaction-store'
import type { UserId } from '#internal/user-id'

type Awaitable<T> = T | PromiseLike<T>

/** An identity that is proven to be the known user's. */
export interface ProvenIdentity {
  readonly issuer: string
  readonly sub: string
  /** The number, with `+`, if the operator verified it. */
  readonly phone: string | undefined
}

/** An identity that takes the place of others. */
type ReplacingIdentity = ProvenIdentity & { readonly replaces: readonly string[] }

/** An operator's answer that does not tell whether it is about the known user. */
export interface UnconfirmedAnswer extends Omit<Identity, 'phone'> {
  /** The known user whose login it is. */
  readonly user: Express.User
  /** The account's number, with `+`, if it has a readable one. */
  readonly phone: string | undefined
}

type LinkedSubs = string | readonly string[] | null | undefined

type NetworkHints = Pick<DiscoveryQuestion, 'sourceIp' | 'identified' | 'manually'>

/** The options of the strategy. Every callback may return a promise. */
export interface StrategyOptions extends OperatorDefaults, AcrOptions {
  /**
   * The one operator.
   * @default required, or `operators`, or `discovery`
   */
  readonly operator?: OperatorOptions | undefined
  /**
   * Several operators. `chooseOperator` names one of them.
   * @default none
   */
  readonly operators?: readonly OperatorOptions[] | undefined
  /**
   * Returns the id of the user's operator. `undefined`: the login fails with `operator_unknown`.
   * @default none: needed with `operators` and without `discovery`
   */
  readonly chooseOperator?: ((req: Request) => Awaitable<string | null | undefined>) | undefined
  /**
   * Finds the operator by number, network or the user's choice: `gsmaDiscovery({ … })`.
   * @default none
   */
  readonly discovery?: Discovery | undefined
  /**
   * Returns what discovery is asked about beside the number.
   * @default { sourceIp: req.ip }
   */
  readonly network?: ((req: Request) => Awaitable<NetworkHints>) | undefined
  /**
   * The whole address of the callback. With several operators it contains `{operator}`, so that each has its own.
   * `mode: 'backchannel'` needs none.
   * @default required with `mode: 'redirect'`
   */
  readonly callbackURL?: string | undefined
  /**
   * More origins whose pages may begin a login, beside the app's own and the one of `callbackURL`.
   * @default []
   */
  readonly origins?: readonly string[] | undefined
  /**
   * `'backchannel'`: the phone rings, and no browser is redirected (OpenID CIBA, poll). Who says yes need not be near
   * the browser, and no SIM is proven to an API such as CAMARA's Number Verification.
   * @default 'redirect'
   */
  readonly mode?: 'redirect' | 'backchannel' | undefined
  /** @default new MemoryTransactionStore() */
  readonly store?: TransactionStore | undefined
  /**
   * What the operator may ask (OpenID Connect Core §3.1.2.1), such as `login` or `none`.
   * @default none
   */
  readonly prompt?: string | undefined
  /**
   * How old the user's authentication at the operator may be, a duration such as `'5m'`.
   * @default any age
   */
  readonly maxAge?: Duration | undefined
  /**
   * The languages in which the operator asks, as BCP 47 tags.
   * @default none
   */
  readonly uiLocales?: string | ((req: Request) => Awaitable<string | undefined>) | undefined
  /**
   * The hint when there is no `req.user`: `MSISDN:447400123456`, or another one that the operator takes.
   * @default none: the operator asks for the number
   */
  readonly loginHint?: ((req: Request) => Awaitable<string | null | undefined>) | undefined
  /**
   * The number of a known user, or a whole hint (`PCR:…`).
   * @default user.phone
   */
  readonly phone?: ((user: Express.User) => Awaitable<string | null | undefined>) | undefined
  /**
   * The id of a user. Two users with the same id are one. An ObjectId is taken as its text.
   * @default user.id, else user._id
   */
  readonly userId?: ((user: Express.User) => Awaitable<UserId>) | undefined
  /**
   * Returns the `sub` that is linked with the account at this issuer, a list of them, or nothing. With this option an
   * answer counts only when its `sub` is one of them, or when it confirms the account's number. A second `sub` is never
   * linked beside a first one. With `passReqToCallback` none is.
   * @default none: an identity is linked when `verify` finds the known user for it
   */
  readonly linked?: ((user: Express.User, issuer: string) => Awaitable<LinkedSubs>) | undefined
  /**
   * Called when a known user has proven an identity that `verify` does not find. It may link it, and return `true`.
   * @default none: an identity that `verify` does not find is no login
   */
  readonly link?: ((user: Express.User, identity: ProvenIdentity) => unknown) | undefined
  /**
   * Called instead of `link` when the account is linked with another `sub` of this issuer, for example after a new
   * contract. It may link this one in the place of `replaces`, and return `true`.
   * @default none: the login fails with `person_mismatch`
   */
  readonly replaceLink?: ((user: Express.User, identity: ReplacingIdentity) => unknown) | undefined
  /**
   * Called when an answer is not linked with the known user and does not confirm their number. It returns `true` when
   * the answer is theirs, which an API of the operator may tell by `tokens.accessToken` (CAMARA Number Verification).
   * @default none: the login fails with `person_unconfirmed`
   * @example
   * confirm: async ({ tokens, phone }) =>
   *   phone !== undefined && numberVerification.isNumberOf(tokens.accessToken, phone)
   */
  readonly confirm?: ((answer: UnconfirmedAnswer) => unknown) | undefined
  /**
   * The text that the operator shows with its question.
   * @default the `details`
   */
  readonly context?: ((req: Request) => Awaitable<string | undefined>) | undefined
  /**
   * The text that both screens show.
   * @default the `details`: over the backchannel with letters that differ each time
   */
  readonly bindingMessage?: ((req: Request) => Awaitable<string | undefined>) | undefined
  /**
   * OpenID Connect Core §5.5.
   * @default none
   */
  readonly claims?: object | undefined
  /**
   * `true`, or a function that makes it: sends a `correlation_id`. If it comes back, it must be the same.
   * @default false
   */
  readonly correlationId?: boolean | ((req: Request) => Awaitable<string>) | undefined
  /**
   * More parameters of the request, which an operator defines.
   * @default none
   */
  readonly parameters?: ((req: Request) => Awaitable<Readonly<Record<string, string>>>) | undefined
  /**
   * Whether to ask the userinfo endpoint, if there is one, or Mobile Connect's premiuminfo endpoint.
   * @default true
   */
  readonly userinfo?: boolean | 'premiuminfo' | undefined
  /**
   * How long a user may take at the operator.
   * @default '10m'
   */
  readonly ttl?: Duration | undefined
  /**
   * How often logins may begin for one number and for one account, by window.
   * @default { '10m': 5, '1d': 20 }
   */
  readonly beginLimits?: Readonly<Record<string, number>> | undefined
  /**
   * How long one call to an operator may take.
   * @default '10s'
   */
  readonly timeout?: Duration | undefined
  /**
   * How long one call to the store may take.
   * @default '2s'
   */
  readonly storeTimeout?: Duration | undefined
  /** @default the global `fetch` */
  readonly fetch?: typeof globalThis.fetch | undefined
  /**
   * Returns epoch milliseconds. The default store uses it, too.
   * @default Date.now
   */
  readonly now?: (() => number) | undefined
  /**
   * Whether `verify` gets the request first.
   * @default false
   */
  readonly passReqToCallback?: false | undefined
}

/** The options of a strategy whose `verify` gets the request first. */
export interface StrategyOptionsWithRequest extends Omit<StrategyOptions, 'passReqToCallback'> {
  /** Whether `verify` gets the request first. */
  readonly passReqToCallback: true
}

/** The options of `passport.authenticate('mobileconnect', options)`. */
export interface AuthenticateOptions extends AcrOptions {
  /**
   * `'begin'`: begins a login, even when the request looks like a callback.
   * @default none: what the request brings decides
   */
  readonly action?: string | undefined
  /**
   * Named values that the phone shows, and the login confirms.
   * @default the strategy's `details`, else none
   */
  readonly details?: Readonly<Record<string, string>> | undefined
  /**
   * How old the authentication may be, a duration. The shorter of this one and the strategy's counts.
   * @default the strategy's
   */
  readonly maxAge?: Duration | undefined
  /**
   * As the strategy's.
   * @default the strategy's
   */
  readonly prompt?: string | undefined
  /**
   * For `mode: 'backchannel'`: the handle that the caller keeps, or `null` for none. The caller gets a new handle in
   * the info of `pass`. `undefined`: the session keeps it.
   * @default none
   */
  readonly challenge?: string | null | undefined
  /**
   * `true`: the caller has checked that a page of this app began the login. Then the strategy does not check it.
   * @default false
   */
  readonly sameOrigin?: boolean | undefined
}
