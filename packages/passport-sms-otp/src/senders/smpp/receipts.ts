import type { SmsDelivery, SmsReport } from '../sender.js'
import type { Pdu } from './library.js'

/** Assigns delivery receipts to texts, whichever of receipt and answer comes first. */
export interface Receipts {
  /** A text was taken under this id. */
  readonly sent: (id: string, reference: string) => void
  /** A `deliver_sm` that may be a receipt. */
  readonly came: (pdu: Pdu) => void
  readonly listen: (listener: (report: SmsReport) => void) => void
}

const MOST_RECEIPTS = 10_000

// SMPP 3.4 §5.2.28, and the names of appendix B.
const states: readonly (readonly [name: string, delivery: SmsDelivery])[] = [
  ['ENROUTE', 'sending'], ['DELIVRD', 'delivered'], ['EXPIRED', 'undelivered'], ['DELETED', 'canceled'],
  ['UNDELIV', 'undelivered'], ['ACCEPTD', 'accepted'], ['UNKNOWN', 'undelivered'], ['REJECTD', 'failed'],
]

interface Receipt {
  readonly id: string
  readonly delivery: SmsDelivery
  readonly providerCode?: string
}

export function createReceipts(): Receipts {
  const texts = new Map<string, { readonly id: string, readonly reference: string }>()
  const early = new Map<string, Receipt[]>()
  const listeners: ((report: SmsReport) => void)[] = []

  const tell = ({ delivery, providerCode }: Receipt, text: { readonly id: string, readonly reference: string }) => {
    const code = providerCode === undefined ? {} : { providerCode, temporary: false }
    for (const listener of listeners) listener({ id: text.id, reference: text.reference, delivery, ...code })
  }

  return {
    sent(id, reference) {
      const text = { id, reference }
      for (const key of spellingsOfId(id)) {
        keep(texts, key, text)
        for (const receipt of early.get(key) ?? []) tell(receipt, text)
        early.delete(key)
      }
    },
    came(pdu) {
      const receipt = receiptIn(pdu)
      if (!receipt) return
      const key = plain(receipt.id)
      const text = texts.get(key)
      if (text) tell(receipt, text)
      else keep(early, key, [...early.get(key) ?? [], receipt].slice(-states.length))
    },
    listen(listener) { listeners.push(listener) },
  }
}

const plain = (id: string): string => id.trim().toLowerCase().replace(/^0+(?=.)/, '')

/**
 * Many an SMSC answers with a hexadecimal id and writes the same one in decimal into its receipts. Only one with a
 * letter cannot be taken for another.
 */
const spellingsOfId = (id: string): string[] => {
  const hexadecimal = /^(?=.*[a-f])[0-9a-f]{1,32}$/i.test(id)
  return [plain(id), ...hexadecimal ? [BigInt(`0x${id}`).toString()] : []]
}

function keep<Value>(map: Map<string, Value>, key: string, value: Value): void {
  map.set(key, value)
  const [oldest] = map.keys()
  if (map.size > MOST_RECEIPTS && oldest !== undefined) map.delete(oldest)
}

/** By the optional parameters, or else by the text of appendix B. */
function receiptIn(
  { esm_class: kind = 0, receipted_message_id: own, message_state: state, short_message: body }: Pdu,
): Receipt | undefined {
  if ((kind & 0x3c) !== 0x04) return undefined
  const text = textOf(body)
  const id = own ?? /\bid:\s*(\S+)/i.exec(text)?.[1]
  const name = /\bstat:\s*(\w+)/i.exec(text)?.[1]?.toUpperCase()
  const known = states.find(
    ([short], index) => (state === undefined ? name?.slice(0, 7) === short : index === state - 1),
  )
  if (id === undefined || !known) return undefined
  const [short, delivery] = known
  const error = /\berr:\s*(\w+)/i.exec(text)?.[1]
  const isFailure = ['undelivered', 'failed', 'canceled'].includes(delivery)
  return { id, delivery, ...isFailure ? { providerCode: error === undefined || /^0+$/.test(error) ? short : `${short}_${error}` } : {} }
}

function textOf(body: unknown): string {
  const { message = body } = Object(body) as { message?: unknown }
  if (typeof message === 'string') return message
  return Buffer.isBuffer(message) ? message.toString('latin1') : ''
}
