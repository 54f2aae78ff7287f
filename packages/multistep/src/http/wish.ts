import type { Request } from './request.js'

/** Whether a post wishes for what the box of this name offers. */
export function isWishOf({ method, body }: Request, name: string): boolean {
  const wish: unknown = (body as Record<string, unknown> | undefined)?.[name]
  return method === 'POST' && (wish === true || (typeof wish === 'string' && ['on', 'true', '1', 'yes'].includes(wish.toLowerCase())))
}
