import { isSpeculative } from '#internal/speculative-request'
import type { Request } from './request.js'

const header = (req: Request, name: string): string | undefined => {
  const value = req.headers[name]
  return typeof value === 'string' ? value.toLowerCase() : undefined
}

/**
 * The person goes to this page: a `GET` that loads a document into a window (Fetch Metadata, `Sec-Fetch-Dest`), and not
 * a frame, a picture, a script's request, or something fetched ahead. The destination alone tells: browsers send
 * `document` with navigations only. Who does not name it is believed: a browser that knows these headers sends all of
 * them, and a program may send the mode alone.
 */
export function isNavigation(req: Request): boolean {
  if (req.method !== 'GET' || isSpeculative(req)) return false
  const dest = header(req, 'sec-fetch-dest')
  return dest === undefined || dest === 'document'
}

/**
 * A page of this app asks, or the person themselves, or a program. What another site's page makes a browser send is
 * none of these.
 */
export function comesFromHere(req: Request, origins: ReadonlySet<string>): boolean {
  const [site, { origin, host }] = [header(req, 'sec-fetch-site'), req.headers]
  if (origin !== undefined && origins.has(origin)) return true
  if (site !== undefined) return site === 'same-origin' || site === 'none'
  return origin === undefined || (URL.canParse(origin) && new URL(origin).host === host?.toLowerCase())
}
