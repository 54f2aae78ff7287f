import { milliseconds, type Duration } from '#internal/duration'
import { checkFunctions, checkList, checkOptionNames, requireSecret, requireText } from '#internal/option-checks'
import { allowedUrl } from '#internal/allowed-url'
import { idOfIssuer } from '../operators/read-operator.js'
import type { AllowedIssuer } from './allowed-issuers.js'

/** The options of `gsmaDiscovery`. Durations are texts such as `'10s'`. */
export interface GsmaDiscoveryOptions {
  /** The address of the discovery service, such as `https://discovery.example/v2/discovery`. */
  readonly url: string
  /** This app's credentials at the discovery service. The service tells the credentials for each operator. */
  readonly clientId: string
  /** As text, or as the bytes of that text. */
  readonly clientSecret: string | Uint8Array
  /** Where the operator-selection page sends the user back to: a route of the strategy, exactly as it is registered. */
  readonly redirectURL: string
  /** The issuers of the operators that may be found, exactly as their ID tokens spell them. All others are refused. */
  readonly issuers: readonly string[]
  /**
   * Every operator names itself in its callbacks (RFC 9207).
   * @default false
   */
  readonly issParameter?: boolean
  /**
   * For each question to the service, and for reading an operator's metadata.
   * @default the strategy's `timeout`
   */
  readonly timeout?: Duration
  /** @default the strategy's `fetch` */
  readonly fetch?: typeof globalThis.fetch
  /**
   * Epoch milliseconds.
   * @default Date.now
   */
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

const discoveryOptionNames = [
  'url', 'clientId', 'clientSecret', 'redirectURL', 'issuers', 'issParameter', 'timeout', 'fetch', 'now',
] satisfies (keyof GsmaDiscoveryOptions)[]

/** @throws TypeError at start-up, for options that would only fail at a login. */
export function readDiscoveryOptions(options: GsmaDiscoveryOptions): GsmaService {
  checkOptionNames('gsmaDiscovery', options, discoveryOptionNames)
  checkFunctions(options, ['fetch', 'now'])
  const { issParameter = false, timeout, fetch, now = Date.now } = options
  if (typeof issParameter !== 'boolean') throw new TypeError('issParameter is true or false.')
  return {
    url: allowedUrl('url', options.url).href,
    clientId: requireText('clientId', options.clientId),
    clientSecret: requireSecret('clientSecret', options.clientSecret),
    redirectURL: checkRedirectUrl(options.redirectURL),
    issuers: readIssuers(options.issuers),
    issParameter,
    timeout: timeout === undefined ? undefined : milliseconds('timeout', timeout),
    fetch,
    now,
  }
}

/** As the app wrote it, not as `URL` would normalise it: services compare it as a text. */
function checkRedirectUrl(redirectURL: string): string {
  allowedUrl('redirectURL', redirectURL)
  return redirectURL
}

function readIssuers(issuers: readonly string[]): readonly AllowedIssuer[] {
  const list = checkList('issuers', issuers, '[\'https://operator.example\']')
  if (list.length === 0) {
    throw new TypeError(
      'issuers is empty, so no operator could be found: list the operators that you have a contract with.',
    )
  }
  const read = list.map((issuer, index) => ({ issuer: issuer as string, url: allowedUrl(`issuers[${index}]`, issuer) }))
  const withQuery = read.find(({ url }) => url.search !== '')
  if (withQuery) {
    throw new TypeError(`The issuer ${withQuery.issuer} has a query, which no issuer has (OpenID Connect Core 1.0 §2).`)
  }
  const distinct = read.filter(({ issuer }, index) => issuers.indexOf(issuer) === index)
  checkIdsDiffer(distinct)
  return distinct
}

function checkIdsDiffer(issuers: readonly AllowedIssuer[]): void {
  const byId = new Map<string, string>()
  for (const { issuer } of issuers) {
    const id = idOfIssuer(issuer)
    const other = byId.get(id)
    if (other !== undefined) {
      throw new TypeError(
        `The issuers ${other} and ${issuer} would both be ${id} in callbackURL, where one could answer for the other.`,
      )
    }
    byId.set(id, issuer)
  }
}
