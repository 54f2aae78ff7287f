/** Keeps the host of a function from stopping it before the promise has settled. */
export type WaitUntil = (promise: Promise<unknown>) => void

interface RequestContext {
  readonly waitUntil?: unknown
}

interface Platform {
  readonly Netlify?: { readonly context?: RequestContext | null }
  readonly [name: symbol]: { readonly get?: () => RequestContext | undefined } | undefined
}

/** Where Next.js and Vercel keep what belongs to the request that is being answered. */
const ofRequest = [Symbol.for('@next/request-context'), Symbol.for('@vercel/request-context')]

/** The platform's own, where it has one. */
function ofPlatform(): WaitUntil | undefined {
  const platform = globalThis as unknown as Platform
  const contexts = [...ofRequest.map((name) => platform[name]?.get?.()), platform.Netlify?.context]
  const context = contexts.find((one) => typeof one?.waitUntil === 'function')
  return context ? (promise) => { (context as { waitUntil: WaitUntil }).waitUntil(promise) } : undefined
}

/**
 * Hands on what goes on after the response.
 * @param promise never rejects.
 */
export function tellToWait({ waitUntil }: { readonly waitUntil: WaitUntil | undefined }, promise: Promise<unknown>): void {
  try {
    (waitUntil ?? ofPlatform())?.(promise)
  } catch (error) {
    // A login does not fail because nobody can wait for what follows it.
    process.emitWarning(`multistep: waitUntil failed with ${error instanceof Error ? error.name : typeof error}.`)
  }
}
