import type { Request } from 'express'

/**
 * Whether a login begins at a page of this app: a link or a form of another site would log its visitor in as whoever answers the phone, or ring
 * a phone. What the browser says of itself decides (`Sec-Fetch-Site`, then `Origin`). Where it says nothing, a GET may be a link from anywhere,
 * unless it carries JSON, which no page of another site can send without being asked about (CORS).
 */
export function isSameOrigin({ method, protocol, headers }: Request, origins: readonly string[]): boolean {
  const { origin, host, 'sec-fetch-site': site, 'content-type': type } = headers
  if (origin !== undefined && origins.includes(origin)) return true
  if (site !== undefined) return site === 'same-origin' || site === 'none'
  if (origin !== undefined) return origin === `${protocol}://${host}`
  return method === 'POST' || /^application\/json\s*(;|$)/i.test(type ?? '')
}
