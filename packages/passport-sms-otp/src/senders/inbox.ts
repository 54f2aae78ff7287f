import { EventEmitter } from 'node:events'
import { checkFunctions } from '#internal/option-checks'
import { smsChannels, type SmsChannel } from '../lib/channels.js'
import type { SmsDelivery, SmsMessage, SmsReport, SmsSender } from './sender.js'

export interface InboxMessage {
  readonly to: string
  readonly body: string
  readonly at: Date
  /** Where it came by another channel than as a text. */
  readonly channel?: SmsChannel
}

export interface InboxSender extends SmsSender {
  /** What was texted, oldest first. Holds the last 1000. */
  readonly messages: readonly InboxMessage[]
  /** Calls the listener with each new text; the result ends that. */
  on(event: 'message', listener: (message: InboxMessage) => void): () => void
  /**
   * Says what became of a message, as a provider does later.
   * @default that it was delivered
   */
  report(message: InboxMessage, delivery?: SmsDelivery): void
}

const MOST_MESSAGES = 1000

/**
 * A virtual handset: keeps texts and calls in memory, for tests and demonstrations. It has every channel.
 * @example
 * const inbox = inboxSender()
 * const otp = new SmsOtp({ sender: inbox, secret })
 * await otp.issue({ to: '+44 7400 123456', purpose: 'login' })
 * console.log(inbox.messages.at(-1)?.body)
 */
export function inboxSender(options: { now?: () => number } = {}): InboxSender {
  checkFunctions(options, ['now'])
  const { now = Date.now } = options
  const messages: InboxMessage[] = []
  const originals = new WeakMap<InboxMessage, SmsMessage>()
  const listeners: ((report: SmsReport) => void)[] = []
  const emitter = new EventEmitter().setMaxListeners(0)
  return {
    name: 'inbox',
    development: true,
    channels: smsChannels,
    messages,
    on(event, listener) {
      emitter.on(event, listener)
      return () => void emitter.off(event, listener)
    },
    reports(listener) { listeners.push(listener) },
    report(message, delivery = 'delivered') {
      const reference = originals.get(message)?.reference
      for (const listener of listeners) listener({ delivery, ...reference === undefined ? {} : { reference } })
    },
    async send(sent) {
      const { to, body, channel = 'sms' } = sent
      const message: InboxMessage = { to, body, at: new Date(now()), ...channel === 'sms' ? {} : { channel } }
      originals.set(message, sent)
      messages.push(message)
      if (messages.length > MOST_MESSAGES) messages.shift()
      emitter.emit('message', message)
      return { id: String(messages.length) }
    },
  }
}
