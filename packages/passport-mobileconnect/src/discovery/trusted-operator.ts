import { MobileConnectError } from '../errors.js'
import type { DiscoveryCall } from '../operators/discovery.js'
import type { OperatorMetadata } from '../operators/operator-options.js'
import { bareError } from '../operators/upstream-error.js'
import { HOUR, MINUTE } from '../time-units.js'
import type { AllowedIssuer } from './allowed-issuers.js'
import { answerCache } from './answer-cache.js'
import type { Links } from './read-links.js'
import { checkLinks, insufficient, linksAlone, metadataPlace, withLinks, type CheckedLinks, type MetadataPlace } from './operator-links.js'
import { fetchMetadata, type ProviderMetadata } from './provider-metadata.js'

/** One way to an operator, followed only when somebody needs it. */
export type WayToOperator =
  | { readonly checked: CheckedLinks, readonly place: MetadataPlace }
  | { readonly metadata: OperatorMetadata }

/** @throws MobileConnectError for links that lead to nobody on the list, or to nothing that a login can use. Asks nobody. */
export function wayTo(issuers: readonly AllowedIssuer[], links: Links): WayToOperator {
  const checked = checkLinks(issuers, links)
  const place = metadataPlace(checked)
  if (place) return { checked, place }
  const metadata = linksAlone(checked)
  if (!metadata) throw insufficient(checked)
  return { metadata }
}

export type MetadataReader = (way: WayToOperator, call: DiscoveryCall) => Promise<OperatorMetadata>

/** An operator's own metadata, or why there is none at the moment. */
type Own = { readonly published: ProviderMetadata } | { readonly trouble: unknown }

/** Metadata is kept apart from the answers that lead to it: the operator is one, however many people ask for theirs. */
export function metadataReader(now: () => number): MetadataReader {
  const kept = answerCache<Own>({ max: 1000, now, grace: 24 * HOUR, outage: isTrouble })

  const read = async (checked: CheckedLinks, place: MetadataPlace, call: DiscoveryCall): Promise<Own> => kept.get(place.url, async () => {
    const published = await fetchMetadata(call, place.url)
    withLinks(published, place, checked) // What is refused is not kept.
    return { value: { published }, ttl: HOUR }
  }).catch((trouble: unknown) => {
    if (!isTrouble(trouble)) throw trouble
    return { trouble }
  })

  return async (way, call) => {
    if ('metadata' in way) return way.metadata
    const { checked, place } = way
    const own = await read(checked, place, call)
    if ('published' in own) return withLinks(own.published, place, checked)
    const alone = linksAlone(checked)
    if (!alone) throw new MobileConnectError('operator_unavailable', 'The operator\'s metadata can not be read at the moment.', { cause: bareError(own.trouble) })
    // The links do without: for a while nobody waits again for what is missing beside them.
    kept.keep(place.url, own, MINUTE)
    return alone
  }
}

/** The network's trouble, and not a refusal of ours. */
const isTrouble = (error: unknown): boolean => !(error instanceof MobileConnectError)
