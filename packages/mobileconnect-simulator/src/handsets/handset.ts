import { milliseconds } from '#internal/duration'
import { SimulatorError } from '../errors.js'
import { digitsOf } from '../msisdn.js'
import type { Handsets } from './handsets.js'
import type { Prompt } from './prompt.js'

/** One subscriber's phone. */
export interface Handset {
  readonly msisdn: string
  /** What it shows, oldest first. */
  pending(): Prompt[]
  /** The oldest prompt that waits for an answer, or the next one that comes within the timeout. Default: `'5s'`. */
  next(options?: { timeout?: string }): Promise<Prompt>
  /** Answers the latest prompt. */
  approve(options?: { pin?: string | undefined }): Promise<void>
  deny(): Promise<void>
  /** The person never answers: the operator's waiting time is over at once. */
  ignore(): Promise<void>
}

export function handsetOf(handsets: Handsets, msisdn: string): Handset {
  const pending = () => handsets.prompts({ msisdn })
  const latest = (): string => {
    const prompt = pending().at(-1)
    if (!prompt) {
      throw new SimulatorError(
        'prompt_missing',
        `Nothing waits for an answer on ${msisdn}: await handset.next() before answering.`,
      )
    }
    return prompt.id
  }
  return {
    msisdn,
    pending,
    next: async ({ timeout = '5s' } = {}) =>
      pending()[0] ?? (await nextPrompt(handsets, msisdn, milliseconds('timeout', timeout))),
    approve: async (options) => handsets.approve(latest(), options),
    deny: async () => handsets.deny(latest()),
    ignore: async () => handsets.ignore(latest()),
  }
}

const nextPrompt = (handsets: Handsets, msisdn: string, patience: number): Promise<Prompt> =>
  new Promise((resolve, reject) => {
    const stop = handsets.onPrompt((prompt) => {
      if (digitsOf(prompt.msisdn) !== digitsOf(msisdn)) return
      stop()
      clearTimeout(timer)
      resolve(prompt)
    })
    const timer = setTimeout(() => {
      stop()
      reject(new SimulatorError('prompt_missing', `No prompt came to ${msisdn} within ${patience} ms.`))
    }, patience)
  })
