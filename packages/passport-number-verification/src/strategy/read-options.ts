import { checkCallbackUrl } from '#internal/callback-url'
import { boundedFetch } from '#internal/bounded-fetch'
import { duration, milliseconds } from '#internal/duration'
import { checkFunctions, checkList, checkOneOf, checkOptionNames, hasMethods } from '#internal/option-checks'
import { readLimits, type BeginLimit } from '#internal/transactions/begin-limits'
import { SealedTransactions } from '#internal/transactions/sealed-transactions'
import { storeMethods, type TransactionStore } from '#internal/transactions/transaction-store'
import { NumberVerificationError, storeUnavailable } from '../errors.js'
import type { Mode, Provider, ProviderTools, Way } from '../providers/provider.js'
import { MemoryTransactionStore } from '../transactions/memory-transaction-store.js'
import type { StrategyOptions, StrategyOptionsWithRequest } from './strategy-options.js'
import type { Transaction } from './transaction.js'

export type AnyStrategyOptions = StrategyOptions | StrategyOptionsWithRequest

/** The options of the strategy, checked. */
export interface Settings {
  readonly provider: Provider
  readonly mode: Mode
  readonly via: readonly Way[]
  readonly purpose: string
  readonly callbackURL: string
  readonly origins: readonly string[]
  readonly phone: (user: Express.User) => unknown
  readonly userId: StrategyOptions['userId']
  readonly phoneField: string
  readonly transactions: SealedTransactions<Transaction>
  readonly beginLimits: readonly BeginLimit[]
  /** Milliseconds. */
  readonly ttl: number
  /** Milliseconds. */
  readonly timeout: number
}

const optionNames = [
  'provider', 'mode', 'via', 'purpose', 'callbackURL', 'origins', 'phone', 'userId', 'phoneField', 'store', 'beginLimits',
  'ttl', 'timeout', 'storeTimeout', 'fetch', 'now', 'passReqToCallback',
]

/** @throws TypeError at start-up, for options that would only fail at a login. */
export function readStrategyOptions(options: AnyStrategyOptions): Settings {
  checkOptionNames('NumberVerificationStrategy', options, optionNames)
  checkFunctions(options, ['phone', 'userId', 'fetch', 'now'])
  checkOneOf('mode', options.mode, ['verify', 'read'])
  checkOneOf('passReqToCallback', options.passReqToCallback, [true, false])
  const { mode = 'verify', fetch = globalThis.fetch, now = Date.now, origins = [] } = options
  const url = checkCallbackUrl(options.callbackURL, 'https://app.example/login/number-verification/callback')
  const timeout = duration('timeout', options.timeout ?? '3s', '1m')
  const provider = readProvider(options.provider, mode, { fetch: boundedFetch(fetch, timeout), now })
  return {
    provider,
    mode,
    via: readWays(options.via, provider),
    purpose: readPurpose(options.purpose ?? 'FraudPreventionAndDetection'),
    callbackURL: options.callbackURL,
    origins: [...readOrigins(origins), url.origin],
    phone: options.phone ?? ownPhone,
    userId: options.userId,
    phoneField: options.phoneField ?? 'phone',
    transactions: new SealedTransactions<Transaction>(
      readStore(options),
      milliseconds('storeTimeout', options.storeTimeout ?? '2s'),
      storeUnavailable,
      (error) => error instanceof NumberVerificationError,
    ),
    beginLimits: readLimits('beginLimits', options.beginLimits ?? { '1h': 5, '1d': 20 }),
    ttl: duration('ttl', options.ttl ?? '2m', '1h'),
    timeout,
  }
}

const ownPhone = (user: Express.User): unknown => (user as { phone?: unknown }).phone

function readProvider(create: unknown, mode: Mode, tools: ProviderTools): Provider {
  if (typeof create !== 'function') {
    throw new TypeError('provider is what camara({ … }) gives, or a function ({ fetch, now }) => ({ id, network }).')
  }
  const provider = (create as (tools: ProviderTools) => unknown)(tools) as Partial<Provider> | null | undefined
  if (typeof provider?.id !== 'string' || provider.id === '') throw new TypeError('provider.id is a text.')
  const { network, operatorToken, app } = provider
  const given = [network, operatorToken, app].filter((way) => way !== undefined)
  if (given.length === 0 || !given.every((way) => hasMethods(way, ['begin', 'end']))) {
    throw new TypeError(
      `The provider ${provider.id} has no way to ask: network, operatorToken or app, each { begin, end }.`,
    )
  }
  if (provider.modes?.includes(mode) === false) {
    throw new TypeError(`The provider ${provider.id} does ${provider.modes.join(', ')}, and not mode: '${mode}'.`)
  }
  return provider as Provider
}

function waysOf({ network, operatorToken, app }: Provider): Way[] {
  const ways = { network, 'operator-token': operatorToken, app }
  return (Object.keys(ways) as Way[]).filter((way) => ways[way] !== undefined)
}

/** The network is asked where nothing else is said: a wallet asks the user for a tap. */
function readWays(via: unknown, provider: Provider): readonly Way[] {
  const offered = waysOf(provider)
  if (via === undefined) return offered.slice(0, 1)
  const list = checkList('via', via, '[\'operator-token\', \'network\']')
  const wrong = list.find((way, index) => !offered.includes(way as Way) || list.indexOf(way) !== index)
  if (wrong === undefined && list.length > 0) return [...list] as Way[]
  throw new TypeError(
    `via is a list of ways of the provider ${provider.id}, each once: ${offered.map((way) => `'${way}'`).join(', ')}.`,
  )
}

function readPurpose(purpose: unknown): string {
  if (typeof purpose === 'string' && /^[A-Za-z]{1,100}$/.test(purpose)) return purpose
  throw new TypeError(
    'purpose is a name of the Data Privacy Vocabulary such as \'FraudPreventionAndDetection\', without dpv:, not '
    + `${JSON.stringify(purpose)}.`,
  )
}

function readOrigins(origins: unknown): readonly string[] {
  const list = checkList('origins', origins, '[\'https://app.example\']')
  const wrong = list.find((origin) => !isOrigin(origin))
  if (wrong === undefined) return list as string[]
  throw new TypeError(
    `origins is a list of origins such as 'https://app.example', without a path; not ${JSON.stringify(wrong)}.`,
  )
}

const isOrigin = (value: unknown): boolean =>
  typeof value === 'string' && URL.canParse(value) && new URL(value).origin === value

function readStore({ store, now }: AnyStrategyOptions): TransactionStore {
  if (store === undefined) return new MemoryTransactionStore(now ? { now } : {})
  if (hasMethods(store, storeMethods)) return store
  throw new TypeError(
    `store is a transaction store, with the methods ${storeMethods.join(', ')}:`
    + ' new MemoryTransactionStore() or new RedisTransactionStore({ client }).',
  )
}
