import type { Awaitable } from '../lib/awaitable.js'
import type { Request } from '../http/request.js'
import type { SetUp } from './set-up.js'

/** What a factor proves: what a person knows, has or is (NIST SP 800-63B-4 §2). */
export type Kind = 'knowledge' | 'possession' | 'inherence'

/**
 * What multistep should know of a factor. For the known names everything has a default; see the table in the README.
 */
export interface FactorOptions {
  /**
   * The name under which the strategy was given to `passport.use`.
   * @default the factor's own
   */
  strategy?: string
  /**
   * What it proves (NIST SP 800-63B-4 §2). One without a kind counts for its step, and never for `mfa`.
   * @default what the known name says, else none
   */
  kind?: Kind
  /**
   * What the proof travels over: two factors of one kind on one channel count as one.
   * @default what the known name says, else none
   */
  channel?: string
  /**
   * RFC 8176 §2.
   * @default what the known name says, else none
   */
  amr?: string | readonly string[]
  /**
   * For the person, in every locale.
   * @default a name in the locale of the page, English in JSON, for the known factors; else the factor's
   */
  label?: string
  /**
   * Where the person proves it.
   * @default loginPath
   */
  page?: string
  /**
   * The form fields that prove it.
   * @default the fields that the strategy of `local` reads; the fields of the known name; else none
   */
  fields?: readonly string[]
  /**
   * Whether the strategy finds the pending person as `req.user`. `'nobody'` for every name that is not a known second
   * factor: verify callbacks everywhere link an account to `req.user` when there is one, and after a stolen password
   * that would be the thief's.
   * @default `'pending'` for known second factors, else `'nobody'`
   */
  sees?: 'pending' | 'nobody'
  /**
   * Whether this person can use it. A factor with `enrolled` runs only if it is true.
   * @default What the strategy says with a method of this name; else whether there is a `user.phone` for the known
   * factors of the phone, and yes for others.
   */
  enrolled?: (user: Express.User) => Awaitable<boolean>
  /**
   * Reminds the person which one it is, such as a masked number.
   * @default none
   */
  hint?: (user: Express.User) => Awaitable<string | undefined>
  /**
   * Known values for the fields, by field name.
   * @default none
   */
  prefill?: (user: Express.User) => Awaitable<Readonly<Record<string, string>> | undefined>
  /**
   * What failures are counted by, instead of the person: a name, counted in whichever spelling. The same for names
   * that do not exist; `undefined` where none was submitted, which is refused. Needed where the strategy finds
   * accounts by more than spelling: aliases, `Ada+news@…`, dots that a mail provider ignores.
   * @default none; for `local` its first field
   */
  account?: (req: Request) => Awaitable<string | undefined>
  /**
   * The strategy's options that begin its challenge, such as `{ action: 'send' }`. Absent: it has none to begin.
   * @default what the known name says, else none
   */
  challenge?: Readonly<Record<string, unknown>>
  /**
   * Whether the post that opens a step whose only factor this is also begins its challenge.
   * @default true
   */
  challengeOnEntry?: boolean
  /**
   * Given to every `authenticate` of the strategy, such as Google's `scope`.
   * @default {}
   */
  options?: Readonly<Record<string, unknown>>
  /**
   * The strategy sends the person elsewhere and back: it may be mounted with `app.get`, and reads the query.
   * @default false
   */
  redirects?: boolean
  /**
   * `'own'`: the strategy binds each answer to the browser that began by itself, or is a link that may be followed in
   * any, and multistep adds no `state` to its address and checks none.
   * @default it does
   */
  state?: 'own'
  /**
   * The factor is tried first and by itself, once in a login, as soon as its step opens: the browser is sent away, and
   * the person is asked for nothing. Where the strategy fails with the code `unavailable`, or with one of OpenID
   * Connect for `prompt=none`, nothing is counted, and the next factor of the step begins in its place, in the same
   * answer. Where the person has nothing else, it may be tried again by hand. Needs `redirects: true`.
   * @default false; `true` for `number-verification`.
   * @example
   * multistep(passport, {
   *   steps: ['local', anyOf('mobileconnect', 'sms-otp')],
   *   factors: { mobileconnect: { silent: true, options: { prompt: 'none' } } },
   * })
   */
  silent?: boolean
  /**
   * `'first'`: a person with no factor of this step may enrol this one now (the strategy must be able to).
   * @default nobody enrols on the way
   */
  enroll?: 'first'
  /**
   * `'own'`: the strategy counts failures and checks its input itself, and multistep leaves both alone.
   * @default multistep counts; `'own'` for `sms-otp`
   */
  lockout?: 'own'
  /**
   * The one-time token in this request: accepted once for each person, and without one nothing is evaluated. Known for
   * `totp`: its first field. Ignored with `lockout: 'own'`.
   * @default none; for `totp` its first field
   */
  once?: (req: Request) => Awaitable<string | undefined>
  /**
   * Whether what its device showed of the values of `require({ bind })` is proven to be what was asked. `false`: it is
   * not offered for these.
   * @default What the strategy says with a property of this name; else `false` for `mobileconnect`, and `true` for any
   * other.
   */
  provesDetails?: boolean
  /**
   * Lets people set it up on the router's page `/<factor>/set-up`: a `TotpSetUp` or a `PasskeyStrategy`.
   * @default none
   */
  setUp?: SetUp
  /**
   * The app's own page where a person who is logged in sets it up. Where a page says that a factor is not set up, it
   * links there.
   * @default the router's page, with `setUp`
   */
  enrolPage?: string
  /**
   * Overrules the comparison of ids, for strategies whose users have other ids.
   * @default equal ids
   */
  samePerson?: (pending: Express.User, result: Express.User) => Awaitable<boolean>
}

