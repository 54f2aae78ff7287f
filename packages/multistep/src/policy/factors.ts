import type { Proven } from './coverage.js'
import { checkFactor } from './factor-checks.js'
import type { Kind, Proof } from '../stores/flow-store.js'
import { suggestion } from '#internal/option-checks'
import type { Request } from '../http/request.js'

type Awaitable<T> = T | Promise<T>

/** What multistep should know of a factor. For the known names everything has a default; see the table in the README. */
export interface FactorOptions {
  /** The name under which the strategy was given to `passport.use`. Default: the factor's own. */
  strategy?: string
  kind?: Kind
  /** What the proof travels over: two factors of one kind on one channel count as one. */
  channel?: string
  /** RFC 8176 §2. */
  amr?: string | readonly string[]
  /** For the person, in every locale. Default: a name in the locale of the page, English in JSON, for the known factors; else the factor's. */
  label?: string
  /** Where the person proves it. Default: `loginPath`. */
  page?: string
  /** The form fields that prove it. */
  fields?: readonly string[]
  /**
   * Whether the strategy finds the pending person as `req.user`. `'nobody'` for every name that is not a known second factor: verify callbacks
   * everywhere link an account to `req.user` when there is one, and after a stolen password that would be the thief's.
   */
  sees?: 'pending' | 'nobody'
  /**
   * Whether this person can use it. A factor with `enrolled` runs only if it is true.
   * @default What the strategy says with a method of this name; else whether there is a `user.phone` for the known factors of the phone, and yes for others.
   */
  enrolled?: (user: Express.User) => Awaitable<boolean>
  /** Reminds the person which one it is, such as a masked number. */
  hint?: (user: Express.User) => Awaitable<string | undefined>
  /** Known values for the fields, by field name. */
  prefill?: (user: Express.User) => Awaitable<Readonly<Record<string, string>> | undefined>
  /**
   * What failures are counted by, instead of the person: a name, counted in whichever spelling. The same for names that do not exist; `undefined`
   * where none was submitted, which is refused. Needed where the strategy finds accounts by more than spelling: aliases, `Ada+news@…`, dots that
   * a mail provider ignores. Default for `local`: its first field.
   */
  account?: (req: Request) => Awaitable<string | undefined>
  /** The strategy's options that begin its challenge, such as `{ action: 'send' }`. Absent: it has none to begin. */
  challenge?: Readonly<Record<string, unknown>>
  /** Whether the post that opens a step whose only factor this is also begins its challenge. Default: true. */
  challengeOnEntry?: boolean
  /** Given to every `authenticate` of the strategy, such as Google's `scope`. */
  options?: Readonly<Record<string, unknown>>
  /** The strategy sends the person elsewhere and back: it may be mounted with `app.get`, and reads the query. Default: false. */
  redirects?: boolean
  /**
   * `'own'`: the strategy binds each answer to the browser that began by itself, or is a link that may be followed in any, and multistep adds no
   * `state` to its address and checks none. Default: it does.
   */
  state?: 'own'
  /** `'first'`: a person with no factor of this step may enrol this one now (the strategy must be able to). */
  enroll?: 'first'
  /** `'own'`: the strategy counts failures and checks its input itself, and multistep leaves both alone. */
  lockout?: 'own'
  /**
   * The one-time token in this request: accepted once for each person, and without one nothing is evaluated. Known for `totp`: its first field.
   * Ignored with `lockout: 'own'`.
   */
  once?: (req: Request) => Awaitable<string | undefined>
  /**
   * Whether what its device showed of the values of `require({ bind })` is proven to be what was asked. `false`: it is not offered for these.
   * @default What the strategy says with a property of this name; else `false` for `mobileconnect`, and `true` for any other.
   */
  provesDetails?: boolean
  /** Overrules the comparison of ids, for strategies whose users have other ids. */
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
  readonly enrolled: (user: Express.User) => Awaitable<boolean>
  readonly knowsEnrolment: boolean
  /** It can not say who somebody is, only prove that a known person is there. */
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
  /** What it answers is bound to the browser by itself. */
  readonly ownState: boolean
  readonly enroll: 'first' | undefined
  readonly ownLockout: boolean
  readonly once: FactorOptions['once']
  /** As the app says it; and what counts where neither the app nor the strategy says anything. */
  readonly provesDetails: boolean | undefined
  readonly provesDetailsUnsaid: boolean
  readonly samePerson: FactorOptions['samePerson']
}

/** A proof by this factor, as far as its strategy says nothing else of it. */
export const proofBy = ({ name, kind, channel, amr, via }: Factor, at: number): Proof => ({
  factor: name,
  ...(kind ? { kind } : {}),
  ...(channel === undefined ? {} : { channel }),
  amr,
  at,
  via,
})

