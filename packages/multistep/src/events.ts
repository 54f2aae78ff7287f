import { channel } from 'node:diagnostics_channel'
import { EventEmitter } from 'node:events'
import { debuglog } from 'node:util'
import { programmersCodes } from './lib/errors.js'
import type { Request } from './http/request.js'
import { routeOf } from './http/route-of.js'
import { suggestion } from '#internal/option-checks'
import { idText } from './factors/person-id.js'
import { reasonIn, wordsOfError } from './lib/event-reason.js'
import { tellToWait, type WaitUntil } from '#internal/wait-until'

/** What happened, for logs, metrics and notifications to the person. Never holds a code, a number or a token. */
export interface MultistepEvents {
  /** A first factor was proven, and a login is pending. */
  'flow.started': { userId: string, factor: string }
  'step.passed': { userId: string, factor: string }
  /**
   * `error` when the app's side broke; else `code` and `status` of the refusal. `userId` once the person is known.
   * `reason`: what the strategy said, or broke with, for developers and logs: in one line, without what could be a
   * code, a number, an address or a token.
   */
  'step.failed': { factor: string, code: string, status: number, userId?: string, error?: unknown, reason?: string }
  'challenge.sent': { factor: string, userId?: string }
  /** The silent `factor` could say nothing, and `to` has taken its place. `reason`: as of `step.failed`. */
  'factor.fallback': { factor: string, to: string, userId?: string, reason?: string }
  'factor.locked': { factor: string, userId?: string }
  'flow.completed': { userId: string, amr: readonly string[] }
  'flow.cancelled': { userId?: string }
  /** One code fewer: tell the person, and ask for new ones when few `remaining`. */
  'recovery.used': { factor: string, userId: string, remaining?: number }
  /** New recovery codes were made, and the earlier ones work no more: tell the person. */
  'recovery.generated': { factor: string, userId: string, count: number }
  /** A person has set up a factor on the router's page: tell the person. `name`: of a passkey. */
  'factor.set-up': { factor: string, userId: string, name?: string }
  /** A person has removed one there: tell the person. */
  'factor.removed': { factor: string, userId: string }
  /** A completed login has proven what a guard asked for. */
  'stepup.granted': { userId: string, factors: readonly string[] }
  /**
   * What `bind` gave cannot be shown as it is, so the request was refused. `reason` says why in words; `name` names the
   * value, and `factor` the one whose strategy cannot show it. Never the value itself.
   */
  'bind.refused': { reason: string, name?: string, factor?: string }
  /** A browser is remembered from now on. `id`: as in `devices.list`; it is no token. */
  'device.remembered': { userId: string, id: string, label?: string }
  /** It stood for factors in a login that has begun. */
  'device.used': { userId: string, id: string }
  /**
   * A device counts no more. `revoked`: the person or the app said so; `reused`: an earlier token of it was presented,
   * so its cookie may have been copied; `outdated`: its fingerprint has changed; `max`: there were too many;
   * `everywhere`: all logins of the person were ended; `recovery`: a recovery code was used.
   */
  'device.revoked': {
    userId: string
    id: string
    reason: 'revoked' | 'reused' | 'outdated' | 'max' | 'everywhere' | 'recovery'
  }
  /** Another person than the one of the steps before came out of a factor. */
  'person.mismatch': { factor: string, userId: string }
  /**
   * Something outside of multistep was to log a person in: `req.login`, `passport.authenticate`, or a session that
   * names a Passport user without a login of ours. `refused: false` with the option `otherLogins: 'allow'`.
   */
  'login.elsewhere': {
    route: string
    by: 'req.login' | 'passport.authenticate' | 'session'
    refused: boolean
    userId?: string
  }
  /**
   * The person of a session could not be read: `deserializeUser` or `userId` reports an error. On the login's own
   * routes nobody is logged in.
   */
  'person.unreadable': { route: string, userId?: string, error: unknown }
}

/** The name of an event. */
export type MultistepEvent = keyof MultistepEvents

const channelOf = (event: MultistepEvent) => channel(`multistep:${event}`)

/** Every event, with the channel of `node:diagnostics_channel` that it is published to. */
const channels: Readonly<Record<MultistepEvent, ReturnType<typeof channel>>> = {
  'flow.started': channelOf('flow.started'),
  'step.passed': channelOf('step.passed'),
  'step.failed': channelOf('step.failed'),
  'challenge.sent': channelOf('challenge.sent'),
  'factor.fallback': channelOf('factor.fallback'),
  'factor.locked': channelOf('factor.locked'),
  'flow.completed': channelOf('flow.completed'),
  'flow.cancelled': channelOf('flow.cancelled'),
  'stepup.granted': channelOf('stepup.granted'),
  'recovery.used': channelOf('recovery.used'),
  'recovery.generated': channelOf('recovery.generated'),
  'factor.set-up': channelOf('factor.set-up'),
  'factor.removed': channelOf('factor.removed'),
  'person.mismatch': channelOf('person.mismatch'),
  'device.remembered': channelOf('device.remembered'),
  'device.used': channelOf('device.used'),
  'device.revoked': channelOf('device.revoked'),
  'login.elsewhere': channelOf('login.elsewhere'),
  'person.unreadable': channelOf('person.unreadable'),
  'bind.refused': channelOf('bind.refused'),
}

