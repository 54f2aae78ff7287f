import { suggestion } from '#internal/option-checks'
import type { Awaitable } from '../lib/awaitable.js'
import type { Factor, FactorOptions, FactorTable } from './factor.js'
import { checkFactor } from './factor-options.js'
import { brandLabel, knownFactor, readField, type FactorPreset } from './known-factors.js'

/** Names that stand in paths of the router. */
const reserved = new Set(['assets', 'cancel', 'confirm', 'devices', 'recovery-codes', 'callback'])
/** Passport's own strategies that pass without proving anything. */
const proofless = new Set(['session', 'anonymous'])

/** Finds the strategy of a name, anew at each call: the app may register it again. */
export type StrategyOf = (strategy: string) => unknown

/**
 * Decides everything about the factors that a policy mentions.
 * @throws TypeError for a name that cannot be a factor, that no step mentions, or that lacks what it must be given.
 */
export function factorTable(
  names: readonly string[],
  options: Readonly<Record<string, FactorOptions | undefined>>,
  strategyOf: StrategyOf = () => undefined,
): FactorTable {
  const stray = Object.keys(options).find((name) => !names.includes(name))
  if (stray !== undefined) {
    throw new TypeError(`multistep: factors describes '${stray}', which no step mentions. ${suggestion(stray, names)}`)
  }
  const table = new Map(names.map((name) => [name, factorOf(name, options[name] ?? {}, strategyOf)]))
  return {
    names,
    has: table.has.bind(table),
    find: table.get.bind(table),
    get: (name) => {
      const factor = table.get(name)
      if (!factor) {
        throw new TypeError(`multistep: '${name}' is not a factor of this policy. It mentions: ${names.join(', ')}.`)
      }
      return factor
    },
  }
}

function factorOf(name: string, given: FactorOptions, strategyOf: StrategyOf): Factor {
  checkFactor(name, given)
  const strategy = given.strategy ?? name
  checkName(name, strategy)
  const preset = knownFactor(name)
  if (preset.mustDeclareEnrolment && !given.enrolled) {
    throw new TypeError(`multistep: '${name}' must be told who has it: give factors: { '${name}': { enrolled: (user) `
      + '=> Boolean(user.<its key>) } }.')
  }
  const merged = mergedOptions(strategy, withOwnFields(name, preset, given, strategyOf(strategy)), given)
  if (merged.silent && !merged.redirects) {
    throw new TypeError(`multistep: '${name}' is silent, and sends nobody away: only a factor that another site answers `
      + `can be tried without the person. Give factors: { '${name}': { redirects: true } }, or leave silent out.`)
  }
  return {
    name,
    strategy,
    kind: merged.kind,
    channel: merged.channel,
    authenticator: authenticatorOf(strategy, merged),
    amr: methodsOf(merged),
    via: merged.via ?? 'fresh',
    label: merged.label ?? brandLabel(name, strategy) ?? name,
    hasOwnLabel: given.label !== undefined,
    page: merged.page,
    fields: merged.fields ?? [],
    beginFields: merged.beginFields ?? [],
    sees: merged.sees ?? 'nobody',
    enrolled: enrolmentOf(strategy, given, merged, strategyOf),
    knowsEnrolment: merged.enrolled !== undefined,
    needsPerson: merged.needsPerson ?? false,
    hint: merged.hint,
    prefill: merged.prefill,
    challenge: merged.challenge,
    challengeOnEntry: merged.challengeOnEntry ?? true,
    options: merged.options ?? {},
    redirects: merged.redirects ?? false,
    silent: merged.silent ?? false,
    ownState: merged.state === 'own',
    enroll: merged.enroll,
    ownLockout: merged.lockout === 'own',
    provesDetails: merged.provesDetails,
    provesDetailsUnsaid: merged.showsUnproven !== true,
    setUp: merged.setUp,
    enrolPage: merged.enrolPage,
    samePerson: merged.samePerson,
    ...readersOf(preset, merged),
  }
}

/**
 * The fields in which the strategy of a password was told to find the name and the password: what `usernameField` and
 * `passwordField` say, as passport-local and passport-ldapauth keep them.
 * @throws TypeError where `fields` names others. The page would ask for what the strategy does not read, and failures
 * would be counted by it.
 */
