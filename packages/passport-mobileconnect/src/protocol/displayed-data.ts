import type { OperatorMetadata } from '../operators/operator-options.js'
import { isPushed, type Pushing } from './pushed-request.js'

/** What the phone was asked to show, and whether the request could have been changed on its way. */
export interface RequestedDisplay {
  /** The details as a text. */
  readonly text: string
  /** Whole texts that an operator may tell as `displayed_data`. */
  readonly wholes: readonly string[]
  /** No browser could change it: it went by a back channel, or signed to an operator that takes nothing else. */
  readonly isProven: boolean
}

interface DisplayParameters {
  readonly context?: string | undefined
  readonly bindingMessage?: string | undefined
}

/** What is said of an operator; or by the strategy, of operators that discovery will find. */
interface Declared extends Pushing {
  readonly requestObject?: unknown
  readonly signedRequestsOnly?: boolean | undefined
  readonly displayedData?: boolean | undefined
  readonly metadata?: URL | OperatorMetadata | undefined
}

/** Whether the operator was asked to show nothing at all (`prompt=none`, OpenID Connect Core §3.1.2.1). */
export const isSilent = ({ prompt }: { readonly prompt?: string | undefined }): boolean => prompt?.split(' ').includes('none') === true

export const requestedDisplay = (text: string, { context = '', bindingMessage = '' }: DisplayParameters, isProven: boolean): RequestedDisplay =>
  ({ text, wholes: [context, bindingMessage, `${context} ${bindingMessage}`], isProven })

/** Whether the browser that carries a request to this operator can not change what it asks. */
export function isRequestProven(declared: Declared, metadata: OperatorMetadata): boolean {
  const signedOnly = declared.signedRequestsOnly === true || metadata.require_signed_request_object === true
  return isPushed(declared, metadata) || (declared.requestObject !== undefined && signedOnly)
}

/** Whether it is certain, before anything is asked, that what the phone shows will be proven. */
export function isDeclaredProven(declared: Declared): boolean {
  const { pushedAuthorizationRequests, displayedData, requestObject, signedRequestsOnly, metadata } = declared
  if (pushedAuthorizationRequests === true || displayedData === true) return true
  if (requestObject !== undefined && signedRequestsOnly === true) return true
  return metadata !== undefined && !(metadata instanceof URL) && isRequestProven(declared, metadata)
}

/**
 * Whether it is certain that the person saw what they confirm. What the operator says that it displayed counts when it is the very text: who
 * changed the request could have put anything around it. Without a word of the operator, the request itself must be proven.
 */
export function isShown({ text, wholes, isProven }: RequestedDisplay, displayed: unknown): boolean {
  if (displayed === undefined) return isProven
  if (typeof displayed !== 'string') return false
  return isProven ? displayed.includes(text) : wholes.some((whole) => whole === displayed && whole.includes(text))
}
