import type { Duration } from '#internal/duration'
import type { Request } from 'express'
import type { VerifyDone } from '#internal/verify-callback'
import type { TransactionStore } from '#internal/transactions/transaction-store'
import type { UserId } from '#internal/user-id'
import type { CreateProvider, Mode, Way } from '../providers/provider.js'

type Awaitable<T> = T | PromiseLike<T>

/** The options of the strategy. Every callback may return a promise. */
export interface StrategyOptions {
  /** Who is asked: `camara({ … })`, or a provider of your own. */
  readonly provider: CreateProvider
  /**
   * `'verify'`: the provider says whether the device has this number.
   * `'read'`: the provider tells the number, and it is compared here. As a first factor it logs in a user who has typed
   * nothing.
   * @default 'verify'
   */
  readonly mode?: Mode | undefined
  /**
   * How the provider is asked: the ways that it has, in the order in which they are tried. Where one learns nothing,
   * the next follows without a click.
   * - `'operator-token'`: a page asks the wallet of an Android phone. It works over Wi-Fi, too, and takes a tap.
   * - `'network'`: the browser leaves for the provider over the phone's mobile data.
   * - `'app'`: this app's own software on the phone brings a proof. It is there for requests for JSON alone.
   * @default the network, or else what the provider has
   */
  readonly via?: readonly Way[] | undefined
  /**
   * Why the number is asked for, a purpose of the W3C's Data Privacy Vocabulary, as agreed with the operator.
   * @default 'FraudPreventionAndDetection'
   */
  readonly purpose?: string | undefined
  /** The whole address of the callback. */
  readonly callbackURL: string
  /**
   * More origins whose pages may begin a login, beside the app's own and the one of `callbackURL`.
   * @default []
   */
  readonly origins?: readonly string[] | undefined
  /**
   * The number of a known user.
   * @default user.phone
   */
  readonly phone?: ((user: Express.User) => Awaitable<string | null | undefined>) | undefined
  /**
   * The id of a user. Two users with the same id are one. An ObjectId is taken as its text.
   * @default user.id, else user._id
   */
  readonly userId?: ((user: Express.User) => Awaitable<UserId>) | undefined
  /**
   * The field of the form in which a user who is not known yet gives their number, in mode `verify`.
   * @default 'phone'
   */
  readonly phoneField?: string | undefined
  /** @default new MemoryTransactionStore() */
  readonly store?: TransactionStore | undefined
  /**
   * How often logins may begin for one number and for one account, by window. Each costs at most one token and one call
   * of the API. Users who are not known count together by their address, too.
   * @default { '1h': 5, '1d': 20 }
   */
  readonly beginLimits?: Readonly<Record<string, number>> | undefined
  /**
   * How long the browser may take to come back.
   * @default '2m'
   */
  readonly ttl?: Duration | undefined
  /**
   * How long the provider may take, once to begin, and once to end with all of its calls. What takes longer is
   * `unavailable`.
   * @default '3s'
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

/** The options of `passport.authenticate('number-verification', options)`. */
export interface AuthenticateOptions {
  /**
   * `'begin'`: begins a login, even when the request looks like a callback.
   * @default none: what the request brings decides
   */
  readonly action?: string | undefined
  /**
   * `true`: the caller has checked that a page of this app began the login. Then the strategy does not check it.
   * @default false
   */
  readonly sameOrigin?: boolean | undefined
}

/** The number that was proven, of a user who was not known. */
export interface ProvenNumber {
  /** In E.164 with `+`. */
  readonly phone: string
  /** The id of the provider that vouches for it. */
  readonly provider: string
}

/**
 * Finds, or makes, the account of a number. It may return the account, return a promise of it, or call `done`.
 * `undefined`, `null` and `false` mean that there is no account. It is not called for a known user, whose number was
 * compared with the account's.
 */
export type Verify = (proven: ProvenNumber, done: VerifyDone) => unknown

/** The same with `passReqToCallback: true`. */
export type VerifyWithRequest = (req: Request, proven: ProvenNumber, done: VerifyDone) => unknown
