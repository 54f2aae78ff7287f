import { EventEmitter } from 'node:events'
import { checkFunctions } from '#internal/option-checks'
import type { SmsSender } from './sender.js'

export interface InboxMessage {
  readonly to: string
  readonly body: string
  readonly at: Date
}

export interface InboxSender extends SmsSender {
  /** What was texted, oldest first. Holds the last 1000. */
  readonly messages: readonly InboxMessage[]
  /** Calls the listener with each new text; the result ends that. */
  on(event: 'message', listener: (message: InboxMessage) => void): () => void
}

const MOST_MESSAGES = 1000

/** A virtual handset: keeps the texts in memory, for tests and demonstrations. */
export function inboxSender(options: { now?: () => number } = {}): InboxSender {
  checkFunctions(options, ['now'])
  const { now = Date.now } = options
  const messages: InboxMessage[] = []
  const emitter = new EventEmitter().setMaxListeners(0)
  return {
    name: 'inbox',
    development: true,
    messages,
    on(event, listener) {
      emitter.on(event, listener)
      return () => void emitter.off(event, listener)
    },
    async send({ to, body }) {
      const message = { to, body, at: new Date(now()) }
      messages.push(message)
      if (messages.length > MOST_MESSAGES) messages.shift()
      emitter.emit('message', message)
      return { id: String(messages.length) }
    },
  }
}
