import { AppError } from '../errors.js'
import { askSimulator } from '../mobile-connect/ask-simulator.js'

/** What an operator knows of a subscriber's line, and what can be done to it on the virtual phone. */
export interface Line {
  /** E.164. */
  readonly msisdn: string
  readonly network: 'mobile' | 'wifi'
  /** ISO 8601: since when this SIM card has the number. */
  readonly simSince: string
  /** What becomes of the next text. */
  readonly delivery: 'delivered' | 'lost'
}

/** The lines of the simulated operators' subscribers. */
export interface Lines {
  /** @throws AppError 503 */
  list(): Promise<Line[]>
  /** @throws AppError */
  change(msisdn: string, change: LineChange): Promise<void>
  /** Whether a text arrives. Of a number that no simulated operator has, every text does. */
  arrives(msisdn: string, text: string): Promise<boolean>
}

export type LineChange =
  | { readonly type: 'network', readonly network: Line['network'] }
  /** Another SIM card has had the number for so many days. */
  | { readonly type: 'swap-sim', readonly days: number }
  | { readonly type: 'next-text', readonly delivery: Line['delivery'] }

const DAY = 24 * 3_600_000

export const linesAt = (url: string): Lines => {
  const post = (msisdn: string, path: string, body: object) =>
    askSimulator(url, `/lines/${encodeURIComponent(msisdn)}/${path}`, body)
  return {
    list: async () => {
      const lines = await (await askSimulator(url, '/lines')).json() as Line[]
      return lines.map(({ msisdn, network, simSince, delivery }) => ({ msisdn, network, simSince, delivery }))
    },
    change: async (msisdn, change) => {
      switch (change.type) {
        case 'network':
          await post(msisdn, 'network', { network: change.network })
          break
        case 'swap-sim':
          await post(msisdn, 'swap-sim', { at: new Date(Date.now() - change.days * DAY).toISOString() })
          break
        case 'next-text':
          await post(msisdn, 'deliver-texts', { how: change.delivery, times: 1 })
          break
      }
    },
    arrives: async (msisdn, text) => {
      try {
        const { delivery } = await (await post(msisdn, 'texts', { text })).json() as { delivery: string }
        return delivery === 'delivered'
      } catch (error) {
        // A text needs no simulated operator: only those that have one can lose it.
        if (error instanceof AppError) return true
        throw error
      }
    },
  }
}

/** What the virtual phone offers: the label of a switch, the change, and of each choice its label, field and value. */
export const switches = [
  ['Network', 'network', [['Wi-Fi', 'network', 'wifi'], ['Mobile data', 'network', 'mobile']]],
  ['SIM swap', 'swap-sim', [['Never', 'days', '999'], ['A month ago', 'days', '30'], ['Now', 'days', '0']]],
  ['Next text', 'next-text', [['Arrives', 'delivery', 'delivered'], ['Gets lost', 'delivery', 'lost']]],
] as const

/** The choices that a line stands at, by their fields. */
export function choicesOf({ network, simSince, delivery }: Line): Readonly<Record<string, string>> {
  const age = (Date.now() - Date.parse(simSince)) / DAY
  return { network, delivery, days: age < 10 ? '0' : age < 365 ? '30' : '999' }
}

/** Where no operators are simulated. */
export const noLines: Lines = {
  list: async () => [],
  change: async () => { throw new AppError(404, 'subscriber_unknown', 'No simulated operator has this number.') },
  arrives: async () => true,
}