/** `NODE_DEBUG=multistep`: every event on standard error, in one line. */
export const log = debuglog('multistep')

/**
 * What becomes of a request that is refused before any step is taken, such as one of another site, is no event: anybody
 * can cause any number of them. A developer sees each with `NODE_DEBUG=multistep`.
 */
export function logRefusal(
  req: Request,
  factor: string | undefined,
  { code, status }: { readonly code: string, readonly status: number },
): void {
  if (log.enabled) log('refused %j', { route: routeOf(req), factor, code, status })
}

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'

/** What `login.on(event, listener)` calls. What it throws is a warning, and breaks no login. */
export type Listener<E extends MultistepEvent> = (event: MultistepEvents[E]) => unknown

/** An emitter whose listeners cannot break a login: what they throw, or reject with, becomes a process warning. */
export class Events {
  private readonly emitter = new EventEmitter().setMaxListeners(0)
  private readonly host: { readonly waitUntil: WaitUntil | undefined }

  constructor(host: { readonly waitUntil: WaitUntil | undefined }) {
    this.host = host
  }

  /** @throws TypeError for an event that never happens, and for a listener that is no function. */
  on<E extends MultistepEvent>(event: E, listener: Listener<E>): void {
    if (!Object.hasOwn(channels, event)) {
      throw new TypeError(`multistep: there is no event '${event}'. ${suggestion(event, Object.keys(channels))}`)
    }
    if (typeof listener !== 'function') {
      throw new TypeError(`multistep: login.on('${event}', listener) takes a function.`)
    }
    this.emitter.on(event, (payload: MultistepEvents[E]) => {
      const failed = (error: unknown) =>
        process.emitWarning(
          `multistep: a listener of "${event}" failed: ${error instanceof Error ? error.message : 'unknown error'}`,
        )
      try {
        const going = listener(payload)
        if (isThenable(going)) tellToWait(this.host, Promise.resolve(going).catch(failed))
      } catch (error) {
        failed(error)
      }
    })
  }

  emit<E extends MultistepEvent>(event: E, payload: MultistepEvents[E]): void {
    const isHeard = this.emitter.listenerCount(event) > 0
    const isPublished = channels[event].hasSubscribers
    if (isHeard || isPublished || log.enabled) {
      const told = asTold(event, payload)
      this.emitter.emit(event, told)
      channels[event].publish(told)
      // The error itself may hold anything; its reason does not.
      log('%s %j', event, { ...told, error: undefined })
    }
    if (isHeard || isPublished) return
    if (event === 'bind.refused') warnOfBind(payload as MultistepEvents['bind.refused'])
    else if ('error' in payload) {
      const what = 'factor' in payload ? `the factor "${payload.factor}"` : 'reading the person of a session'
      warnOf(event, what, payload.error)
    }
  }
}

/** The ids of people as text, and what broke in words. */
function asTold<E extends MultistepEvent>(event: E, payload: MultistepEvents[E]): MultistepEvents[E] {
  const { userId } = payload as { userId?: string }
  return {
    ...payload,
    ...userId === undefined ? {} : { userId: idText(userId) },
    ...event === 'step.failed' && 'error' in payload ? reasonIn(wordsOfError(payload.error)) : {},
  }
}

const toldReasons = new Set<string>()

/** Each reason once: people could make it say more. */
function warnOfBind({ reason, name, factor }: MultistepEvents['bind.refused']): void {
  const words = factor === undefined ? reason : `cannot be shown by ${factor}`
  if (toldReasons.has(words)) return
  toldReasons.add(words)
  process.emitWarning(
    `multistep: require({ bind }) was refused: ${name === undefined ? 'bind' : `the value ${JSON.stringify(name)}`} ` +
    `${words}. Listen with login.on('bind.refused', ({ name, reason }) => …) to see each.`,
  )
}

/** The errors of packages whose messages are known here. */
const ownNames = ['MultistepError', 'SmsOtpError', 'MobileConnectError', 'NumberVerificationError']

const isForProgrammer = (error: unknown): error is Error => {
  const { name, code } = (error ?? {}) as { name?: unknown, code?: unknown }
  return error instanceof Error && ownNames.includes(String(name)) && programmersCodes.includes(String(code))
}

/**
 * The programmer must see a defect of the app. The warning says where it is. It repeats only messages of our own,
 * because other messages may hold a code or a number.
 */
function warnOf(event: MultistepEvent, what: string, error: unknown): void {
  const [told, places] = defectIn(what, error)
  const warning = `${told} Listen with login.on('${event}', ({ error }) => …) to see it whole.`
  process.emitWarning([warning, ...places].join('\n'))
}

/** The same, of what broke where no event tells of it and a program got the answer. */
export function warnOfFault(route: string, error: unknown): void {
  const [told, places] = defectIn(`answering ${route}`, error)
  process.emitWarning([told, ...places].join('\n'))
}

function defectIn(what: string, error: unknown): [told: string, places: string[]] {
  const { cause = error } = (error ?? {}) as { cause?: unknown }
  const stack = cause instanceof Error ? cause.stack ?? '' : ''
  const places = stack.split('\n').filter((line) => line.trim().startsWith('at ')).slice(0, 4)
  const name = cause instanceof Error ? cause.name : typeof cause
  return [`multistep: ${what} broke with ${name}${isForProgrammer(error) ? ` (${error.message})` : ''}.`, places]
}
