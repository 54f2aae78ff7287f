import type { Socket } from 'node:net'
// @ts-expect-error -- smpp brings no types: what is used of it is written down here.
import smpp from 'smpp'

export interface Pdu {
  readonly command: string
  readonly command_status: number
  readonly message_id?: string
  readonly esm_class?: number
  readonly short_message?: unknown
  readonly receipted_message_id?: string
  readonly message_state?: number
  isResponse(): boolean
  response(): Pdu
}

export type Command = 'bind_transceiver' | 'bind_transmitter' | 'submit_sm' | 'enquire_link' | 'unbind'

type Shortcuts = { [name in Command]: (fields: object, answered: (pdu: Pdu) => void) => boolean }

export interface SmppSession extends Shortcuts {
  readonly socket: Socket
  on(event: 'connect' | 'secureConnect' | 'close', listener: () => void): this
  on(event: 'error', listener: (error: Error) => void): this
  on(event: 'pdu', listener: (pdu: Pdu) => void): this
  send(pdu: Pdu): boolean
  destroy(): void
}

interface SmppLibrary {
  readonly createSession: (options: object) => SmppSession
  readonly errors: Readonly<Record<string, number>>
}

export const { createSession, errors } = smpp as SmppLibrary
