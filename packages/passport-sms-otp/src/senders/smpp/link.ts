import { withDeadline } from '#internal/deadline'
import { refused, unknownOutcome } from '../provider-error.js'
import type { Command, Pdu, SmppSession } from './library.js'

/** One session with the SMSC, over one connection. Once lost it stays lost. */
export interface Link {
  isOpen(): boolean
  /** Once the connection is there, and trusted if it is TLS. */
  connected(signal: AbortSignal): Promise<void>
  /** The answer. Rejects with a refusal if the request was not written, else, when no answer came, as unknown. */
  request(command: Command, fields: object, signal: AbortSignal): Promise<Pdu>
  /** Closes the connection at once if the SMSC does not answer in time. */
  check(): void
  /** @param interval milliseconds */
  checkEvery(interval: number): void
  drop(cause?: Error): void
}

export interface LinkOptions {
  readonly tls: boolean
  /** Milliseconds in which the SMSC answers whether it is there. */
  readonly timeout: number
  /** Whom a `deliver_sm` is handed to. */
  readonly delivered: (pdu: Pdu) => void
}

// Others, such as alert_notification, have no response.
const ANSWERED = ['enquire_link', 'deliver_sm', 'data_sm', 'unbind', 'unknown']

export function createLink(session: SmppSession, { tls, timeout, delivered }: LinkOptions): Link {
  const waiting = new Set<(error: Error) => void>()
  let open = true
  let checking = false
  let timer: NodeJS.Timeout | undefined

  const drop = (cause?: Error) => {
    open = false
    clearInterval(timer)
    session.destroy()
    const error = unknownOutcome('The connection to the SMSC was lost before it answered.', cause ? { cause } : {})
    for (const fail of waiting) fail(error)
  }

  const answerOf = <T>(
    signal: AbortSignal, start: (answered: (value: T) => void, fail: (error: Error) => void) => void,
  ): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      const leave = () => {
        waiting.delete(fail)
        signal.removeEventListener('abort', late)
        if (waiting.size === 0) session.socket.unref()
      }
      const answered = (value: T) => { leave(); resolve(value) }
      const fail = (error: Error) => { leave(); reject(error) }
      const late = () => { fail(unknownOutcome('The SMSC did not answer in time.', {})) }
      waiting.add(fail)
      session.socket.ref()
      signal.addEventListener('abort', late, { once: true })
      start(answered, fail)
    })

  const request: Link['request'] = (command, fields, signal) => answerOf<Pdu>(signal, (answered, fail) => {
    const written = open && !signal.aborted && session[command](fields, answered)
    if (!written) fail(refused('The connection to the SMSC is lost.', { temporary: true }))
  })

  const check = async () => {
    if (!open || checking) return
    checking = true
    await withDeadline(timeout, (signal) => request('enquire_link', {}, signal)).catch(() => { drop() })
    checking = false
  }

  session.on('error', drop)
  session.on('close', () => { drop() })
  session.on('pdu', (pdu) => {
    if (pdu.isResponse() || !ANSWERED.includes(pdu.command)) return
    session.send(pdu.response())
    if (pdu.command === 'deliver_sm') delivered(pdu)
    if (pdu.command !== 'unbind') return
    open = false
    session.socket.destroySoon()
  })

  return {
    isOpen: () => open && session.socket.writable,
    connected: (signal) => answerOf<undefined>(signal, (answered) => { session.on(tls ? 'secureConnect' : 'connect', () => { answered(undefined) }) }),
    request,
    check: () => void check(),
    checkEvery(interval) { timer = setInterval(() => void check(), interval).unref() },
    drop,
  }
}
