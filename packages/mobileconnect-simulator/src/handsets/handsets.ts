import { randomUUID } from 'node:crypto'
import { BoundedMap } from '../bounded-map.js'
import type { Clock } from '../clock.js'
import type { Subscriber } from '../configuration.js'
import { SimulatorError } from '../errors.js'
import { digitsOf } from '../msisdn.js'
import { Lines } from './lines.js'
import type { Prompt } from './prompt.js'
import { Wallet } from './wallet.js'

/** What a handset answers to an operator's question. */
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
}

/**
 * The prompts of all handsets, and their answers.
 * @example
 * for (const { id, clientName } of sim.handsets.prompts({ msisdn: '+447700900001' })) {
 *   if (clientName === 'Acme') await sim.handsets.approve(id, { pin: '1234' })
 * }
 */
export class Handsets {
  /** The owners of the handsets. */
  readonly subscribers: readonly Subscriber[]
  /** @internal */
  readonly lines: Lines
  /** @internal */
  readonly wallet: Wallet
  private readonly clock: Clock
  private readonly open = new BoundedMap<Entry>()
  private readonly answers = new BoundedMap<Answer>()
  private readonly listeners = new Set<(prompt: Prompt) => void>()

  constructor(subscribers: readonly Subscriber[], clock: Clock) {
    this.subscribers = subscribers
    this.clock = clock
    this.lines = new Lines(clock)
    this.wallet = new Wallet(this.lines)
  }

  /** What waits for an answer, oldest first: of one number, or of all. */
  prompts({ msisdn }: { msisdn?: string | undefined } = {}): Prompt[] {
    const digits = digitsOf(msisdn ?? '')
    return [...this.open.keys()]
      .flatMap((id) => this.waiting(id)?.prompt ?? [])
      .filter((prompt) => digits === '' || digitsOf(prompt.msisdn) === digits)
  }

  /** @throws SimulatorError when there is no such prompt, it has been answered, or its PIN is missing or wrong. */
  async approve(id: string, { pin }: { pin?: string | undefined } = {}): Promise<void> {
    const entry = this.unanswered(id)
    if (entry.question.pin !== undefined) await this.checkPin(entry, entry.question.pin, pin)
    await this.settle(entry, 'approved')
  }

  /** @throws SimulatorError when there is no such prompt, or it has been answered. */
  async deny(id: string): Promise<void> {
    await this.settle(this.unanswered(id), 'denied')
  }

  /** The person never answers: the operator's waiting time is over at once. */
  async ignore(id: string): Promise<void> {
    await this.settle(this.unanswered(id), 'expired')
  }

  /** @internal */
  ask(question: Question): Prompt {
    const { msisdn, operator, loa } = question
    const expiresAt = this.clock.now() + question.patience
    const prompt: Prompt = {
      id: randomUUID(),
      msisdn,
      operator,
      loa,
      clientName: question.clientName ?? null,
      bindingMessage: question.bindingMessage ?? null,
      context: question.context ?? null,
      expiresAt: new Date(expiresAt).toISOString(),
    }
    this.open.set(prompt.id, { prompt, question, expiresAt, triesLeft: 3 })
    this.listeners.forEach((listener) => listener(prompt))
    return prompt
  }

  /** @internal */
  answerTo(id: string): Answer | undefined {
    return this.waiting(id) ? undefined : this.answers.get(id) ?? 'expired'
  }

  /** @internal The browser that waited has gone. */
  withdraw(id: string | undefined): void {
    if (id !== undefined && this.open.has(id)) this.close(id, 'expired')
  }

  /** @internal Calls the listener with each new prompt; the result ends that. */
  onPrompt(listener: (prompt: Prompt) => void): () => void {
    this.listeners.add(listener)
    return () => void this.listeners.delete(listener)
  }

  private waiting(id: string): Entry | undefined {
    const entry = this.open.get(id)
    if (!entry || this.clock.now() < entry.expiresAt) return entry
    this.close(id, 'expired')
    return undefined
  }

  private close(id: string, answer: Answer): void {
    this.open.delete(id)
    this.answers.set(id, answer)
  }

  private unanswered(id: string): Entry {
    const entry = this.waiting(id)
    if (entry) return entry
    const answer = this.answers.get(id)
    if (answer === undefined) throw new SimulatorError('prompt_unknown', 'There is no such prompt.')
    throw new SimulatorError('prompt_answered', `This prompt is ${answer} already.`)
  }

  private async checkPin(entry: Entry, expected: string, given: string | undefined): Promise<void> {
    if (given === undefined || given === '') {
      throw new SimulatorError('pin_missing', `Level ${entry.prompt.loa} needs the PIN: approve({ pin }).`)
    }
    if (given === expected) return
    entry.triesLeft -= 1
    if (entry.triesLeft === 0) await this.settle(entry, 'denied')
    throw new SimulatorError('pin_wrong', `That is not the PIN. Tries left: ${entry.triesLeft}.`)
  }

  private async settle(entry: Entry, answer: Answer): Promise<void> {
    this.close(entry.prompt.id, answer)
    await entry.question.onAnswer?.(answer)
  }
}
