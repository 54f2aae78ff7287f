import type { SmsSender } from 'passport-sms-otp/senders'
import type { Handset } from './handset.js'

/** Texts go to the virtual handset, and nowhere else. */
export const handsetSender = (handset: Handset): SmsSender => ({
  name: 'handset',
  development: true,
  send: async ({ to, body }) => {
    await handset.deliver({ to, body, at: new Date().toISOString() })
    return {}
  },
})
