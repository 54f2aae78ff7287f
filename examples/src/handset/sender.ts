import type { SmsReport } from 'passport-sms-otp'
import { twilioSender, type SmsSender } from 'passport-sms-otp/senders'
import type { Lines } from '../network/lines.js'
import type { Happenings } from '../tour/happenings.js'
import { maskPhone } from '../users/users.js'
import type { Handset } from './handset.js'

export interface TwilioCredentials {
  readonly accountSid: string
  readonly authToken: string
  /** The number that texts come from. */
  readonly from: string
}

/** Real texts where there is a way to send them. */
export const textSender = (phones: VirtualPhones, twilio: TwilioCredentials | undefined): SmsSender =>
  twilio ? twilioSender(twilio) : handsetSender(phones)

/** How a code may travel to the virtual handset. */
const channels = ['sms', 'voice'] as const

/** What becomes of texts while nobody outside is texted. */
export interface VirtualPhones {
  readonly handset: Handset
  readonly lines: Pick<Lines, 'arrives'>
  readonly happenings: Pick<Happenings, 'add'>
}

/**
 * Texts and calls go to the virtual handset alone, which reports that they arrived. The network may lose a text: then
 * nobody hears of it.
 */
function handsetSender({ handset, lines, happenings }: VirtualPhones): SmsSender {
  const listeners: ((report: SmsReport) => void)[] = []
  return {
    name: 'handset',
    development: true,
    channels,
    reports: (listener) => { listeners.push(listener) },
    send: async ({ to, body, channel, reference }) => {
      const at = new Date().toISOString()
      if (channel !== 'voice' && !(await lines.arrives(to, body))) {
        happenings.add('text lost', 'went-wrong', { phone: maskPhone(to), detail: 'The network tells nobody.' })
        return {}
      }
      await handset.deliver({ to, body, at, ...channel === 'voice' && { channel } })
      if (reference !== undefined) for (const tell of listeners) tell({ reference, delivery: 'delivered' })
      return {}
    },
  }
}
