import { AppError } from '../errors.js'

/** What an operator asks on somebody's phone. */
export interface Prompt {
  readonly id: string
  readonly msisdn: string
  readonly operator: string
  readonly bindingMessage: string | null
  /** Level of assurance: from 3 on the PIN is needed. */
  readonly loa: number
}

/** The phones of the simulated operators' subscribers. */
export interface Prompts {
  /** What waits for an answer, oldest first: of one number, or of all. @throws AppError 503 */
  list(msisdn?: string): Promise<Prompt[]>
  /** @throws AppError */
  answer(id: string, answer: 'approve' | 'deny', pin?: string): Promise<void>
}

export const noPrompts: Prompts = {
  list: async () => [],
  answer: async () => { throw new AppError(404, 'prompt_unknown', 'There is no such prompt.') },
}

/** Over HTTP, because the simulator may be that of another process. */
export function promptsAt(url: string): Prompts {
  const ask = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const headers = { Accept: 'application/json', 'Content-Type': 'application/json' }
    const response = await fetch(`${url}/handsets/prompts${path}`, {
      ...init,
      headers,
      signal: AbortSignal.timeout(2000),
    }).catch((cause: unknown) => {
      throw new AppError(
        503,
        'operators_unavailable',
        'The simulated operators do not answer. Try again in a moment.',
        { cause },
      )
    })
    if (response.ok) return response
    const { code = 'prompt_unknown', message = 'There is no such prompt.' } = (await response
      .json()
      .catch(() => ({}))) as { code?: string, message?: string }
    throw new AppError(response.status, code, sentences[code] ?? message)
  }
  return {
    list: async (msisdn = '') => {
      const prompts = await (await ask(`?${new URLSearchParams({ msisdn }).toString()}`)).json() as Prompt[]
      return prompts.map(({ id, operator, bindingMessage, loa, ...prompt }) => ({
        id,
        msisdn: prompt.msisdn,
        operator,
        bindingMessage,
        loa,
      }))
    },
    answer: async (id, answer, pin) => {
      await ask(`/${encodeURIComponent(id)}/${answer}`, { method: 'POST', body: JSON.stringify({ pin }) })
    },
  }
}

/** For the person with the handset; the simulator speaks to whoever writes tests. */
const sentences: Readonly<Record<string, string>> = { pin_missing: 'This one needs the PIN.' }
