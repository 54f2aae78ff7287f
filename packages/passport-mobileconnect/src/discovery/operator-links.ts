import { MobileConnectError } from '../errors.js'
import { wellKnown } from '../operators/read-operator.js'
import type { OperatorMetadata } from '../operators/operator-options.js'
import { isAtHome, notAllowed, requireAddress, requireIssuer, type AllowedIssuer } from './allowed-issuers.js'
import type { Links } from './read-links.js'
import { checkMetadata, misconfiguredOperator, requiredEndpoints, type ProviderMetadata } from './provider-metadata.js'

/** The `rel` of each link that is an address, and its name in metadata. */
const members = {
  authorization: 'authorization_endpoint',
  token: 'token_endpoint',
  jwks: 'jwks_uri',
  userinfo: 'userinfo_endpoint',
  premiuminfo: 'premiuminfo_endpoint',
} as const

/** The links of one operator after each was checked, and the issuers that it may be. */
export interface CheckedLinks {
  readonly issuers: readonly AllowedIssuer[]
  /** The issuer that the service named, if it named one. */
  readonly stated: AllowedIssuer | undefined
  /** By their names in metadata. */
  readonly endpoints: ReadonlyMap<string, URL>
  readonly configuration: URL | undefined
}

/** @throws MobileConnectError `issuer_not_allowed`, before anything is asked of anybody. */
export function checkLinks(all: readonly AllowedIssuer[], links: Links): CheckedLinks {
  const stated = links.issuer === undefined ? undefined : requireIssuer(all, links.issuer)
  const issuers = stated ? [stated] : all
  const endpoints = new Map(Object.entries(members).flatMap(([rel, member]) => {
    const href = links[rel]
    return href === undefined ? [] : [[member, requireAddress(issuers, rel, href)]]
  }))
  const href = links['openid-configuration']
  const configuration = href === undefined ? undefined : requireAddress(issuers, 'openid-configuration', href)
  return { issuers, stated, endpoints, configuration }
}

/** Where the operator publishes its metadata, and the issuers that the metadata may name. */
export interface MetadataPlace {
  readonly url: string
  readonly issuers: readonly AllowedIssuer[]
}

/**
 * Finds the operator's metadata:
 * - at the link to it, which often has no standard path;
 * - without such a link, at the standard path of the issuer that the service named;
 * - without a named issuer, and when the links name no keys, at the standard path of the one issuer that owns all
 * links.
 * @throws MobileConnectError `issuer_not_allowed` for a link that is not at an issuer's host. Anybody could publish
 * metadata there.
 */
export function metadataPlace(links: CheckedLinks): MetadataPlace | undefined {
  const { issuers, stated, configuration, endpoints } = links
  if (configuration) {
    const owners = issuers.filter((issuer) => isAtHome(configuration, issuer))
    if (owners.length === 0) {
      throw notAllowed(
        'The discovery service named metadata that is not at the host of an issuer on the list.',
        configuration.href,
      )
    }
    return { url: configuration.href, issuers: owners }
  }
  if (stated) return atStandardPath(stated)
  if (endpoints.has('jwks_uri')) return undefined
  const owner = onlyOwner(links)
  return owner && atStandardPath(owner)
}

const atStandardPath = (issuer: AllowedIssuer): MetadataPlace => ({ url: wellKnown(issuer.issuer), issuers: [issuer] })

/** The issuers at whose host all links are. */
function ownersOf({ issuers, endpoints }: CheckedLinks): readonly AllowedIssuer[] {
  if (endpoints.size === 0) return []
  return issuers.filter((issuer) => [...endpoints.values()].every((url) => isAtHome(url, issuer)))
}

function onlyOwner(links: CheckedLinks): AllowedIssuer | undefined {
  const owners = ownersOf(links)
  return owners.length === 1 ? owners[0] : undefined
}

/** Metadata that the operator publishes wins over the links. Links at the operator's host fill what it leaves out. */
export function withLinks(
  published: ProviderMetadata,
  place: MetadataPlace,
  { endpoints }: CheckedLinks,
): OperatorMetadata {
  const issuer = requireIssuer(place.issuers, published.issuer)
  const ownLinks = [...endpoints].filter(([, url]) => isAtHome(url, issuer))
  return checkMetadata({ ...hrefs(ownLinks), ...published }, issuer)
}

/**
 * Metadata that is made of the links alone. The issuer is the one that owns all of them.
 * `undefined` when the links do not suffice.
 */
export function linksAlone(links: CheckedLinks): OperatorMetadata | undefined {
  const owner = onlyOwner(links)
  if (!owner || !sufficeForLogin(links)) return undefined
  return { issuer: owner.issuer, ...hrefs([...links.endpoints]) }
}

const hrefs = (links: readonly (readonly [string, URL])[]) =>
  Object.fromEntries(links.map(([member, url]) => [member, url.href]))

const sufficeForLogin = ({ endpoints }: CheckedLinks): boolean =>
  requiredEndpoints.every((member) => endpoints.has(member))

/** Why links that lead to no metadata do not suffice. */
export function insufficient(links: CheckedLinks): MobileConnectError {
  if (!sufficeForLogin(links)) {
    return misconfiguredOperator(
      'The discovery service named neither the metadata nor the keys of an operator, and no login can do without.',
    )
  }
  const [issuer, another] = ownersOf(links)
  if (issuer && another) {
    return misconfiguredOperator(
      `The links of the discovery service do not tell ${issuer.issuer} from ${another.issuer}:`
      + ' it has to name the issuer.',
    )
  }
  return notAllowed(
    'The discovery service named addresses that are not all at the host of one issuer on the list.',
    ...[...links.endpoints.values()].map(String),
  )
}
