import { milliseconds } from '#internal/duration'
import { SimulatorError } from '../errors.js'
import type { Subscriber } from '../configuration.js'
import { digitsOf } from '../msisdn.js'
import type { Handsets } from './handsets.js'
import type { Network, TextDelivery, TextMessage } from './lines.js'
import type { Prompt } from './prompt.js'
import type { Presentation, PresentationRequest } from './wallet.js'

/** One subscriber's phone. */
export interface Handset {
  readonly msisdn: string
  /** What it shows, oldest first. */
  pending(): Prompt[]
  /**
   * The oldest prompt that waits for an answer, or the next one that comes within the timeout.
   * @default '5s'
   */
  next(options?: { timeout?: string }): Promise<Prompt>
  /** Answers the latest prompt. */
  approve(options?: { pin?: string | undefined }): Promise<void>
  deny(): Promise<void>
  /** The person never answers: the operator's waiting time is over at once. */
  ignore(): Promise<void>
  /**
   * What the browser on this handset sends with each request, so that the operator knows the handset again: several
   * people at once. Without it, this machine uses the mobile data of the handset that was switched to it last.
   */
  readonly headers: Readonly<Record<string, string>>
  /**
   * Puts the handset on mobile data or on Wi-Fi.
   * @default `'wifi'`, until it is switched
   */
  network(network: Network): void
  /** Another SIM is in use for this number: since now, or since then. */
  swapSim(at?: Date): void
  /** The SIM is in another device: since now, or since then. */
  swapDevice(at?: Date): void
  /**
   * A temporary token of this SIM (GSMA TS.43), as a wallet hands it on: for `operatortoken:` at CAMARA's server. It
   * works over Wi-Fi too, once, within five minutes.
   */
  operatorToken(): string
  /**
   * What its wallet answers to a page of this origin that asks for an operator token: see `installWallet`.
   * @throws SimulatorError `sim_missing` when another number is asked for
   */
  present(request: PresentationRequest, options: { origin: string }): Promise<Presentation>
  /** What the operator knows of this number, now. */
  line(): LineState
  /** The texts that arrived, oldest first. */
  texts(): readonly TextMessage[]
  /**
   * The next text that arrives within the timeout.
   * @default '5s'
   */
  nextText(options?: { timeout?: string }): Promise<TextMessage>
  /** What becomes of texts from now on, or of so many: `deliverTexts('lost', { times: 1 })`. */
  deliverTexts(how: TextDelivery, options?: { times?: number }): void
  /** Sends it a text, as any sender would, and says what became of it. */
  sendText(text: string): TextDelivery
}

/**
 * A handset's line: its network, since when its SIM and its device are in use (ISO 8601; `null`: never), and what
 * becomes of the next text.
 */
export interface LineState {
  readonly network: Network
  readonly delivery: TextDelivery
  readonly simSince: string | null
  readonly deviceSince: string | null
}

/** @internal Names the handset that a browser runs on. */
export const HANDSET_HEADER = 'x-simulated-handset'

export function handsetOf(handsets: Handsets, subscriber: Subscriber): Handset {
  const { msisdn, digits } = subscriber
  const { lines } = handsets
  const line = () => lines.of(subscriber)
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
    headers: { [HANDSET_HEADER]: digits },
    network: (network) => lines.switchNetwork(line(), network),
    swapSim: (at) => { line().simSince = at?.getTime() ?? lines.now() },
    swapDevice: (at) => { line().deviceSince = at?.getTime() ?? lines.now() },
    operatorToken: () => {
      const token = lines.operatorToken(line())
      if (token === undefined) throw new SimulatorError('sim_missing', `${msisdn} was never on the network.`)
      return token
    },
    present: async (request, { origin }) => handsets.wallet.present(subscriber, request, origin),
    line: () => {
      const { network, simSince, deviceSince, delivery: { how } } = line()
      return { network, simSince: dateOf(simSince), deviceSince: dateOf(deviceSince), delivery: how }
    },
    texts: () => [...line().texts],
    nextText: async ({ timeout = '5s' } = {}) => nextText(handsets, subscriber, milliseconds('timeout', timeout)),
    deliverTexts: (how, { times = Infinity } = {}) => lines.deliverTexts(line(), how, times),
    sendText: (text) => lines.send(line(), text),
  }
}

const dateOf = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString())

const nextText = (handsets: Handsets, { msisdn, digits }: Subscriber, patience: number): Promise<TextMessage> =>
  new Promise((resolve, reject) => {
    const stop = handsets.lines.onText((to, text) => {
      if (to !== digits) return
      stop()
      clearTimeout(timer)
      resolve(text)
    })
    const timer = setTimeout(() => {
      stop()
      reject(new SimulatorError('text_missing', `No text came to ${msisdn} within ${patience} ms.`))
    }, patience)
  })

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
