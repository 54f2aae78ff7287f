import { AppError } from '../errors.js'
import { askSimulator } from './ask-simulator.js'

/** What an operator asks on a person's phone. */
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

export const promptsAt = (url: string): Prompts => ({
  list: async (msisdn = '') => {
    const prompts = await (await askSimulator(url, `/prompts?${new URLSearchParams({ msisdn }).toString()}`)).json() as Prompt[]
    return prompts.map(({ id, operator, bindingMessage, loa, ...prompt }) => ({
      id,
      msisdn: prompt.msisdn,
      operator,
      bindingMessage,
      loa,
    }))
  },
  answer: async (id, answer, pin) => {
    await askSimulator(url, `/prompts/${encodeURIComponent(id)}/${answer}`, { pin })
  },
})
