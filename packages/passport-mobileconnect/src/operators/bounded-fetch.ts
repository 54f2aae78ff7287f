import { withDeadline } from '#internal/deadline'

/** Of one answer: metadata and key sets are some kilobytes, and nobody upstream may fill this server's memory. */
const MAX_BYTES = 1024 * 1024

export type Fetch = typeof globalThis.fetch

/**
 * The same `fetch`, with an end: within `timeout` milliseconds, body included, and of a bounded size. It follows no redirect, for the
 * address asked for is the one that was allowed.
 */
export const boundedFetch = (fetch: Fetch, timeout: number): Fetch => async (url, init) => withDeadline(timeout, async (signal) => {
  const response = await fetch(url, { ...init, redirect: 'manual', signal })
  const body = await readAtMost(response, MAX_BYTES)
  return new Response(body.byteLength === 0 ? null : body, { status: response.status, statusText: response.statusText, headers: response.headers })
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
