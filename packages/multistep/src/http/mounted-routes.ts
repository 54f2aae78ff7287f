import type { Handler, Request } from './request.js'

/** The handlers of this package that take part in logging in and out, wherever an app has mounted them. */
const handlers = new WeakSet<object>()

/** The routers among them, which show a login's pages, and whose each is. */
const routers = new WeakMap<object, object>()

/** The handlers among them that are no page: they take a step, or end a login. */
const acting = new WeakSet<object>()

export function ownRoute(handler: Handler): Handler {
  handlers.add(handler)
  return handler
}

/** @param policy what the router is of: an app may have several logins. */
export function ownRouter(handler: Handler, policy: object): Handler {
  routers.set(handler, policy)
  return ownRoute(handler)
}

export function isAct(handler: Handler): Handler {
  acting.add(handler)
  return handler
}

/**
 * As much of Express' router as tells what is mounted where. It is alike in Express 4 and 5, and documented in neither.
 */
interface Layer {
  readonly handle?: { readonly stack?: readonly Layer[], readonly name?: string }
  readonly route?: { readonly methods?: Readonly<Record<string, boolean>>, readonly stack?: readonly Layer[] }
  readonly method?: string
  readonly path?: string
  /** Says whether it matches, and keeps what was matched in `path`; later versions return what was matched. */
  match?(path: string): boolean | { readonly path?: string } | null | undefined
}

interface App {
  readonly parent?: App
  /** Of Express 4, whose `router` throws. */
  readonly _router?: { readonly stack?: readonly Layer[] }
  readonly router?: { readonly stack?: readonly Layer[] }
}

const appOf = (req: Request): App | undefined => (req as { app?: App }).app

const stackOf = (app: App | undefined): readonly Layer[] => (app?._router ?? app?.router)?.stack ?? []

const rootOf = (app: App | undefined): App | undefined => (app?.parent ? rootOf(app.parent) : app)

interface MetLayer {
  readonly layer: Layer
  /** The part of the path that it is mounted at. */
  readonly mount: string
}

/** Every layer that a request for this path meets, the layers of routers within routers included. */
function* met(layers: readonly Layer[], path: string): Generator<MetLayer> {
  for (const layer of layers) {
    const matched = layer.match?.(path)
    if (!matched) continue
    const mount = (matched === true ? layer.path : matched.path) ?? ''
    yield { layer, mount }
    if (!layer.route && layer.handle?.stack) yield* met(layer.handle.stack, below(path, mount))
  }
}

/** Every layer, the layers of routers within routers included. */
function* all(layers: readonly Layer[]): Generator<Layer> {
  for (const layer of layers) {
    yield layer
    if (!layer.route && layer.handle?.stack) yield* all(layer.handle.stack)
  }
}

/** What is left of a path behind a mount. */
function below(path: string, mount: string): string {
  const rest = path.slice(mount.replace(/\/$/, '').length)
  return rest.startsWith('/') ? rest : `/${rest}`
}

/** Routes of another kind than Express' say nothing. */
function ask(question: () => boolean): boolean {
  try {
    return question()
  } catch {
    return false
  }
}

interface Paths {
  readonly loginPath: string
  readonly factors: { readonly names: readonly string[], get(name: string): { readonly page: string | undefined } }
}

/**
 * Whether a request is for the login itself: a page below `loginPath` or of a factor, or a route with one of our
 * handlers.
 */
export function leadsToLogin(req: Request, { loginPath, factors }: Paths): boolean {
  const pages = [loginPath, ...factors.names.map((name) => factors.get(name).page)]
  return pages.some((page) => page !== undefined && isBelow(req, page)) ||
    ask(() => leadsToOwn(stackOf(appOf(req)), pathOf(req)))
}

function leadsToOwn(layers: readonly Layer[], path: string): boolean {
  for (const { layer } of met(layers, path)) {
    const handles = layer.route ? (layer.route.stack ?? []).map(({ handle }) => handle) : [layer.handle]
    if (handles.some((handle) => handle !== undefined && handlers.has(handle))) return true
  }
  return false
}

/**
 * Whether the app has mounted the router of this policy, and not where `loginPath` leads, nor anything else there. What
 * answers under every path, such as a folder of files, cannot be seen.
 */
export const isRouterElsewhere = (req: Request, policy: object, loginPath: string): boolean =>
  ask(() => {
    const layers = stackOf(rootOf(appOf(req)))
    const isMounted = [...all(layers)].some(({ handle }) => handle !== undefined && routers.get(handle) === policy)
    return isMounted && ![...met(layers, loginPath)].some(mayAnswer)
  })

/** A route, what is mounted at the path itself, and an app within the app, whose routes cannot be seen. */
const mayAnswer = ({ layer: { route, handle }, mount }: MetLayer): boolean =>
  route !== undefined || mount.replace(/\/$/, '') !== '' || handle?.name === 'mounted_app'

/** Whether a request is for this path, or for one below it; in any case, as Express routes. */
export function isBelow(req: Request, place: string): boolean {
  const path = pathOf(req).toLowerCase()
  const page = place.toLowerCase()
  return path === page || path.startsWith(`${page}/`)
}

const pathOf = (req: Request): string => (req.originalUrl ?? req.url ?? '/').split('?', 1)[0] ?? '/'

/**
 * Whether a `GET` of this path leads to a handler of ours that takes a step or ends a login, or to routes that all take
 * other methods.
 */
export const leadsToAct = (req: Request, path: string): boolean =>
  ask(() => {
    const { acts, pages, others } = routesOnGet(req, path)
    return acts || (others && !pages)
  })

/** Whether a route of the app shows a page under this path, for all that can be known of it. */
export const hasPage = (req: Request, path: string): boolean =>
  ask(() => {
    const { acts, pages } = routesOnGet(req, path)
    return pages && !acts
  })

/** What a `GET` of this path meets: handlers of ours that act, routes that take it, and routes that do not. */
function routesOnGet(req: Request, path: string): { acts: boolean, pages: boolean, others: boolean } {
  const found = { acts: false, pages: false, others: false }
  const { pathname } = new URL(path, 'http://local.invalid')
  for (const { layer: { route, handle } } of met(stackOf(rootOf(appOf(req))), pathname)) {
    if (!route) found.acts ||= handle !== undefined && acting.has(handle)
    if (!route) continue
    const { methods = {}, stack = [] } = route
    const takesGet = methods._all === true || methods.get === true
    if (takesGet) found.pages = true
    else found.others = true
    const answering = takesGet ? stack.filter(({ method }) => method === undefined || method === 'get') : []
    found.acts ||= answering.some((one) => one.handle !== undefined && acting.has(one.handle))
  }
  return found
}
