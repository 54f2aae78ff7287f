import type { Request } from 'express'

/**
 * Whether a login begins at a page of this app. A link or a form of another site could log its visitor in as the owner
 * of another phone, or ring a phone.
 * `Sec-Fetch-Site` decides, then `Origin`. A request with neither may be a link from another site when it is a GET,
 * unless it carries JSON: a browser sends that to another origin only after it has asked (CORS).
 */
export function isSameOrigin({ method, protocol, headers }: Request, origins: readonly string[]): boolean {
  const { origin, host, 'sec-fetch-site': site, 'content-type': type } = headers
  if (origin !== undefined && origins.includes(origin)) return true
  if (site !== undefined) return site === 'same-origin' || site === 'none'
  if (origin !== undefined) return origin === `${protocol}://${host}`
  return method === 'POST' || /^application\/json\s*(;|$)/i.test(type ?? '')
}
