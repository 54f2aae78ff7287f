import { randomBytes } from 'node:crypto'
import { BoundedMap } from '../bounded-map.js'
import type { Clock } from '../clock.js'
import type { Subscriber } from '../configuration.js'
import { SimulatorError } from '../errors.js'

const networks = ['mobile', 'wifi'] as const

/** What a handset's data goes over. The operator knows who it is on its own network alone. */
export type Network = typeof networks[number]

const deliveries = ['delivered', 'lost', 'blocked', 'not-allowed'] as const

/**
 * What becomes of texts to a number: they arrive; the network loses them, and says nothing; the subscriber has barred
 * them; the operator sends none there, such as to a landline.
 */
export type TextDelivery = typeof deliveries[number]

/** A text that arrived. */
export interface TextMessage {
  readonly text: string
  /** Milliseconds since 1970. */
  readonly at: number
}

/** What the operator knows of one subscriber's line. */
export interface Line {
  readonly digits: string
  network: Network
  /** When this SIM, and this device, came into use (milliseconds). `null`: the number was never on the network. */
  simSince: number | null
  deviceSince: number | null
  readonly texts: TextMessage[]
  delivery: { readonly how: TextDelivery, left: number }
}

interface OperatorToken {
  readonly line: Line
  readonly at: number
}

const MOST_TEXTS = 100
const OPERATOR_TOKEN_LIFE = 300_000
/** A SIM is this old, unless the configuration says otherwise: older than any question that CAMARA lets an app ask. */
const ACTIVATED_BEFORE = 3 * 365 * 24 * 3_600_000

/** The lines of all subscribers. */
export class Lines {
  private readonly clock: Clock
  private readonly started: number
  private readonly lines = new Map<string, Line>()
  private readonly operatorTokens = new BoundedMap<OperatorToken>()
  private readonly listeners = new Set<(digits: string, text: TextMessage) => void>()
  /** Whose mobile data this machine uses, as if tethered: the handset that was switched to it last. */
  private tethered: string | undefined

  constructor(clock: Clock) {
    this.clock = clock
    this.started = clock.now()
  }

  /** Milliseconds since 1970. */
  now(): number {
    return this.clock.now()
  }

  of({ digits, activated }: Pick<Subscriber, 'digits' | 'activated'>): Line {
    const known = this.lines.get(digits)
    if (known) return known
    const since = activated === undefined ? this.started - ACTIVATED_BEFORE : activated?.getTime() ?? null
    const line: Line = {
      digits,
      network: 'wifi',
      simSince: since,
      deviceSince: since,
      texts: [],
      delivery: { how: 'delivered', left: Infinity },
    }
    this.lines.set(digits, line)
    return line
  }

  /** @throws SimulatorError for a network that is none. */
  switchNetwork(line: Line, network: Network): void {
    checkValue('network', network, networks)
    line.network = network
    if (network === 'mobile') this.tethered = line.digits
    else if (this.tethered === line.digits) this.tethered = undefined
  }

  /** Over whose mobile data a request came. `claimed`: the digits of the handset that the browser says it runs on. */
  carrierOf(claimed: string | undefined): Line | undefined {
    const line = this.lines.get(claimed ?? this.tethered ?? '')
    return line?.network === 'mobile' && line.simSince !== null ? line : undefined
  }

  /**
   * A temporary token that the SIM in the handset got from its operator, over any network (GSMA TS.43). Nothing, for a
   * SIM that was never on the network.
   */
  operatorToken(line: Line): string | undefined {
    if (line.simSince === null) return undefined
    const value = randomBytes(24).toString('base64url')
    this.operatorTokens.set(value, { line, at: this.now() })
    return value
  }

  /** Whose SIM a temporary token is of: once, for five minutes, and only while that SIM has the number. */
  redeem(value: string): Line | undefined {
    const found = this.operatorTokens.get(value)
    this.operatorTokens.delete(value)
    if (!found || this.now() >= found.at + OPERATOR_TOKEN_LIFE) return undefined
    const { line, at } = found
    return line.simSince !== null && line.simSince <= at ? line : undefined
  }

  /** What becomes of the next texts, so many of them. @throws SimulatorError for what cannot become of one. */
  deliverTexts(line: Line, how: TextDelivery, times: number): void {
    checkValue('deliverTexts', how, deliveries)
    line.delivery = { how, left: times }
  }

  /** Sends a text to the line, and says what becomes of it. */
  send(line: Line, text: string): TextDelivery {
    const { how } = line.delivery
    line.delivery.left -= 1
    if (line.delivery.left <= 0) line.delivery = { how: 'delivered', left: Infinity }
    if (how !== 'delivered') return how
    const message = { text, at: this.now() }
    line.texts.push(message)
    if (line.texts.length > MOST_TEXTS) line.texts.shift()
    this.listeners.forEach((listener) => listener(line.digits, message))
    return how
  }

  /** Calls the listener with each text that arrives; the result ends that. */
  onText(listener: (digits: string, text: TextMessage) => void): () => void {
    this.listeners.add(listener)
    return () => void this.listeners.delete(listener)
  }
}

function checkValue(name: string, value: unknown, known: readonly string[]): void {
  if (known.includes(value as string)) return
  throw new SimulatorError('value_unknown', `${name} takes ${known.join(', ')}, not ${JSON.stringify(value)}.`)
}
