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

/** What becomes of texts while nobody outside is texted. */
export interface VirtualPhones {
  readonly handset: Handset
  readonly lines: Pick<Lines, 'arrives'>
  readonly happenings: Pick<Happenings, 'add'>
}

/** Texts go to the virtual handset, and nowhere else. The network may lose one: then nobody hears of it. */
const handsetSender = ({ handset, lines, happenings }: VirtualPhones): SmsSender => ({
  name: 'handset',
  development: true,
  send: async ({ to, body }) => {
    if (await lines.arrives(to, body)) await handset.deliver({ to, body, at: new Date().toISOString() })
    else happenings.add('text lost', 'went-wrong', { phone: maskPhone(to), detail: 'The network tells nobody.' })
    return {}
  },
})
