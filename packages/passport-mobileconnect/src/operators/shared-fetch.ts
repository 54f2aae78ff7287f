import type { Fetch } from '#internal/bounded-fetch'

/** Milliseconds for which an answer is shared. Many logins at once then ask for an operator's keys once. */
const SHARED_FOR = 10_000

interface Answer { readonly status: number, readonly headers: Headers, readonly body: ArrayBuffer }

/**
 * A `fetch` that shares one answer among all callers of an address, at the same time and shortly after.
 * It is only for answers that are the same for all users: GET requests without credentials.
 */
export function sharedFetch(fetch: Fetch, isShared: (url: string) => boolean, now: () => number): Fetch {
  const pending = new Map<string, { readonly answer: Promise<Answer>, at: number }>()
  const ask = async (url: string, init?: RequestInit): Promise<Answer> => {
    const response = await fetch(url, init)
    return { status: response.status, headers: response.headers, body: await response.arrayBuffer() }
  }
  return async (input, init) => {
    const url = input instanceof Request ? input.url : String(input)
    if ((init?.method ?? 'GET') !== 'GET' || !isShared(url)) return fetch(input, init)
    const known = pending.get(url)
    if (known && now() < known.at + SHARED_FOR) return response(await known.answer)
    const asked = { answer: ask(url, init), at: Infinity }
    pending.set(url, asked)
    try {
      const answer = await asked.answer
      if (answer.status === 200) asked.at = now()
      else pending.delete(url)
      return response(answer)
    } catch (error) {
      pending.delete(url)
      throw error
    }
  }
}

const response = ({ status, headers, body }: Answer): Response =>
  new Response(body.byteLength === 0 ? null : body, { status, headers })
