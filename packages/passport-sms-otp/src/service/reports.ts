import type { Context, Ready } from './context.js'
import type { Challenge } from '../codes/handle.js'
import { pseudonym } from '../codes/keys.js'
import { maskNumber } from '../numbers/phone-number.js'
import { openText, sealText } from '../codes/sealed.js'
import type { SmsReport } from '../senders/sender.js'

const USE = 'report'

/**
 * What goes with a text and comes back with what becomes of it: so a report needs no memory, and may be earlier than
 * the answer to the text.
 */
export function referenceTo({ settings: { keys }, tag }: Ready, { phone, subject, purpose }: Challenge): string {
  const json = JSON.stringify([maskNumber(phone), pseudonym(tag, subject, phone), purpose])
  return sealText(keys.current, json.padEnd(Math.ceil(json.length / 32) * 32), USE)
}

/** Tells listeners what became of a text. `false`: the report names none of this service. */
export function tellReport({ settings, events }: Pick<Context, 'settings' | 'events'>, { reference, id, delivery, providerCode, temporary }: SmsReport): boolean {
  const opened = openText(settings.keys, reference, USE)
  if (!opened) return false
  const [phone, subject, purpose] = JSON.parse(opened.text) as [string, string, string]
  events.emit('delivery', () => ({
    phone, subject, purpose, delivery,
    ...id === undefined ? {} : { messageId: id },
    ...providerCode === undefined ? {} : { providerCode },
    ...temporary === undefined ? {} : { temporary },
  }))
  return true
}