/** A factor with everything decided. */
export interface Factor {
  readonly name: string
  readonly strategy: string
  readonly kind: Kind | undefined
  readonly channel: string | undefined
  /** What a proof by it counts as: two factors of one kind on one channel are one, and two names of one strategy. */
  readonly authenticator: string
  readonly amr: readonly string[]
  /** What a proof by it is: `recovery` never counts as fresh. */
  readonly via: 'fresh' | 'recovery'
  readonly label: string
  /** The app gave it: no locale has another. */
  readonly hasOwnLabel: boolean
  readonly page: string | undefined
  readonly fields: readonly string[]
  /** The fields that begin the challenge when nobody, or no enrolment, is known. */
  readonly beginFields: readonly string[]
  readonly sees: 'pending' | 'nobody'
  /** It never throws: what fails is a promise that rejects, as factors are asked beside each other. */
  readonly enrolled: (user: Express.User) => Awaitable<boolean>
  readonly knowsEnrolment: boolean
  /** It cannot say who a person is. It only proves that a known person is there. */
  readonly needsPerson: boolean
  readonly hint: FactorOptions['hint']
  readonly prefill: FactorOptions['prefill']
  readonly account: FactorOptions['account']
  /** The field that failures are counted by, where the app says nothing else. */
  readonly accountField: string | undefined
  readonly challenge: Readonly<Record<string, unknown>> | undefined
  readonly challengeOnEntry: boolean
  readonly options: Readonly<Record<string, unknown>>
  readonly redirects: boolean
  /** It is tried by itself, once in a login, before the others of its step. */
  readonly silent: boolean
  /** What it answers is bound to the browser by itself. */
  readonly ownState: boolean
  readonly enroll: 'first' | undefined
  readonly ownLockout: boolean
  readonly once: FactorOptions['once']
  /** As the app says it; and what counts where neither the app nor the strategy says anything. */
  readonly provesDetails: boolean | undefined
  readonly provesDetailsUnsaid: boolean
  readonly setUp: SetUp | undefined
  readonly enrolPage: string | undefined
  readonly samePerson: FactorOptions['samePerson']
}

/** What a proof travels over. Where nobody says it, the factor has a channel that no other factor has. */
export const distinctChannel = (channel: string | undefined, factor: string): string => channel ?? `only ${factor}`

/** What is decided of each factor that a policy mentions. */
export interface FactorTable {
  /** @throws TypeError for a name no policy mentions. */
  get(name: string): Factor
  /** `undefined` for a name no policy mentions. */
  find(name: string): Factor | undefined
  has(name: string): boolean
  readonly names: readonly string[]
}
