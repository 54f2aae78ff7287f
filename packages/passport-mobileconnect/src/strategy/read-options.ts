import { milliseconds } from '#internal/duration'
import {
  checkFunctions, checkList, checkOneOf, checkOptionNames, checkTable, checkType, hasMethods,
} from '#internal/option-checks'
import { readLimits } from '#internal/transactions/begin-limits'
import { SealedTransactions } from '#internal/transactions/sealed-transactions'
import { storeMethods } from '#internal/transactions/transaction-store'
import { MobileConnectError, storeUnavailable } from '../errors.js'
import type { OperatorCalls } from '../operators/operator.js'
import { Operators } from '../operators/operators.js'
import { acrPolicy } from '../protocol/acr.js'
import { checkOperatorCallback, isPerOperator } from '../protocol/callback-url.js'
import { isDeclaredProven, isSilent } from '../protocol/displayed-data.js'
import type { ProtocolSettings } from '../protocol/settings.js'
import type { Transaction } from '../protocol/transaction.js'
import { MemoryTransactionStore } from '../transactions/memory-transaction-store.js'
import type { StrategyOptions, StrategyOptionsWithRequest } from './strategy-options.js'

type AnyStrategyOptions = StrategyOptions | StrategyOptionsWithRequest

const strategyOptionNames = [
  'operator', 'operators', 'chooseOperator', 'discovery', 'network', 'callbackURL', 'origins', 'mode', 'store', 'scope',
  'version', 'levelOfAssurance', 'acrValues', 'prompt', 'maxAge', 'uiLocales', 'loginHint', 'phone', 'userId', 'linked',
  'link', 'replaceLink', 'confirm', 'clientName', 'context', 'bindingMessage', 'claims', 'correlationId', 'parameters',
  'userinfo', 'clientAuth', 'clientKey', 'requestObject', 'pushedAuthorizationRequests', 'signedRequestsOnly',
  'displayedData', 'ttl', 'beginLimits', 'timeout', 'storeTimeout', 'fetch', 'now', 'passReqToCallback',
]
const callbackNames = [
  'chooseOperator', 'network', 'loginHint', 'phone', 'userId', 'linked', 'link', 'replaceLink', 'confirm', 'context',
  'bindingMessage', 'parameters', 'fetch', 'now',
]

/** @throws TypeError at start-up, for options that would only fail at a login. */
export function readStrategyOptions(options: AnyStrategyOptions): ProtocolSettings {
  checkOptionNames('MobileConnectStrategy', options, strategyOptionNames)
  checkFunctions(options, callbackNames)
  checkSimpleOptions(options)
  checkLinkCallbacks(options)
  const { fetch = globalThis.fetch, now = Date.now, userinfo = true } = options
  const timeout = milliseconds('timeout', options.timeout ?? '10s')
  const operators = readOperators(options, { fetch, now, timeout })
  return {
    operators,
    discovery: options.discovery,
    transactions: new SealedTransactions<Transaction>(
      readStore(options),
      milliseconds('storeTimeout', options.storeTimeout ?? '2s'),
      storeUnavailable,
      (error) => error instanceof MobileConnectError,
    ),
    callbackURL: readCallbackUrl(options, operators),
    acr: acrPolicy(options) ?? { level: 2 },
    maxAge: wholeSeconds(options.maxAge),
    ttl: milliseconds('ttl', options.ttl ?? '10m'),
    beginLimits: readLimits('beginLimits', options.beginLimits ?? { '10m': 5, '1d': 20 }),
    userinfo,
    fetch,
    timeout,
    now,
  }
}

/**
 * Whether a login proves what the phone showed, at each operator of the options. For operators that discovery will
 * find, the options of the strategy decide.
 */
export function provesDetails(options: AnyStrategyOptions, { operators }: ProtocolSettings): boolean {
  if (options.mode === 'backchannel') return true
  if (isSilent(options)) return false
  if (options.discovery) return isDeclaredProven(options)
  return operators.all.every(({ settings }) => isDeclaredProven(settings))
}

/** The origins whose pages may begin a login. */
export function originsOf({ origins = [] }: AnyStrategyOptions, { callbackURL }: ProtocolSettings): string[] {
  const list = checkList('origins', origins, '[\'https://app.example\']')
  const wrong = list.find((origin) => !isOrigin(origin))
  if (wrong !== undefined) {
    throw new TypeError(
      `origins is a list of origins such as 'https://app.example', without a path; not ${JSON.stringify(wrong)}.`,
    )
  }
  const own = callbackURL === '' ? [] : [new URL(callbackURL).origin]
  return [...list as string[], ...own]
}

