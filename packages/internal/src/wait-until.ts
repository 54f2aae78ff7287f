/** Keeps the host of a function from stopping it before the promise has settled. */
export type WaitUntil = (promise: Promise<unknown>) => void

interface RequestContext {
  readonly waitUntil?: unknown
}

interface Platform {
  readonly Netlify?: { readonly context?: RequestContext | null }
  readonly [name: symbol]: { readonly get?: () => RequestContext | undefined } | undefined
}

/**
 * Where Next.js and Vercel keep what belongs to the request that is being answered. `@vercel/functions` reads them,
 * too.
 */
const ofRequest = [Symbol.for('@next/request-context'), Symbol.for('@vercel/request-context')]

/** The platform's own `waitUntil` for the request that is being answered, where there is one. */
function ofPlatform(): WaitUntil | undefined {
  const platform = globalThis as unknown as Platform
  const places = [...ofRequest.map((name) => () => platform[name]?.get?.()), () => platform.Netlify?.context]
  const context = places.map(askSafely).find((one) => typeof one?.waitUntil === 'function')
  return context ? (promise) => { (context as { waitUntil: WaitUntil }).waitUntil(promise) } : undefined
}

/** Outside of a request a platform may throw: then it waits for nothing. */
function askSafely(place: () => RequestContext | null | undefined): RequestContext | null | undefined {
  try {
    return place()
  } catch {
    return undefined
  }
}

interface Host {
  /**
   * The app's own function.
   * @default the platform's
   */
  readonly waitUntil: WaitUntil | undefined
}

/** Whether the host waits for what goes on after a response. */
export const canWait = ({ waitUntil }: Host): boolean => (waitUntil ?? ofPlatform()) !== undefined

/**
 * Hands on what goes on after the response. Never throws: neither a login nor a text fails because the host does not
 * wait: what its `waitUntil` throws is a warning.
 * @param promise never rejects.
 */
export function tellToWait({ waitUntil }: Host, promise: Promise<unknown>): void {
  const warn = (error: unknown) =>
    process.emitWarning(`waitUntil failed with ${error instanceof Error ? error.name : typeof error}.`)
  try {
    const answer: unknown = (waitUntil ?? ofPlatform())?.(promise)
    // An async function fails later.
    Promise.resolve(answer).catch(warn)
  } catch (error) {
    warn(error)
  }
}
