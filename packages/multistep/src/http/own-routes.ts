import type { Handler, Request } from './request.js'

/** The handlers of this package that take part in logging in and out, wherever an app has mounted them. */
const handlers = new WeakSet<object>()

export function ownRoute(handler: Handler): Handler {
  handlers.add(handler)
  return handler
}

interface Layer {
  /** Of later versions, what was matched; of earlier ones `true`, and it stands in `path`. */
  match?: (path: string) => boolean | { readonly path?: string }
  readonly path?: string
  readonly handle?: object & { readonly stack?: readonly Layer[] }
  readonly route?: { readonly stack?: readonly { readonly handle?: object }[] }
}

interface App {
  /** Of Express 4, whose `router` throws. */
  readonly _router?: { readonly stack?: readonly Layer[] }
  readonly router?: { readonly stack?: readonly Layer[] }
}

interface Paths {
  readonly loginPath: string
  readonly factors: { readonly names: readonly string[], get(name: string): { readonly page: string | undefined } }
}

/** Whether a request is for the login itself: a page below `loginPath` or of a factor, or a route with one of our handlers. */
export function leadsToLogin(req: Request, { loginPath, factors }: Paths): boolean {
  const pages = [loginPath, ...factors.names.map((name) => factors.get(name).page)]
  return pages.some((page) => page !== undefined && isBelow(req, page)) || routed((req as { app?: App }).app, pathOf(req))
}

/** Whether a request is for this path, or for one below it; in any case, as Express routes. */
export function isBelow(req: Request, place: string): boolean {
  const [path, page] = [pathOf(req).toLowerCase(), place.toLowerCase()]
  return path === page || path.startsWith(`${page}/`)
}

const pathOf = (req: Request): string => (req.originalUrl ?? req.url ?? '/').split('?', 1)[0] ?? '/'

function routed(app: App | undefined, path: string): boolean {
  try {
    const stack = (app?._router ?? app?.router)?.stack ?? []
    return leads(stack, path)
  } catch {
    // Not the Express that we know.
    return false
  }
}

const leads = (stack: readonly Layer[], path: string): boolean => stack.some((layer) => {
  const matched = layer.match?.(path) ?? false
  if (matched === false) return false
  if (layer.route) return (layer.route.stack ?? []).some(({ handle }) => handle !== undefined && handlers.has(handle))
  if (layer.handle === undefined) return false
  const { path: prefix = '' } = matched === true ? layer : matched
  return handlers.has(layer.handle) || leads(layer.handle.stack ?? [], path.slice(prefix.length) || '/')
})
