/** Keeps the host of a function from stopping it before the promise has settled. */
export type WaitUntil = (promise: Promise<unknown>) => void

interface RequestContext {
  readonly waitUntil?: unknown
}

interface Platform {
  readonly Netlify?: { readonly context?: RequestContext | null }
  readonly [name: symbol]: { readonly get?: () => RequestContext | undefined } | undefined
}

/** Those of Next.js and Vercel, which `@vercel/functions` reads, too. */
const CONTEXTS = [Symbol.for('@next/request-context'), Symbol.for('@vercel/request-context')]

/** That of the platform, for the request that is being answered. */
function ofPlatform(): WaitUntil | undefined {
  const platform = globalThis as unknown as Platform
  const places = [...CONTEXTS.map((name) => () => platform[name]?.get?.()), () => platform.Netlify?.context]
  const context = places.map(askedSafely).find((each) => typeof each?.waitUntil === 'function')
  return context ? (promise) => { (context as { waitUntil: WaitUntil }).waitUntil(promise) } : undefined
}

/** Outside of a request a platform may throw: then there is nobody who waits. */
function askedSafely(place: () => RequestContext | null | undefined): RequestContext | null | undefined {
  try {
    return place()
  } catch {
    return undefined
  }
}

interface Waiting {
  readonly waitUntil: WaitUntil | undefined
}

/** Whether somebody waits for what happens after a response. */
export const canWait = ({ waitUntil }: Waiting): boolean => (waitUntil ?? ofPlatform()) !== undefined

/** Never throws: a text must not fail because nobody can wait for it. */
export function tellToWait({ waitUntil }: Waiting, promise: Promise<unknown>): void {
  try {
    const answer: unknown = (waitUntil ?? ofPlatform())?.(promise)
    // One that is async fails later.
    Promise.resolve(answer).catch(warn)
  } catch (error) {
    warn(error)
  }
}

const warn = (error: unknown): void => process.emitWarning(`waitUntil failed: ${error instanceof Error ? error.name : typeof error}`, 'SmsOtpWarning')
