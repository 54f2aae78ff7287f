import { MultistepError, problemOf } from '../lib/errors.js'
import { within } from '#internal/deadline'
import type { FlowStore } from './flow-store.js'

/**
 * The store, with a deadline for every operation. Whatever goes wrong becomes `store_unavailable`, with the cause kept,
 * and so does an answer of another shape: only what is exactly right counts as success.
 * @param timeout milliseconds.
 */
export function bounded(store: FlowStore, timeout: number): FlowStore {
  const failed = (cause: unknown) =>
    new MultistepError('store_unavailable', problemOf('store_unavailable').message, { cause })
  const late = () => new Error(`The flow store gave no answer within ${timeout} ms.`)
  const call = async <T>(operation: () => Promise<T>, wellFormed: IsWellFormed = () => true): Promise<T> => {
    try {
      const answer = await within(timeout, operation(), late)
      if (!wellFormed(answer)) throw new TypeError(otherShape)
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
    attempt: (...args) => call(() => store.attempt(...args), isAttemptAnswer),
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

type IsWellFormed = (answer: unknown) => boolean

const otherShape = 'The flow store gave an answer of another shape than its port promises.'

const membersOf = (value: unknown): Readonly<Record<string, unknown>> => (value ?? {}) as Record<string, unknown>

const isBoolean = (answer: unknown): boolean => typeof answer === 'boolean'
const isDated: IsWellFormed = (answer) => Number.isFinite(membersOf(answer).at)
const isDatedList: IsWellFormed = (answer) => isDated(answer) && Array.isArray(membersOf(answer).requirements)
const isDatedFlows: IsWellFormed = (answer) => isDated(answer) && Array.isArray(membersOf(answer).flows)
const isAttemptAnswer: IsWellFormed = (answer) =>
  isDated(answer) && ['allowed', 'locked', 'replayed'].includes(membersOf(answer).status as string)

const isTextOrNone = (answer: unknown): boolean => answer === undefined || typeof answer === 'string'
const isTexts = (answer: unknown): boolean => Array.isArray(answer) && answer.every((one) => typeof one === 'string')

function isDeviceAnswer(answer: unknown): boolean {
  const { status, device, id } = membersOf(answer)
  if (status === 'ok') {
    const told = membersOf(device)
    return typeof told.id === 'string' && Number.isFinite(told.createdAt) && isTexts(told.factors)
  }
  return status === 'unknown' || ((status === 'reused' || status === 'outdated') && typeof id === 'string')
}
