import type { Handler, Request } from './request.js'

/** Handlers that are no page: they take a step, or end a login. */
const acting = new WeakSet<object>()

export function isAct(handler: Handler): Handler {
  acting.add(handler)
  return handler
}

/** As much of Express' router as tells what is mounted where: alike in Express 4 and 5, though written down in neither. */
interface Layer {
  readonly handle?: { readonly stack?: readonly Layer[] }
  readonly route?: { readonly methods?: Readonly<Record<string, boolean>>, readonly stack?: readonly Layer[] }
  readonly method?: string
  readonly path?: string
  /** Says whether, and keeps what was matched in `path`; of late says what. */
  match?(path: string): boolean | { readonly path?: string } | null | undefined
}

interface App { readonly parent?: App, readonly _router?: { readonly stack?: readonly Layer[] }, readonly router?: { readonly stack?: readonly Layer[] } }

/** What a `GET` of a path meets, as far as the app's routes tell. */
interface Met { acts: boolean, pages: boolean, others: boolean }

/** Whether a `GET` of this path leads to a handler of ours that takes a step or ends a login, or to routes that all take other methods. */
export function leadsToAct(req: Request, path: string): boolean {
  const met: Met = { acts: false, pages: false, others: false }
  try {
    const { pathname } = new URL(path, 'http://local.invalid')
    look(rootStack((req as { app?: App }).app), pathname, met)
  } catch {
    // Routes of another kind say nothing.
    return false
  }
  return met.acts || (met.others && !met.pages)
}

function rootStack(app: App | undefined): readonly Layer[] {
  if (!app) return []
  return app.parent ? rootStack(app.parent) : (app._router ?? app.router)?.stack ?? []
}

function look(layers: readonly Layer[], path: string, met: Met): void {
  for (const layer of layers) {
    const matched = layer.match?.(path)
    if (!matched) continue
    const mount = (matched === true ? layer.path : matched.path) ?? ''
    const { route, handle } = layer
    if (route) lookAtRoute(route, met)
    else if (handle?.stack) look(handle.stack, below(path, mount), met)
    else if (handle && acting.has(handle)) met.acts = true
  }
}

function lookAtRoute({ methods = {}, stack = [] }: NonNullable<Layer['route']>, met: Met): void {
  if (methods._all !== true && methods.get !== true) {
    met.others = true
    return
  }
  met.pages = true
  const answering = stack.filter(({ method }) => method === undefined || method === 'get')
  if (answering.some(({ handle }) => handle && acting.has(handle))) met.acts = true
}

/** What is left of a path behind a mount. */
const below = (path: string, mount: string): string => {
  const rest = path.slice(mount.replace(/\/$/, '').length)
  return rest.startsWith('/') ? rest : `/${rest}`
}
