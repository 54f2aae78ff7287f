import type { SmsChannel } from '../lib/channels.js'

/** What a proof tells the caller of Passport beside the user. */
export interface Evidence {
  /** Authentication methods (RFC 8176 §2). */
  readonly amr: readonly string[]
  readonly channels?: readonly SmsChannel[]
}

/** RFC 8176 §2 has a name for texts and one for calls. What comes by another app is a one-time password. */
const methods: Readonly<Record<SmsChannel, string>> = { sms: 'sms', voice: 'tel', whatsapp: 'otp', rcs: 'otp' }

/**
 * The methods of all channels that the code went by: nobody knows by which of them the person read it.
 * @param channels where the app has named channels
 */
export const evidenceOf = (channels: readonly SmsChannel[] | undefined): Evidence => ({
  amr: [...new Set((channels ?? ['sms']).map((channel) => methods[channel]))],
  ...channels && { channels },
})
