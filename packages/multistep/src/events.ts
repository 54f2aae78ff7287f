import { EventEmitter } from 'node:events'

/** What happened, for logs, metrics and notifications to the person. Never holds a code, a number or a token. */
export interface MultistepEvents {
  /** A first factor was proven, and a login is pending. */
  'flow.started': { userId: string, factor: string }
  'step.passed': { userId: string, factor: string }
  /** `error` when the app's side broke; else `code` and `status` of the refusal. `userId` once somebody is known. */
  'step.failed': { factor: string, code: string, status: number, userId?: string, error?: unknown }
  'challenge.sent': { factor: string, userId?: string }
  'factor.locked': { factor: string, userId?: string }
  'flow.completed': { userId: string, amr: readonly string[] }
  'flow.cancelled': { userId?: string }
  /** Another person than the one of the steps before came out of a factor. */
  'person.mismatch': { factor: string, userId: string }
}

export type MultistepEvent = keyof MultistepEvents
export type Listener<E extends MultistepEvent> = (event: MultistepEvents[E]) => unknown

/** An emitter whose listeners can not break a login: what they throw, or reject with, becomes a process warning. */
export class Events {
  private readonly emitter = new EventEmitter().setMaxListeners(0)

  on<E extends MultistepEvent>(event: E, listener: Listener<E>): void {
    this.emitter.on(event, (payload: MultistepEvents[E]) => {
      void (async () => listener(payload))().catch((error: unknown) => {
        process.emitWarning(`multistep: a listener of "${event}" failed: ${error instanceof Error ? error.message : 'unknown error'}`)
      })
    })
  }

  emit<E extends MultistepEvent>(event: E, payload: MultistepEvents[E]): void {
    this.emitter.emit(event, payload)
  }
}
