import { EventEmitter } from 'node:events'

export interface Text {
  /** E.164. */
  readonly to: string
  readonly body: string
  /** ISO 8601. */
  readonly at: string
  /** A call says it. Default: it is a text. */
  readonly channel?: 'voice' | undefined
}

/** The virtual phone of everybody: where texts arrive while no real ones are sent. */
export interface Handset {
  deliver(text: Text): Promise<void>
  /** Oldest first; the last 1000 of all. */
  texts(): Promise<Text[]>
  /** Calls the listener with each new text; the result ends that. */
  onText(listener: (text: Text) => void): () => void
}

export const MOST_TEXTS = 1000

/** How arrivals are told within one process. */
export function arrivals() {
  const emitter = new EventEmitter().setMaxListeners(0)
  return {
    tell: (text: Text) => void emitter.emit('text', text),
    onText: (listener: (text: Text) => void) => {
      emitter.on('text', listener)
      return () => void emitter.off('text', listener)
    },
  }
}

export function memoryHandset(): Handset {
  const texts: Text[] = []
  const { tell, onText } = arrivals()
  return {
    deliver: async (text) => {
      texts.push(text)
      if (texts.length > MOST_TEXTS) texts.shift()
      tell(text)
    },
    texts: async () => [...texts],
    onText,
  }
}
