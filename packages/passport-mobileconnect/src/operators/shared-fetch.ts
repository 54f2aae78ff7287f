import type { Fetch } from './bounded-fetch.js'

/** Milliseconds for which an answer is good for those who ask the same: an operator's keys are asked for once, however many log in at once. */
const SHARED_FOR = 10_000

interface Answer { readonly status: number, readonly headers: Headers, readonly body: ArrayBuffer }

/**
 * The same `fetch`, asking once for all who want the same at the same time, and for those shortly after. Only for what is the same for
 * everybody: requests without credentials that read.
 */
export function sharedFetch(fetch: Fetch, isShared: (url: string) => boolean, now: () => number): Fetch {
  const pending = new Map<string, { readonly answer: Promise<Answer>, at: number }>()
  const ask = async (url: string, init?: RequestInit): Promise<Answer> => {
    const response = await fetch(url, init)
    return { status: response.status, headers: response.headers, body: await response.arrayBuffer() }
  }
  return async (input, init) => {
    const url = typeof input === 'string' ? input : 'url' in input ? input.url : input.href
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

const response = ({ status, headers, body }: Answer): Response => new Response(body.byteLength === 0 ? null : body, { status, headers })