/** What makes two proofs distinct: the kind and the channel where both are known; else the strategy, which proves the same under any name. */
const authenticatorOf = ({ strategy, kind, channel }: Pick<Factor, 'strategy' | 'kind' | 'channel'>): string =>
  kind !== undefined && channel !== undefined ? `${kind} over ${channel}` : `${kind ?? 'something'} by ${strategy}`

/** What a factor proves, as far as it counts. */
export const provenBy = ({ name, authenticator }: Factor): Proven => ({ factor: name, authenticator })

/** Proofs as far as they count, by what is known of their factors now; one of a factor that is no more covers nothing. */
export const provenIn = (table: FactorTable, proofs: readonly { readonly factor: string }[]): Proven[] =>
  proofs.filter(({ factor }) => table.names.includes(factor)).map(({ factor }) => provenBy(table.get(factor)))

export interface FactorTable {
  /** @throws TypeError for a name no policy mentions. */
  get(name: string): Factor
  readonly names: readonly string[]
}

interface Known extends FactorOptions {
  beginFields?: readonly string[]
  spendsFirstField?: boolean
  namedByFirstField?: boolean
  needsPerson?: boolean
  via?: 'recovery'
  mustDeclareEnrolment?: boolean
  showsUnproven?: boolean
}

const field = (name: string) => (req: Request): string | undefined => {
  const value: unknown = (req.body as Record<string, unknown> | undefined)?.[name]
  return typeof value === 'string' ? value : undefined
}

const hasPhone = (user: Express.User): boolean => Boolean((user as { phone?: unknown }).phone)

const known: Readonly<Record<string, Known>> = {
  local: { kind: 'knowledge', amr: 'pwd', label: 'Password', fields: ['username', 'password'], namedByFirstField: true },
  'sms-otp': { kind: 'possession', channel: 'phone', amr: 'sms', label: 'Code by text', fields: ['code'], beginFields: ['phone'], challenge: { action: 'send' }, enrolled: hasPhone, sees: 'pending', lockout: 'own' },
  mobileconnect: { kind: 'possession', channel: 'phone', amr: 'mca', label: 'Mobile Connect', redirects: true, enrolled: hasPhone, sees: 'pending', showsUnproven: true },
  totp: { kind: 'possession', channel: 'totp', amr: 'otp', label: 'Authenticator app', fields: ['code'], sees: 'pending', spendsFirstField: true, needsPerson: true, mustDeclareEnrolment: true },
  'recovery-code': { kind: 'possession', channel: 'recovery', amr: 'otp', label: 'Recovery code', fields: ['code'], sees: 'pending', needsPerson: true, via: 'recovery', mustDeclareEnrolment: true },
  webauthn: { kind: 'possession', channel: 'webauthn', amr: 'hwk', label: 'Security key', sees: 'pending', mustDeclareEnrolment: true },
}

/** What people call what the usual strategies stand for, where the app says nothing else. */
const brands: Readonly<Record<string, string>> = {
  google: 'Google', 'google-oauth20': 'Google', github: 'GitHub', github2: 'GitHub', gitlab: 'GitLab', bitbucket: 'Bitbucket', apple: 'Apple', facebook: 'Facebook',
  microsoft: 'Microsoft', azuread: 'Microsoft', 'azuread-openidconnect': 'Microsoft', azure_ad_oauth2: 'Microsoft', entra: 'Microsoft', linkedin: 'LinkedIn', twitter: 'X (Twitter)', x: 'X',
  okta: 'Okta', auth0: 'Auth0', keycloak: 'Keycloak', discord: 'Discord', slack: 'Slack', amazon: 'Amazon', paypal: 'PayPal', spotify: 'Spotify', twitch: 'Twitch', steam: 'Steam', yahoo: 'Yahoo',
  saml: 'Single sign-on', cas: 'Single sign-on', oidc: 'Single sign-on', openidconnect: 'Single sign-on', 'openid-connect': 'Single sign-on', oauth2: 'Single sign-on', sso: 'Single sign-on',
  ldap: 'Company account', ldapauth: 'Company account', activedirectory: 'Company account', magiclogin: 'Link by email', 'magic-link': 'Link by email', magiclink: 'Link by email',
}

/** By the factor's own name, else by that of its strategy. */
const brandOf = (...names: readonly string[]): string | undefined =>
  names.filter((name) => Object.hasOwn(brands, name)).map((name) => brands[name])[0]

