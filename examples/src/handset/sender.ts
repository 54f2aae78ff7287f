import { twilioSender, type SmsSender } from 'passport-sms-otp/senders'
import type { Handset } from './handset.js'

export interface TwilioCredentials {
  readonly accountSid: string
  readonly authToken: string
  /** The number that texts come from. */
  readonly from: string
}

/** Real texts where there is a way to send them. */
export const textSender = (handset: Handset, twilio: TwilioCredentials | undefined): SmsSender =>
  twilio ? twilioSender(twilio) : handsetSender(handset)

/** Texts go to the virtual handset, and nowhere else. */
const handsetSender = (handset: Handset): SmsSender => ({
  name: 'handset',
  development: true,
  send: async ({ to, body }) => {
    await handset.deliver({ to, body, at: new Date().toISOString() })
    return {}
  },
})
