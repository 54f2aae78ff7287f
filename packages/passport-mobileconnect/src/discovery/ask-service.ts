import { MobileConnectError } from '../errors.js'
import { allowedUrl } from '#internal/allowed-url'
import type { DiscoveryCall, DiscoveryQuestion } from '../operators/discovery.js'
import { bareError, sanitized } from '#internal/upstream-error'
import { addressForLog } from './address-for-log.js'
import { readAnswer, type ExchangeAnswer } from './read-answer.js'
import { exchange, type HttpAnswer } from './http-exchange.js'
import type { GsmaService } from './discovery-options.js'
import { discoveryRequest } from './discovery-request.js'

/** An answer that a login can use. */
export type ServiceAnswer = Exclude<ExchangeAnswer, { kind: 'refused' | 'unusable' }>

/** @throws MobileConnectError `discovery_failed`, or `misconfigured` when the service does not know this app. */
export async function ask(
  service: GsmaService,
  question: DiscoveryQuestion,
  call: DiscoveryCall,
): Promise<ServiceAnswer> {
  const answer = readAnswer(await send(service, question, call))
  switch (answer.kind) {
    case 'refused':
      throw appRefused(answer.said)
    case 'unusable':
      throw failed('The discovery service gave an answer that cannot be used.', new Error(answer.said))
    case 'select':
      return { ...answer, url: selectionPage(answer.url) }
    case 'found':
      return checkEcho(answer, question)
    case 'unknown':
      return answer
  }
}

async function send(service: GsmaService, question: DiscoveryQuestion, call: DiscoveryCall): Promise<HttpAnswer> {
  const { url, init } = discoveryRequest(service, question)
  try {
    return await exchange(call, url, init)
  } catch (error) {
    throw failed('The discovery service cannot be asked at the moment.', bareError(error))
  }
}

/** Checked, because the user types their number into that page. */
function selectionPage(href: string): string {
  try {
    return allowedUrl('The operator-selection page', href).href
  } catch {
    throw failed(
      'The discovery service named an operator-selection page that no person should be sent to.',
      new Error(`It named ${addressForLog(href)}`),
    )
  }
}

/** The service repeats the `correlation_id` of the question. Another one belongs to another user's question. */
function checkEcho<A extends ServiceAnswer & { kind: 'found' }>(answer: A, { correlationId }: DiscoveryQuestion): A {
  const echo = answer.correlationId
  if (correlationId === undefined || echo === undefined || echo === correlationId) return answer
  throw failed(
    'The discovery service answered another question than ours.',
    new Error(`Its correlation_id is ${sanitized(echo)}`),
  )
}

const appRefused = (said: string) => new MobileConnectError(
  'misconfigured',
  'The discovery service does not accept clientId and clientSecret of gsmaDiscovery.',
  { cause: new Error(said) },
)

const failed = (message: string, cause: Error) => new MobileConnectError('discovery_failed', message, { cause })
