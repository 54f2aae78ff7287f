import { MobileConnectError } from '../errors.js'
import { idOfIssuer } from '../operators/read-operator.js'
import type { Discovery, DiscoveryAnswer, DiscoveryCall, DiscoveryQuestion } from '../operators/discovery.js'
import { ask, type ServiceAnswer } from './ask-service.js'
import { answerCache } from './answer-cache.js'
import { readDiscoveryOptions, type GsmaDiscoveryOptions, type GsmaService } from './discovery-options.js'
import { readQuestion, sharedBy } from './read-question.js'
import { readReturn } from './selection-return.js'
import { longest, timeToLive } from './time-to-live.js'
import { metadataReader, wayTo, type WayToOperator } from './trusted-operator.js'

/** An operator that the service named, checked, and what it knows this app by. */
interface CheckedOperator {
  readonly clientId: string
  readonly clientSecret: string
  readonly clientName: string | undefined
  readonly way: WayToOperator
}

interface Found {
  readonly kind: 'found'
  readonly operator: CheckedOperator
  readonly subscriberId: string | undefined
  readonly ttl: unknown
}
type Other = Exclude<ServiceAnswer, { kind: 'found' }>

/**
 * The GSMA's discovery protocol, version 2: which operator is this person's, and what does it know this app by. For a simulator, and for
 * exchanges of a region or a group: the GSMA switched its own off on 2020-09-30.
 * @throws TypeError for options that could not work.
 */
export function gsmaDiscovery(options: GsmaDiscoveryOptions): Discovery {
  const service = readDiscoveryOptions(options)
  const metadataOf = metadataReader(service.now)
  const askShared = sharedQuestions(service)

  return {
    issuers: service.issuers.map(({ issuer }) => issuer),
    issParameter: service.issParameter,
    returned: readReturn,
    async find(question, given) {
      const call = ourCall(service, given)
      const asked = readQuestion(question)
      if (!asked) return { status: 'unknown' }
      const network = sharedBy(asked)
      const shared = network === undefined ? undefined : await askShared(network, { ...asked, correlationId: undefined }, call)
      // Where the person has to choose, the page is theirs alone: it brings their correlation_id back.
      const answer = shared === undefined || shared.kind === 'select' ? checkLinksOf(service, await ask(service, asked, call)) : shared
      if (answer.kind !== 'found') return answerWithoutOperator(answer)
      const { way, ...credentials } = answer.operator
      const metadata = await metadataOf(way, call)
      return {
        status: 'found',
        operator: { id: idOfIssuer(metadata.issuer), issuer: metadata.issuer, metadata, ...credentials, issParameter: service.issParameter },
        ...answer.subscriberId === undefined ? {} : { subscriberId: answer.subscriberId },
      }
    },
  }
}

/** Half of the time is for the service, half for the operator's metadata. */
const ourCall = (service: GsmaService, { fetch, timeout }: DiscoveryCall): DiscoveryCall =>
  ({ fetch: service.fetch ?? fetch, timeout: (service.timeout ?? timeout) / 2 })

const answerWithoutOperator = (answer: Other): DiscoveryAnswer => (answer.kind === 'select' ? { status: 'select', url: answer.url } : { status: 'unknown' })

function checkLinksOf({ issuers }: GsmaService, answer: ServiceAnswer): Found | Other {
  if (answer.kind !== 'found') return answer
  const { links, ttl, ...credentials } = answer.operator
  return { kind: 'found', operator: { ...credentials, way: wayTo(issuers, links) }, subscriberId: answer.subscriberId, ttl }
}

/** Questions about a network: asked once for everybody, and never again while the answer may be kept. Nobody's `subscriber_id` is in it. */
function sharedQuestions(service: GsmaService) {
  const kept = answerCache<CheckedOperator>({ max: 1000, now: service.now, grace: longest, outage: isOutage })

  const askAnew = async (question: DiscoveryQuestion, call: DiscoveryCall) => {
    const answer = checkLinksOf(service, await ask(service, question, call))
    if (answer.kind !== 'found') throw new NotFound(answer)
    return { value: answer.operator, ttl: timeToLive(answer.ttl, service.now()) }
  }

  return async (network: string, question: DiscoveryQuestion, call: DiscoveryCall): Promise<Omit<Found, 'ttl'> | Other> => {
    try {
      return { kind: 'found', operator: await kept.get(network, () => askAnew(question, call)), subscriberId: undefined }
    } catch (error) {
      if (error instanceof NotFound) return error.answer
      throw error
    }
  }
}

const isOutage = (error: unknown): boolean => error instanceof MobileConnectError && error.code === 'discovery_failed'

/** An answer that is not kept, on its way past the cache. */
class NotFound extends Error {
  readonly answer: Other

  constructor(answer: Other) {
    super()
    this.answer = answer
  }
}
