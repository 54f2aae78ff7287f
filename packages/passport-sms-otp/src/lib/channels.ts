/** How a code travels to a phone: as a text, in WhatsApp, in a call that says it, or by RCS (GSMA RCC.07). */
export type SmsChannel = 'sms' | 'whatsapp' | 'voice' | 'rcs'

/** All of them. The place of each stands in what stores keep: a new one goes to the end. */
export const smsChannels: readonly SmsChannel[] = ['sms', 'whatsapp', 'voice', 'rcs']

export const isChannel = (value: unknown): value is SmsChannel => (smsChannels as readonly unknown[]).includes(value)
