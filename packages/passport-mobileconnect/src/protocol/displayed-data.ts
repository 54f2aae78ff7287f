import type { OperatorMetadata } from '../operators/operator-options.js'
import { isPushed, type PushOptions } from './pushed-request.js'

/** What the phone was asked to show, and whether a browser could have changed the request. */
export interface RequestedDisplay {
  /** The details as a text. */
  readonly text: string
  /** The whole texts that an operator may send back as `displayed_data`. */
  readonly wholes: readonly string[]
  /** No browser could change it: it went by a back channel, or was signed for an operator that takes nothing else. */
  readonly isProven: boolean
}

interface DisplayParameters {
  readonly context?: string | undefined
  readonly bindingMessage?: string | undefined
}

/** Options of an operator, or of the strategy for the operators that discovery will find. */
interface Declared extends PushOptions {
  readonly requestObject?: unknown
  readonly signedRequestsOnly?: boolean | undefined
  readonly displayedData?: boolean | undefined
  readonly metadata?: URL | OperatorMetadata | undefined
}

/** Whether the operator was asked to show nothing (`prompt=none`, OpenID Connect Core §3.1.2.1). */
export const isSilent = ({ prompt }: { readonly prompt?: string | undefined }): boolean =>
  prompt?.split(' ').includes('none') === true

export function requestedDisplay(text: string, parameters: DisplayParameters, isProven: boolean): RequestedDisplay {
  const { context = '', bindingMessage = '' } = parameters
  return { text, wholes: [context, bindingMessage, `${context} ${bindingMessage}`], isProven }
}

/** Whether the browser that carries a request to this operator cannot change it. */
export function isRequestProven(declared: Declared, metadata: OperatorMetadata): boolean {
  const signedOnly = declared.signedRequestsOnly === true || metadata.require_signed_request_object === true
  return isPushed(declared, metadata) || (declared.requestObject !== undefined && signedOnly)
}

/** Whether the options alone tell that the phone will show the details. */
export function isDeclaredProven(declared: Declared): boolean {
  const { pushedAuthorizationRequests, displayedData, requestObject, signedRequestsOnly, metadata } = declared
  if (pushedAuthorizationRequests === true || displayedData === true) return true
  if (requestObject !== undefined && signedRequestsOnly === true) return true
  return metadata !== undefined && !(metadata instanceof URL) && isRequestProven(declared, metadata)
}

/**
 * Whether it is proven that the phone showed the details.
 * When the operator does not say what it displayed, no browser must have been able to change the request.
 * When a browser could change the request, `displayed_data` must be one of the whole texts: an attacker could have put
 * other words around the details.
 */
export function isShown({ text, wholes, isProven }: RequestedDisplay, displayed: unknown): boolean {
  if (displayed === undefined) return isProven
  if (typeof displayed !== 'string') return false
  return isProven ? displayed.includes(text) : wholes.some((whole) => whole === displayed && whole.includes(text))
}
