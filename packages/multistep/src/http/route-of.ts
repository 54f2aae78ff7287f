import type { Request } from './request.js'

interface Routed {
  readonly baseUrl?: unknown
  readonly route?: { readonly path?: unknown }
}

/**
 * The route that a request has reached, such as `POST /reset/:token`, for messages to the programmer: never a query,
 * and a pattern where there is one. Before a route is reached a path may hold a secret, as the path of a link by mail
 * does: then only where it begins is told.
 */
export function routeOf(req: Request): string {
  const { baseUrl, route } = req as Routed
  const mount = typeof baseUrl === 'string' ? baseUrl : ''
  const path = (req.originalUrl ?? req.url ?? '/').split('?', 1)[0]?.replace(/^(\/[^/]*)\/.+$/, '$1/…') ?? '/'
  return `${req.method ?? 'GET'} ${patternOf(route?.path, mount) ?? path}`
}

/** Express takes texts, expressions and lists of these. */
function patternOf(path: unknown, mount: string): string | undefined {
  if (typeof path === 'string' || path instanceof RegExp) return mount + String(path)
  return Array.isArray(path) ? patternOf(path.map(String).join('|'), mount) : undefined
}