const isOrigin = (value: unknown): boolean =>
  typeof value === 'string' && URL.canParse(value) && new URL(value).origin === value

/** `max_age` counts seconds. */
export const wholeSeconds = (maxAge: string | undefined): number | undefined =>
  maxAge === undefined ? undefined : Math.floor(milliseconds('maxAge', maxAge) / 1000)

function readOperators(options: AnyStrategyOptions, calls: OperatorCalls): Operators {
  const { operator, operators, chooseOperator, discovery } = options
  const ways = [operator, operators, discovery].filter((given) => given !== undefined)
  if (ways.length !== 1) {
    throw new TypeError(
      'MobileConnectStrategy takes operator, or operators and chooseOperator, or discovery: exactly one of the three.',
    )
  }
  if (discovery) {
    if (!hasMethods(discovery, ['find', 'returned']) || !Array.isArray(discovery.issuers)) {
      throw new TypeError('discovery is what gsmaDiscovery({ … }) gives, or { issuers, find, returned }.')
    }
    return new Operators([], options, calls)
  }
  if (operator) return new Operators([operator], options, calls)
  checkList('operators', operators, '[{ id, issuer, clientId, clientSecret }]')
  const list = operators ?? []
  if (list.length === 0) throw new TypeError('operators is empty: nobody could log in.')
  if (!chooseOperator && list.length > 1) {
    throw new TypeError('operators needs chooseOperator: (req) => the id of one of them.')
  }
  return new Operators(list, options, calls)
}

/** With several operators, each callback must say whose it is, by its address or by `iss` (RFC 9700 §2.1). */
function readCallbackUrl({ callbackURL, mode, discovery }: AnyStrategyOptions, operators: Operators): string {
  if (mode === 'backchannel' && callbackURL === undefined) return ''
  const url = checkOperatorCallback(callbackURL)
  const several = discovery !== undefined || operators.all.length > 1
  const named = discovery
    ? discovery.issParameter === true
    : operators.all.every(({ settings }) => settings.issParameter)
  if (several && !isPerOperator(url) && !named) {
    throw new TypeError(
      'With several operators, the callback of each needs an address of its own, lest one of them could have the code'
      + ' of another: write {operator} into callbackURL, as in'
      + ' \'https://app.example/login/mobileconnect/callback/{operator}\'. Only where every operator sends its issuer'
      + ' along (RFC 9207), issParameter: true for each does instead.',
    )
  }
  return url
}

function readStore({ store, now }: AnyStrategyOptions) {
  if (store === undefined) return new MemoryTransactionStore(now ? { now } : {})
  if (hasMethods(store, storeMethods)) return store
  throw new TypeError(
    `store is a transaction store, with the methods ${storeMethods.join(', ')}:`
    + ' new MemoryTransactionStore() or new RedisTransactionStore({ client }).',
  )
}

function checkSimpleOptions(options: AnyStrategyOptions): void {
  checkOneOf('mode', options.mode, ['redirect', 'backchannel'])
  checkOneOf('userinfo', options.userinfo, [true, false, 'premiuminfo'])
  checkOneOf('passReqToCallback', options.passReqToCallback, [true, false])
  checkType('correlationId', options.correlationId, ['boolean', 'function'])
  checkType('uiLocales', options.uiLocales, ['string', 'function'])
  checkType('prompt', options.prompt, ['string'])
  if (options.claims !== undefined) checkTable('claims', options.claims, '{ id_token: { … } }')
}

/** Without `linked`, the strategy cannot tell a first identity from a second one. */
function checkLinkCallbacks({ link, linked, replaceLink }: AnyStrategyOptions): void {
  if (linked) return
  if (replaceLink) {
    throw new TypeError('replaceLink needs linked: (user, issuer) => the sub that is linked with the account.')
  }
  if (link) {
    process.emitWarning(
      'MobileConnectStrategy has link without linked, so a second identity of one operator may be saved beside a first'
      + ' one. Give linked: (user, issuer) => the sub that is linked with the account.',
      { code: 'MOBILECONNECT_LINKED_MISSING' },
    )
  }
}