function withOwnFields(
  name: string, preset: FactorPreset, { fields }: FactorOptions, strategy: unknown,
): FactorPreset {
  const read = preset.namedByFirstField ? fieldsRead(strategy) : undefined
  if (!read) return preset
  if (fields?.[0] !== undefined && fields[0] !== read[0]) {
    throw new TypeError(`multistep: '${name}' has the fields ${fields.join(', ')}, and its strategy reads the name from `
      + `'${read[0]}' (usernameField). Leave fields out, or write factors: { '${name}': { fields: `
      + `['${read.join('\', \'')}'] } }.`)
  }
  return { ...preset, fields: read }
}

function fieldsRead(strategy: unknown): readonly [name: string, password: string] | undefined {
  const { _usernameField, _passwordField, options } = (strategy ?? {}) as OwnFields
  const [name, password] = [_usernameField ?? options?.usernameField, _passwordField ?? options?.passwordField]
  return isField(name) && isField(password) && name !== password ? [name, password] : undefined
}

/** Where strategies of passwords keep their options. Neither place is documented. */
interface OwnFields {
  readonly _usernameField?: unknown
  readonly _passwordField?: unknown
  readonly options?: { readonly usernameField?: unknown, readonly passwordField?: unknown }
}

/** `user[email]` is a field of a field: the page can ask for it, and what it is parsed to depends on the app. */
const isField = (value: unknown): value is string => typeof value === 'string' && /^[\w.-]+$/.test(value)

/** @throws TypeError for a strategy that proves nothing, and for a name that a path of the router cannot hold. */
function checkName(name: string, strategy: string): void {
  if (proofless.has(strategy)) {
    throw new TypeError(`multistep: Passport's '${strategy}' strategy proves nothing, so it cannot be a factor. `
      + 'Leave it out.')
  }
  if (!reserved.has(name) && /^[\w.~-]+$/.test(name)) return
  throw new TypeError(`multistep: '${name}' cannot be the name of a factor, because it stands in paths of the `
    + `router. Use another name, with factors: { <name>: { strategy: '${name}' } }.`)
}

/**
 * What the app says comes first, then what is known of the factor's name, then what its strategy is known to prove
 * under any name.
 */
function mergedOptions(strategy: string, preset: FactorPreset, given: FactorOptions): FactorPreset {
  const { kind, channel, via, showsUnproven } = knownFactor(strategy)
  return { ...present({ kind, channel, via, showsUnproven }), ...preset, ...present(given) }
}

/** What was left out, and what was written as `undefined`, has its default. */
const present = (given: { readonly [K in keyof FactorPreset]: FactorPreset[K] | undefined }): FactorPreset =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))

/**
 * Two proofs are distinct by kind and channel where both are known, else by the strategy, which proves the same under
 * any name.
 */
function authenticatorOf(strategy: string, { kind, channel }: FactorPreset): string {
  if (kind !== undefined && channel !== undefined) return `${kind} over ${channel}`
  return `${kind ?? 'something'} by ${strategy}`
}

function methodsOf({ amr }: FactorPreset): readonly string[] {
  if (amr === undefined) return []
  return typeof amr === 'string' ? [amr] : amr
}

/** What is read of a request: the account name that failures are counted by, and the code that is accepted once. */
function readersOf(preset: FactorPreset, merged: FactorPreset): Pick<Factor, 'account' | 'accountField' | 'once'> {
  const first = merged.fields?.[0]
  const readFirst = readField(first ?? preset.fields?.[0] ?? '')
  return {
    account: merged.account ?? (preset.namedByFirstField ? readFirst : undefined),
    accountField: preset.namedByFirstField && !merged.account ? first : undefined,
    once: merged.once ?? (preset.spendsFirstField ? readFirst : undefined),
  }
}

/** Who can use a factor: as the app says it, else as its strategy says, else what is known of its name. */
function enrolmentOf(strategy: string, given: FactorOptions, merged: FactorPreset, strategyOf: StrategyOf) {
  const enrolled = given.enrolled
    ?? ((user: Express.User) => enrolledBy(strategyOf(strategy), user) ?? merged.enrolled?.(user) ?? true)
  return (user: Express.User): Awaitable<boolean> => {
    try {
      return enrolled(user)
    } catch (error) {
      const reason = error as Error
      return Promise.reject(reason)
    }
  }
}

/** What a strategy says itself of who can use it; `undefined` where it says nothing. */
function enrolledBy(strategy: unknown, user: Express.User): Awaitable<boolean> | undefined {
  const { enrolled } = (strategy ?? {}) as { enrolled?: unknown }
  if (typeof enrolled !== 'function') return undefined
  return (enrolled as (user: Express.User) => Awaitable<boolean>).call(strategy, user)
}
