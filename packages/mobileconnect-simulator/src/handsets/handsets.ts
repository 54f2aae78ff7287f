import { randomUUID } from 'node:crypto'
import { BoundedMap } from '../bounded-map.js'
import type { Clock } from '../clock.js'
import { SimulatorError } from '../errors.js'
import { digitsOf } from '../msisdn.js'
import type { Prompt } from './prompt.js'

export type Answer = 'approved' | 'denied' | 'expired'

export interface Question {
  readonly msisdn: string
  readonly operator: string
  readonly clientName?: string | undefined
  readonly bindingMessage?: string | undefined
  readonly context?: string | undefined
  readonly loa: number
  readonly pin?: string | undefined
  /** Milliseconds. */
  readonly patience: number
  /** Called once, when the person has answered or the time is over at the person's own wish. */
  readonly onAnswer?: (answer: Answer) => Promise<void>
}

interface Entry {
  readonly prompt: Prompt
  readonly question: Question
  readonly expiresAt: number
  triesLeft: number
  answer?: Answer
}

/** The prompts of all handsets, and their answers. */
export class Handsets {
  private readonly clock: Clock
  private readonly entries = new BoundedMap<Entry>()
  private readonly waiting = new Set<(prompt: Prompt) => void>()

  constructor(clock: Clock) {
    this.clock = clock
  }

  /** Oldest first; those of one number, or all. */
  prompts({ msisdn }: { msisdn?: string | undefined } = {}): Prompt[] {
    const digits = digitsOf(msisdn ?? '')
    return [...this.entries.values()]
      .filter((entry) => this.stateOf(entry) === undefined && (digits === '' || digitsOf(entry.prompt.msisdn) === digits))
      .map(({ prompt }) => prompt)
  }

  /** @throws SimulatorError when there is no such prompt, it has been answered, or its PIN is missing or wrong. */
  async approve(id: string, { pin }: { pin?: string | undefined } = {}): Promise<void> {
    const entry = this.open(id)
    if (entry.question.pin !== undefined) await this.checkPin(entry, entry.question.pin, pin)
    await this.settle(entry, 'approved')
  }

  /** @throws SimulatorError when there is no such prompt, or it has been answered. */
  async deny(id: string): Promise<void> {
    await this.settle(this.open(id), 'denied')
  }

  /** The person never answers: the operator's waiting time is over at once. */
  async ignore(id: string): Promise<void> {
    await this.settle(this.open(id), 'expired')
  }

  /** @internal */
  ask(question: Question): Prompt {
    const { msisdn, operator, loa } = question
    const expiresAt = this.clock.now() + question.patience
    const prompt: Prompt = {
      id: randomUUID(), msisdn, operator, loa,
      clientName: question.clientName ?? null, bindingMessage: question.bindingMessage ?? null, context: question.context ?? null,
      expiresAt: new Date(expiresAt).toISOString(),
    }
    this.entries.set(prompt.id, { prompt, question, expiresAt, triesLeft: 3 })
    this.waiting.forEach((told) => told(prompt))
    return prompt
  }

  /** @internal */
  answerTo(id: string): Answer | undefined {
    const entry = this.entries.get(id)
    return entry ? this.stateOf(entry) : 'expired'
  }

  /** @internal Calls the listener with each new prompt; the result ends that. */
  onPrompt(listener: (prompt: Prompt) => void): () => void {
    this.waiting.add(listener)
    return () => void this.waiting.delete(listener)
  }

  private stateOf(entry: Entry): Answer | undefined {
    if (entry.answer === undefined && this.clock.now() >= entry.expiresAt) entry.answer = 'expired'
    return entry.answer
  }

  private open(id: string): Entry {
    const entry = this.entries.get(id)
    if (!entry) throw new SimulatorError('prompt_unknown', 'There is no such prompt.')
    const answer = this.stateOf(entry)
    if (answer !== undefined) throw new SimulatorError('prompt_answered', `This prompt is ${answer} already.`)
    return entry
  }

  private async checkPin(entry: Entry, expected: string, given: string | undefined): Promise<void> {
    if (given === undefined || given === '') throw new SimulatorError('pin_missing', `Level ${entry.prompt.loa} needs the PIN: approve({ pin }).`)
    if (given === expected) return
    entry.triesLeft -= 1
    if (entry.triesLeft === 0) await this.settle(entry, 'denied')
    throw new SimulatorError('pin_wrong', `That is not the PIN. Tries left: ${entry.triesLeft}.`)
  }

  private async settle(entry: Entry, answer: Answer): Promise<void> {
    entry.answer = answer
    await entry.question.onAnswer?.(answer)
  }
}
