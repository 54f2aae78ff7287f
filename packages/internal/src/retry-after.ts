import type { Request } from 'express'

/** Whole seconds, at least one, for `Retry-After` (RFC 9110 §10.2.3). */
export const wholeSeconds = (milliseconds: number): number => Math.max(1, Math.ceil(milliseconds / 1000))

/** Tells the browser when another try makes sense, where the failure knows it. */
export function tellRetryAfter({ res }: Request, { retryAfter }: { readonly retryAfter?: number }): void {
  if (retryAfter !== undefined) res?.setHeader('Retry-After', String(retryAfter))
}
