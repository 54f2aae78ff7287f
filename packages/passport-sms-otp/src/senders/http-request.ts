/** What this package uses of `fetch`. Another one may go through a proxy. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>

export interface HttpAnswer {
  readonly status: number
  /** At most the first 64 KiB. */
  readonly body: string
}

const MOST_BYTES = 64 * 1024

/**
 * One request, never repeated. A redirect is an answer, not a way to go on: what it would be sent to is not what was
 * configured.
 */
export async function request(fetch: Fetch, url: string, init: RequestInit): Promise<HttpAnswer> {
  const response = await fetch(url, { ...init, redirect: 'manual' })
  return { status: response.status, body: await beginningOf(response) }
}

async function beginningOf({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
    chunks.push(chunk)
    size += chunk.byteLength
    if (size >= MOST_BYTES) break
  }
  return Buffer.concat(chunks).subarray(0, MOST_BYTES).toString()
}

/** The members of a JSON answer. One that is no object has none. */
export function parseObject(body: string): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(body)) as Record<string, unknown>
  } catch {
    return {}
  }
}
