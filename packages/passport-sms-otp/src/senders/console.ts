import { checkFunctions, checkOptionNames } from '#internal/option-checks'
import { smsChannels, type SmsChannel } from '../lib/channels.js'
import type { SmsSender } from './sender.js'

const headings: Readonly<Record<SmsChannel, string>> = { sms: 'SMS', whatsapp: 'WhatsApp', voice: 'Call', rcs: 'RCS' }

/**
 * Prints each text on the terminal. For development only.
 * @throws Error under `NODE_ENV=production`, where codes must not end in a log.
 * @example
 * new SmsOtp({ sender: consoleSender(), secret })
 */
export function consoleSender(options: { write?: (line: string) => void } = {}): SmsSender {
  checkOptionNames('consoleSender', options, ['write'])
  checkFunctions(options, ['write'])
  const { write = console.log } = options
  if (process.env.NODE_ENV === 'production') {
    throw new Error('consoleSender prints codes: under NODE_ENV=production use a sender that texts them.')
  }
  return {
    name: 'console',
    development: true,
    channels: smsChannels,
    async send({ to, body, channel = 'sms' }) {
      write(`${headings[channel]} to ${to}\n${body.replace(/^/gm, '  ')}`)
      return {}
    },
  }
}
