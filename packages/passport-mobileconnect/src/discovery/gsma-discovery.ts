import { MobileConnectError } from '../errors.js'
import { idOfIssuer } from '../operators/read-operator.js'
import type { Discovery, DiscoveryAnswer, DiscoveryCall, DiscoveryQuestion } from '../operators/discovery.js'
import { ask, type ServiceAnswer } from './ask-service.js'
import { answerCache } from './answer-cache.js'
import { readDiscoveryOptions, type GsmaDiscoveryOptions, type GsmaService } from './discovery-options.js'
import { readQuestion, sharedNetwork } from './read-question.js'
import { readReturn } from './selection-return.js'
import { longest, timeToLive } from './time-to-live.js'
import { metadataReader, metadataSource, type MetadataSource } from './trusted-operator.js'

/** An operator that the service named, after its links were checked, with this app's credentials there. */
interface CheckedOperator {
  readonly clientId: string
  readonly clientSecret: string
  readonly clientName: string | undefined
  readonly source: MetadataSource
}

interface Found {
  readonly kind: 'found'
  readonly operator: CheckedOperator
  readonly subscriberId: string | undefined
  readonly ttl: unknown
}
type Other = Exclude<ServiceAnswer, { kind: 'found' }>

/**
 * The GSMA's discovery protocol, version 2: finds the user's operator, and this app's credentials there.
 * It is for a simulator, and for the exchange of a region or a group of operators.
 * The GSMA switched its own service off on 2020-09-30.
 * @throws TypeError for options that could not work.
 * @example
 * gsmaDiscovery({
 *   url: 'https://exchange.example/v2/discovery', clientId, clientSecret,
 *   redirectURL: 'https://acme.example/login/mobileconnect/callback',
 *   issuers: ['https://a.example', 'https://b.example'],
 * })
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
      const answer = await askShared(asked, call) ?? checkLinksOf(service, await ask(service, asked, call))
      if (answer.kind !== 'found') return answerWithoutOperator(answer)
      const { source, ...credentials } = answer.operator
      const metadata = await metadataOf(source, call)
      const { issuer } = metadata
      const operator = { id: idOfIssuer(issuer), issuer, metadata, ...credentials, issParameter: service.issParameter }
      const { subscriberId } = answer
      return { status: 'found', operator, ...subscriberId === undefined ? {} : { subscriberId } }
    },
  }
}

/** The service may take half of the time, and the operator's metadata the other half. */
const ourCall = (service: GsmaService, { fetch, timeout }: DiscoveryCall): DiscoveryCall =>
  ({ fetch: service.fetch ?? fetch, timeout: (service.timeout ?? timeout) / 2 })

const answerWithoutOperator = (answer: Other): DiscoveryAnswer =>
  answer.kind === 'select' ? { status: 'select', url: answer.url } : { status: 'unknown' }

function checkLinksOf({ issuers }: GsmaService, answer: ServiceAnswer): Found | Other {
  if (answer.kind !== 'found') return answer
  const { links, ttl, ...credentials } = answer.operator
  const operator = { ...credentials, source: metadataSource(issuers, links) }
  return { kind: 'found', operator, subscriberId: answer.subscriberId, ttl }
}

/**
 * Answers to questions about a network, which are the same for all its users. Each is asked once and cached.
 * No `subscriber_id` is cached: it would belong to another user.
 */
function sharedQuestions(service: GsmaService) {
  const kept = answerCache<CheckedOperator>({ max: 1000, now: service.now, grace: longest, outage: isOutage })

  const askAnew = async (question: DiscoveryQuestion, call: DiscoveryCall) => {
    const answer = checkLinksOf(service, await ask(service, question, call))
    if (answer.kind !== 'found') throw new NotFound(answer)
    return { value: answer.operator, ttl: timeToLive(answer.ttl, service.now()) }
  }

  /** `undefined` when this user must ask for themselves. */
  return async (asked: DiscoveryQuestion, call: DiscoveryCall): Promise<Omit<Found, 'ttl'> | Other | undefined> => {
    const network = sharedNetwork(asked)
    if (network === undefined) return undefined
    const question = { ...asked, correlationId: undefined }
    try {
      return {
        kind: 'found',
        operator: await kept.get(network, () => askAnew(question, call)),
        subscriberId: undefined,
      }
    } catch (error) {
      if (!(error instanceof NotFound)) throw error
      // The operator-selection page is made for one user: it brings their correlation_id back.
      return error.answer.kind === 'select' ? undefined : error.answer
    }
  }
}

const isOutage = (error: unknown): boolean => error instanceof MobileConnectError && error.code === 'discovery_failed'

/** Carries an answer without an operator past the cache, which keeps no rejection. */
class NotFound extends Error {
  readonly answer: Other

  constructor(answer: Other) {
    super()
    this.answer = answer
  }
}
