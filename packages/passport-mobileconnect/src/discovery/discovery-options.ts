import { milliseconds } from '#internal/duration'
import { checkFunctions, checkList, checkOptionNames, requireText } from '#internal/option-checks'
import { allowedUrl } from '../operators/allowed-url.js'
import { idOfIssuer } from '../operators/read-operator.js'
import type { AllowedIssuer } from './allowed-issuers.js'

export interface GsmaDiscoveryOptions {
  /** Of the discovery service, such as `https://discovery.example/v2/discovery`. */
  readonly url: string
  /** What the discovery service knows this app by. Each operator knows it by credentials of its own, which the service tells. */
  readonly clientId: string
  readonly clientSecret: string
  /** Where the operator-selection page sends the person back to, exactly as it is registered with the service: a route of the strategy. */
  readonly redirectURL: string
  /** The operators that may be found, by issuer, exactly as their ID tokens spell it. Whatever else the service names is refused. */
  readonly issuers: readonly string[]
  /** Every one of them names itself in its callbacks (RFC 9207). Default: `false`. */
  readonly issParameter?: boolean
  /** Of each question to the service, and of reading an operator's metadata. Default: that of the strategy. */
  readonly timeout?: string
  /** Default: that of the strategy. */
  readonly fetch?: typeof globalThis.fetch
  /** Epoch milliseconds. Default: `Date.now`. */
  readonly now?: () => number
}

/** The options, read and checked once. */
export interface GsmaService {
  readonly url: string
  readonly clientId: string
  readonly clientSecret: string
  readonly redirectURL: string
  readonly issuers: readonly AllowedIssuer[]
  readonly issParameter: boolean
  readonly timeout: number | undefined
  readonly fetch: typeof globalThis.fetch | undefined
  readonly now: () => number
}

const discoveryOptionNames = ['url', 'clientId', 'clientSecret', 'redirectURL', 'issuers', 'issParameter', 'timeout', 'fetch', 'now'] satisfies (keyof GsmaDiscoveryOptions)[]

/** @throws TypeError for what could only fail later, at somebody's login. */
export function readDiscoveryOptions(options: GsmaDiscoveryOptions): GsmaService {
  checkOptionNames('gsmaDiscovery', options, discoveryOptionNames)
  checkFunctions(options, ['fetch', 'now'])
  const { issParameter = false, timeout, fetch, now = Date.now } = options
  if (typeof issParameter !== 'boolean') throw new TypeError('issParameter is true or false.')
  return {
    url: allowedUrl('url', options.url).href,
    clientId: requireText('clientId', options.clientId),
    clientSecret: requireText('clientSecret', options.clientSecret),
    // As it was written, not as URL would normalise it: services compare it as a text.
    redirectURL: (allowedUrl('redirectURL', options.redirectURL), options.redirectURL),
    issuers: readIssuers(options.issuers),
    issParameter,
    timeout: timeout === undefined ? undefined : milliseconds('timeout', timeout),
    fetch,
    now,
  }
}

function readIssuers(issuers: readonly string[]): readonly AllowedIssuer[] {
  const list = checkList('issuers', issuers, '[\'https://operator.example\']')
  if (list.length === 0) throw new TypeError('issuers is empty, so that nobody could be found: list the operators that you have a contract with.')
  const read = list.map((issuer, index) => ({ issuer: issuer as string, url: allowedUrl(`issuers[${index}]`, issuer) }))
  const query = read.find(({ url }) => url.search !== '')
  if (query) throw new TypeError(`The issuer ${query.issuer} has a query, which no issuer has (OpenID Connect Core 1.0 §2).`)
  const distinct = read.filter(({ issuer }, index) => issuers.indexOf(issuer) === index)
  const [first, second] = distinct.flatMap((entry, index) => distinct.slice(index + 1).map((other) => [entry.issuer, other.issuer] as const))
    .find(([one, other]) => idOfIssuer(one) === idOfIssuer(other)) ?? []
  if (first !== undefined) throw new TypeError(`The issuers ${first} and ${second} would both be ${idOfIssuer(first)} in callbackURL, where one could answer for the other.`)
  return distinct
}
