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

/** Texts and calls go to the virtual handset alone. The network may lose a text: then nobody hears of it. */
const handsetSender = ({ handset, lines, happenings }: VirtualPhones): SmsSender => ({
  name: 'handset',
  development: true,
  channels,
  send: async ({ to, body, channel }) => {
    const at = new Date().toISOString()
    if (channel === 'voice') await handset.deliver({ to, body, at, channel })
    else if (await lines.arrives(to, body)) await handset.deliver({ to, body, at })
    else happenings.add('text lost', 'went-wrong', { phone: maskPhone(to), detail: 'The network tells nobody.' })
    return {}
  },
})
