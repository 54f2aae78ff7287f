/** What came back, its body bounded. */
export interface HttpAnswer {
  readonly status: number
  readonly location: string | undefined
  readonly body: string
}

const most = 256 * 1024

/** One request. A redirect is an answer, not a way to go on: what it would lead to is not what was checked. */
export async function exchange(fetch: typeof globalThis.fetch, url: string, init: RequestInit): Promise<HttpAnswer> {
  const response = await fetch(url, { ...init, redirect: 'manual' })
  return { status: response.status, location: response.headers.get('location') ?? undefined, body: await bodyOf(response) }
}

async function bodyOf({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
    chunks.push(chunk)
    size += chunk.byteLength
    if (size > most) throw new Error(`The answer is longer than ${most} bytes.`)
  }
  return Buffer.concat(chunks).toString()
}

/** The members of a JSON object; `undefined` for everything else. */
export function readObject(body: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return objectOf(JSON.parse(body))
  } catch {
    return undefined
  }
}

export const objectOf = (value: unknown): Readonly<Record<string, unknown>> | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? value as Readonly<Record<string, unknown>> : undefined

export const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value.trim() !== '' ? value : undefined)