const reserved = new Set(['assets', 'cancel', 'devices', 'recovery-codes', 'callback'])
/** Passport's own strategies that pass without proving anything. */
const proofless = new Set(['session', 'anonymous'])

/** Finds the strategy of a name, anew at each call. */
export type StrategyOf = (strategy: string) => unknown

/** What a strategy says itself of who can use it; `undefined` where it says nothing. */
function enrolledBy(strategy: unknown, user: Express.User): Awaitable<boolean> | undefined {
  const { enrolled } = (strategy ?? {}) as { enrolled?: unknown }
  return typeof enrolled === 'function' ? (enrolled as (user: Express.User) => Awaitable<boolean>).call(strategy, user) : undefined
}

/**
 * Decides everything about the factors a policy mentions.
 * @throws TypeError for a name that can not be a factor, is not mentioned by any step, or lacks what it must be given.
 */
export function factorTable(
  names: readonly string[], options: Readonly<Record<string, FactorOptions | undefined>>, strategyOf: StrategyOf = () => undefined,
): FactorTable {
  const stray = Object.keys(options).find((name) => !names.includes(name))
  if (stray !== undefined) throw new TypeError(`multistep: factors describes '${stray}', which no step mentions. ${suggestion(stray, names)}`)
  const table = new Map(names.map((name) => [name, decide(name, options[name] ?? {}, strategyOf)]))
  return {
    names,
    get: (name) => {
      const factor = table.get(name)
      if (!factor) throw new TypeError(`multistep: '${name}' is not a factor of this policy. It mentions: ${names.join(', ')}.`)
      return factor
    },
  }
}

/** What was left out, and what was written as `undefined`, has its default. */
const present = (given: { readonly [K in keyof Known]: Known[K] | undefined }): Known =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))

function decide(name: string, given: FactorOptions, strategyOf: StrategyOf): Factor {
  checkFactor(name, given)
  const strategy = given.strategy ?? name
  if (proofless.has(strategy)) throw new TypeError(`multistep: Passport's '${strategy}' strategy proves nothing, so it can not be a factor. Leave it out.`)
  if (reserved.has(name) || !/^[\w.~-]+$/.test(name)) throw new TypeError(`multistep: '${name}' can not be the name of a factor, because it stands in paths of the router. Use another name, with factors: { <name>: { strategy: '${name}' } }.`)
  const preset: Known = Object.hasOwn(known, name) ? known[name] ?? {} : {}
  if (preset.mustDeclareEnrolment && !given.enrolled) throw new TypeError(`multistep: '${name}' must be told who has it: give factors: { '${name}': { enrolled: (user) => Boolean(user.<its key>) } }.`)
  // What a proof is does not depend on the name that a policy gives to its strategy.
  const { kind, channel, via, showsUnproven }: Known = Object.hasOwn(known, strategy) ? known[strategy] ?? {} : {}
  const merged: Known = { ...present({ kind, channel, via, showsUnproven }), ...preset, ...present(given) }
  const firstField = field(merged.fields?.[0] ?? preset.fields?.[0] ?? '')
  return {
    name,
    strategy,
    kind: merged.kind,
    channel: merged.channel,
    authenticator: authenticatorOf({ strategy, kind: merged.kind, channel: merged.channel }),
    amr: merged.amr === undefined ? [] : typeof merged.amr === 'string' ? [merged.amr] : merged.amr,
    via: merged.via ?? 'fresh',
    label: merged.label ?? brandOf(name, strategy) ?? name,
    hasOwnLabel: given.label !== undefined,
    page: merged.page,
    fields: merged.fields ?? [],
    beginFields: merged.beginFields ?? [],
    sees: merged.sees ?? 'nobody',
    enrolled: given.enrolled ?? ((user) => enrolledBy(strategyOf(strategy), user) ?? merged.enrolled?.(user) ?? true),
    knowsEnrolment: merged.enrolled !== undefined,
    needsPerson: merged.needsPerson ?? false,
    hint: merged.hint,
    prefill: merged.prefill,
    account: merged.account ?? (preset.namedByFirstField ? firstField : undefined),
    accountField: preset.namedByFirstField && !merged.account ? merged.fields?.[0] : undefined,
    challenge: merged.challenge,
    challengeOnEntry: merged.challengeOnEntry ?? true,
    options: merged.options ?? {},
    redirects: merged.redirects ?? false,
    ownState: merged.state === 'own',
    enroll: merged.enroll,
    ownLockout: merged.lockout === 'own',
    provesDetails: merged.provesDetails,
    provesDetailsUnsaid: merged.showsUnproven !== true,
    once: merged.once ?? (preset.spendsFirstField ? firstField : undefined),
    samePerson: merged.samePerson,
  }
}
