import { MobileConnectError } from '../errors.js'
import type { DiscoveryCall } from '../operators/discovery.js'
import type { OperatorMetadata } from '../operators/operator-options.js'
import { bareError } from '#internal/upstream-error'
import { HOUR, MINUTE } from '#internal/time-units'
import type { AllowedIssuer } from './allowed-issuers.js'
import { answerCache } from './answer-cache.js'
import type { Links } from './read-links.js'
import {
  checkLinks,
  insufficient,
  linksAlone,
  metadataPlace,
  withLinks,
  type CheckedLinks,
  type MetadataPlace,
} from './operator-links.js'
import { fetchMetadata, type ProviderMetadata } from './provider-metadata.js'

/** Where an operator's metadata comes from. It is fetched only when a login needs it. */
export type MetadataSource =
  | { readonly checked: CheckedLinks, readonly place: MetadataPlace }
  | { readonly metadata: OperatorMetadata }

/**
 * Checks the links of an operator. Sends no request.
 * @throws MobileConnectError for links that lead to no operator on the list, or that no login can use.
 */
export function metadataSource(issuers: readonly AllowedIssuer[], links: Links): MetadataSource {
  const checked = checkLinks(issuers, links)
  const place = metadataPlace(checked)
  if (place) return { checked, place }
  const metadata = linksAlone(checked)
  if (!metadata) throw insufficient(checked)
  return { metadata }
}

export type MetadataReader = (source: MetadataSource, call: DiscoveryCall) => Promise<OperatorMetadata>

/** Metadata that an operator publishes, or why it cannot be read at the moment. */
type Publication = { readonly published: ProviderMetadata } | { readonly trouble: unknown }

/** Metadata is cached by its address, and not with the answers that lead to it: many answers lead to one operator. */
export function metadataReader(now: () => number): MetadataReader {
  const kept = answerCache<Publication>({ max: 1000, now, grace: 24 * HOUR, outage: isTrouble })

  const read = async (checked: CheckedLinks, place: MetadataPlace, call: DiscoveryCall): Promise<Publication> => {
    try {
      return await kept.get(place.url, async () => {
        const published = await fetchMetadata(call, place.url)
        // Throws for metadata that is refused, so that it is not cached.
        withLinks(published, place, checked)
        return { value: { published }, ttl: HOUR }
      })
    } catch (trouble) {
      if (!isTrouble(trouble)) throw trouble
      return { trouble }
    }
  }

  return async (source, call) => {
    if ('metadata' in source) return source.metadata
    const { checked, place } = source
    const publication = await read(checked, place, call)
    if ('published' in publication) return withLinks(publication.published, place, checked)
    const metadata = linksAlone(checked)
    if (!metadata) {
      throw new MobileConnectError('operator_unavailable', 'The operator\'s metadata cannot be read at the moment.', {
        cause: bareError(publication.trouble),
      })
    }
    // The links suffice. For a while no other login waits for metadata that cannot be read.
    kept.keep(place.url, publication, MINUTE)
    return metadata
  }
}

/** The network failed. An error of this package is a refusal instead. */
const isTrouble = (error: unknown): boolean => !(error instanceof MobileConnectError)
