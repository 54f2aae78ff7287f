import { MobileConnectError } from '../errors.js'
import { allowedUrl } from '#internal/allowed-url'
import { addressForLog } from './address-for-log.js'
import { isPublicHost } from './public-host.js'

/** One issuer that the app trusts. */
export interface AllowedIssuer {
  readonly issuer: string
  readonly url: URL
}

/**
 * Whether a URL belongs to this issuer: its host is the issuer's, or a subdomain of it.
 * The discovery service may say which of the trusted operators the user has.
 * It may not say where a trusted operator keeps its keys: a service that lies could then log in as anybody.
 */
export function isAtHome(url: URL, { url: home }: AllowedIssuer): boolean {
  const isSubdomain = url.hostname.endsWith(`.${home.hostname}`) && url.port === home.port
  return url.protocol === home.protocol && (url.host === home.host || isSubdomain)
}

/**
 * Issuers are compared exactly (OpenID Connect Discovery 1.0 §4.3).
 * @throws MobileConnectError `issuer_not_allowed` for an issuer that is not on the list.
 */
export function requireIssuer(issuers: readonly AllowedIssuer[], issuer: string): AllowedIssuer {
  const allowed = issuers.find((entry) => entry.issuer === issuer)
  if (!allowed) throw notAllowed('The discovery service named an operator that is not on the list of issuers.', issuer)
  return allowed
}

/**
 * Checks the URL of a link before the app sends anything there.
 * @throws MobileConnectError `issuer_not_allowed` for a URL that is neither at the host of an issuer on the list nor
 * `https:` on a public host.
 */
export function requireAddress(issuers: readonly AllowedIssuer[], rel: string, href: string): URL {
  const url = readAddress(href)
  if (!url || !(isPublicAddress(url) || issuers.some((entry) => isAtHome(url, entry)))) {
    throw notAllowed(
      `The discovery service named an address for ${rel} that is neither https: on a public host`
      + ' nor at the host of an issuer on the list.',
      href,
    )
  }
  return url
}

/** Whether an operator's metadata may name this address. */
export function isUsableAddress(href: unknown, issuer: AllowedIssuer): href is string {
  const url = readAddress(href)
  return url !== undefined && (isAtHome(url, issuer) || isPublicAddress(url))
}

const isPublicAddress = (url: URL): boolean => url.protocol === 'https:' && isPublicHost(url)

function readAddress(href: unknown): URL | undefined {
  try {
    return allowedUrl('The address', href)
  } catch {
    return undefined
  }
}

export const notAllowed = (message: string, ...named: string[]): MobileConnectError =>
  new MobileConnectError('issuer_not_allowed', message, {
    cause: new Error(`It named ${named.map(addressForLog).join(', ')}`),
  })
