import { withDeadline } from './deadline.js'

/** The longest answer. Metadata and key sets have some kilobytes; a longer answer could fill this server's memory. */
const MAX_BYTES = 1024 * 1024

export type Fetch = typeof globalThis.fetch

/**
 * A `fetch` that ends within `timeout` milliseconds, body included, or by the signal of its caller. It reads a bounded
 * body.
 * It follows no redirect, because only the first address was checked.
 */
export const boundedFetch = (fetch: Fetch, timeout: number): Fetch => (url, init) =>
  withDeadline(timeout, async (signal) => {
    const stops = init?.signal ? AbortSignal.any([init.signal, signal]) : signal
    const response = await fetch(url, { ...init, redirect: 'manual', signal: stops })
    const { status, statusText, headers } = response
    const body = await readAtMost(response, MAX_BYTES)
    return new Response(body.byteLength === 0 ? null : body, { status, statusText, headers })
  })

async function readAtMost(response: Response, most: number): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength
    if (size > most) throw new Error(`The answer is longer than ${most} bytes.`)
    chunks.push(chunk)
  }
  const body = new Uint8Array(size)
  let at = 0
  for (const chunk of chunks) {
    body.set(chunk, at)
    at += chunk.byteLength
  }
  return body
}
