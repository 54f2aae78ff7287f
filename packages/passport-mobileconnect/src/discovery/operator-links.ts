import { MobileConnectError } from '../errors.js'
import { wellKnown } from '../operators/read-operator.js'
import type { OperatorMetadata } from '../operators/operator-options.js'
import { isAtHome, notAllowed, requireAddress, requireIssuer, type AllowedIssuer } from './allowed-issuers.js'
import type { Links } from './read-links.js'
import { checkMetadata, misconfiguredOperator, type ProviderMetadata } from './provider-metadata.js'

/** The links that are addresses, and what metadata calls them. */
const members = {
  authorization: 'authorization_endpoint',
  token: 'token_endpoint',
  jwks: 'jwks_uri',
  userinfo: 'userinfo_endpoint',
  premiuminfo: 'premiuminfo_endpoint',
} as const

/** The links of one operator, each checked, and the issuers that it may be. */
export interface CheckedLinks {
  readonly issuers: readonly AllowedIssuer[]
  /** The one that the service named, if it named one. */
  readonly stated: AllowedIssuer | undefined
  /** By the names of metadata. */
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
  return { issuers, stated, endpoints, configuration: href === undefined ? undefined : requireAddress(issuers, 'openid-configuration', href) }
}

/** Where the operator's own metadata is, and whose it may be. */
export interface MetadataPlace {
  readonly url: string
  readonly issuers: readonly AllowedIssuer[]
}

/**
 * The link to it, often at no standard path; else where the stated issuer has it; else, for links without keys, where the one issuer has it
 * whose endpoints they are.
 * @throws MobileConnectError `issuer_not_allowed` for a link to somewhere else than an issuer's host, where anybody's metadata could lie.
 */
export function metadataPlace(links: CheckedLinks): MetadataPlace | undefined {
  const { issuers, stated, configuration, endpoints } = links
  if (configuration) {
    const owners = issuers.filter((issuer) => isAtHome(configuration, issuer))
    if (owners.length === 0) throw notAllowed('The discovery service named metadata that is not at the host of an issuer on the list.', configuration.href)
    return { url: configuration.href, issuers: owners }
  }
  const [owner, another] = stated ? [stated] : endpoints.has('jwks_uri') ? [] : ownersOf(links)
  return owner && !another ? { url: wellKnown(owner.issuer), issuers: [owner] } : undefined
}

const ownersOf = ({ issuers, endpoints }: CheckedLinks): readonly AllowedIssuer[] =>
  (endpoints.size === 0 ? [] : issuers.filter((issuer) => [...endpoints.values()].every((url) => isAtHome(url, issuer))))

/** What the operator publishes overrides the links; those at its own host fill what it leaves out. */
export function withLinks(published: ProviderMetadata, place: MetadataPlace, { endpoints }: CheckedLinks): OperatorMetadata {
  const issuer = requireIssuer(place.issuers, published.issuer)
  const own = [...endpoints].filter(([, url]) => isAtHome(url, issuer)).map(([member, url]) => [member, url.href] as const)
  return checkMetadata({ ...Object.fromEntries(own), ...published }, issuer)
}

/** An operator of which nothing but links is known: its issuer is the one that all of them belong to. `undefined` where they do not suffice. */
export function linksAlone(links: CheckedLinks): OperatorMetadata | undefined {
  const [issuer, another] = ownersOf(links)
  if (!issuer || another || !nameKeys(links)) return undefined
  return { issuer: issuer.issuer, ...Object.fromEntries([...links.endpoints].map(([member, url]) => [member, url.href])) }
}

const nameKeys = ({ endpoints }: CheckedLinks): boolean => ['authorization_endpoint', 'token_endpoint', 'jwks_uri'].every((member) => endpoints.has(member))

/** Why links that lead to no metadata do not suffice. */
export function insufficient(links: CheckedLinks): MobileConnectError {
  if (!nameKeys(links)) return misconfiguredOperator('The discovery service named neither the metadata nor the keys of an operator, and no login can do without.')
  const [issuer, another] = ownersOf(links)
  if (issuer && another) return misconfiguredOperator(`The links of the discovery service do not tell ${issuer.issuer} from ${another.issuer}: it has to name the issuer.`)
  return notAllowed('The discovery service named addresses that are not all at the host of one issuer on the list.', ...[...links.endpoints.values()].map(String))
}
