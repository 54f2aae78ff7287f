import { randomBytes } from 'node:crypto'
import { MultistepError } from './errors.js'
import type { Events } from './events.js'
import type { FlowStore, Login } from './stores/flow-store.js'
import type { Settings } from './options.js'
import { idOf } from './policy/same-person.js'
import type { Passport } from './strategy/passport.js'
import { problemOf } from './problem.js'
import { userProperty, type Request } from './http/request.js'
import { within } from './within.js'

/** What every part of one multistep shares. */
export interface Context {
  readonly settings: Settings
  readonly passport: Passport
  readonly events: Events
  /** The settings' store, bounded in time. */
  readonly store: FlowStore
  /** The property of a request that holds the login it carries by this policy. */
  readonly mark: symbol
}

/** The login that a request carries, as `session()` read it. */
export interface ActiveLogin extends Login {
  readonly id: string
  /** The store's clock at that moment. */
  readonly at: number
}

interface Carried { readonly login: ActiveLogin, readonly user: unknown }

const personOf = (req: Request): unknown => Reflect.get(req, userProperty(req))

/** Remembers for this request, and for every view of it, whose login it carries; `undefined`: nobody's. What prints a request does not print it. */
export function setLogin({ mark }: Context, req: Request, login: ActiveLogin | undefined): void {
  const carried: Carried | null = login ? { login, user: personOf(req) } : null
  Object.defineProperty(req, mark, { value: carried, configurable: true, writable: true, enumerable: false })
}

/** Whether `session()` has looked for the login that a request carries. */
export const wasRead = ({ mark }: Pick<Context, 'mark'>, req: Request): boolean => Reflect.get(req, mark) !== undefined

/**
 * The login this request carries.
 * @throws MultistepError `misconfigured` where `session()` did not run.
 */
export function loginOf({ mark, settings }: Context, req: Request): ActiveLogin | undefined {
  const found = Reflect.get(req, mark) as Carried | null | undefined
  if (found === undefined) throw new MultistepError('misconfigured', 'multistep: app.use(login.session()) is missing in front of this route. It takes the place of app.use(passport.session()).')
  // Another middleware may have put somebody else there since: this login says nothing of them.
  return found && isStill(found, personOf(req), settings) ? found.login : undefined
}

/** Apps put a fuller account of the same person in the place of the one that was found. */
function isStill({ login, user }: Carried, person: unknown, { userId }: Settings): boolean {
  if (person === user || !person) return person === user
  try {
    return idOf(person, userId) === login.userId
  } catch {
    return false
  }
}

/** Every operation of the store, with the deadline of `storeTimeout`. Whatever goes wrong becomes `store_unavailable`, with the cause kept, and so does
 * an answer of another shape: only what is exactly right counts as success. */
export function bounded(store: FlowStore, timeout: number): FlowStore {
  const failed = (cause: unknown) => new MultistepError('store_unavailable', problemOf('store_unavailable').message, { cause })
  const late = () => new Error(`The flow store gave no answer within ${timeout} ms.`)
  const call = async <T>(operation: () => Promise<T>, wellFormed: (answer: unknown) => boolean = () => true): Promise<T> => {
    try {
      const answer = await within(timeout, operation(), late)
      if (!wellFormed(answer)) throw new TypeError('The flow store gave an answer of another shape than its port promises.')
      return answer
    } catch (error) {
      throw failed(error)
    }
  }
  return {
    time: () => call(() => store.time()),
    createFlow: (...args) => call(() => store.createFlow(...args), isBoolean),
    readFlow: (...args) => call(() => store.readFlow(...args), isDated),
    readFlows: (...args) => call(() => store.readFlows(...args), isDatedFlows),
    advanceFlow: (...args) => call(() => store.advanceFlow(...args), isBoolean),
    finishFlow: (...args) => call(() => store.finishFlow(...args), isBoolean),
    dropFlow: (...args) => call(() => store.dropFlow(...args)),
    createLogin: (...args) => call(() => store.createLogin(...args)),
    readLogin: (...args) => call(() => store.readLogin(...args), isDated),
    endLogin: (...args) => call(() => store.endLogin(...args)),
    openRequirement: (...args) => call(() => store.openRequirement(...args), isDated),
    readRequirements: (...args) => call(() => store.readRequirements(...args), isDatedList),
    advanceRequirement: (...args) => call(() => store.advanceRequirement(...args), isBoolean),
    dropRequirement: (...args) => call(() => store.dropRequirement(...args)),
    meetRequirement: (...args) => call(() => store.meetRequirement(...args), isBoolean),
    retireSession: (...args) => call(() => store.retireSession(...args)),
    takeGrant: (...args) => call(() => store.takeGrant(...args), isBoolean),
    stepDown: (...args) => call(() => store.stepDown(...args)),
    attempt: (...args) => call(() => store.attempt(...args), isAnswer),
    settle: (...args) => call(() => store.settle(...args)),
    rememberDevice: (...args) => call(() => store.rememberDevice(...args), isTexts),
    useDevice: (...args) => call(() => store.useDevice(...args), isDeviceAnswer),
    listDevices: (...args) => call(() => store.listDevices(...args), Array.isArray),
    forgetDevice: (...args) => call(() => store.forgetDevice(...args), isBoolean),
    forgetDevices: (...args) => call(() => store.forgetDevices(...args), isTexts),
    endAll: (...args) => call(() => store.endAll(...args), isTexts),
    leaveTombstone: (...args) => call(() => store.leaveTombstone(...args), isBoolean),
    changeTombstone: (...args) => call(() => store.changeTombstone(...args)),
    readTombstone: (...args) => call(() => store.readTombstone(...args), isTextOrNone),
  }
}

const isBoolean = (answer: unknown): boolean => typeof answer === 'boolean'
const isDated = (answer: unknown): boolean => Number.isFinite((answer as { at?: unknown } | null | undefined)?.at)
const isDatedList = (answer: unknown): boolean => isDated(answer) && Array.isArray((answer as { requirements?: unknown }).requirements)
const isDatedFlows = (answer: unknown): boolean => isDated(answer) && Array.isArray((answer as { flows?: unknown }).flows)
const isAnswer = (answer: unknown): boolean => isDated(answer) && ['allowed', 'locked', 'replayed'].includes((answer as { status?: unknown }).status as string)

const isTextOrNone = (answer: unknown): boolean => answer === undefined || typeof answer === 'string'
const isTexts = (answer: unknown): boolean => Array.isArray(answer) && answer.every((one) => typeof one === 'string')

function isDeviceAnswer(answer: unknown): boolean {
  const { status, device, id } = (answer ?? {}) as { status?: unknown, device?: { id?: unknown, createdAt?: unknown, factors?: unknown }, id?: unknown }
  if (status === 'ok') return typeof device?.id === 'string' && Number.isFinite(device.createdAt) && isTexts(device.factors)
  return status === 'unknown' || ((status === 'reused' || status === 'outdated') && typeof id === 'string')
}

/** 128 random bits (OWASP ASVS 7.2.3), in base64url. */
export const randomWord = (): string => randomBytes(16).toString('base64url')

/** A new id of a flow or login in a slot of the store. */
export const newId = (slot: string): string => `${slot}.${randomWord()}`
