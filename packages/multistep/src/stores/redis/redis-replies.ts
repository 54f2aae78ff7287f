import { MultistepError } from '../../lib/errors.js'
import type { Device, DeviceAnswer, KeptDevice } from '../device-store.js'
import type { AttemptAnswer, KeptFlow, Login } from '../flow-store.js'
import { unpackFlow } from '../rules/packed-flow.js'
import type { Proof } from '../../factors/proof.js'
import { inOrder, type KeptRequirement, type Requirement } from '../step-up-store.js'
import { isWord } from '../keys.js'

/** Nothing of the reply is repeated: it may hold what was kept. */
const malformed = (): MultistepError =>
  new MultistepError('store_unavailable', 'Redis gave an answer that this store does not understand.')

/** The answer of a script that has nothing to tell. */
export function done(reply: unknown): void {
  if (!flagReply(reply)) throw malformed()
}

export function flagReply(reply: unknown): boolean {
  const value = integer(reply)
  if (value > 1) throw malformed()
  return value === 1
}

export function integer(reply: unknown): number {
  const value = typeof reply === 'string' && /^\d{1,16}$/.test(reply) ? Number(reply) : reply
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw malformed()
  return value
}

export function flowReply(reply: unknown): { at: number, flow?: KeptFlow } {
  const [at, ...values] = list(reply, 1, 4)
  return values.length === 0 ? { at: integer(at) } : { at: integer(at), flow: keptFlow(values) }
}

/** Of a partition; each with its random word. */
export function flowsReply(reply: unknown, partition: string): { at: number, flows: (KeptFlow & { id: string })[] } {
  const [at, ...values] = list(reply)
  const flows: (KeptFlow & { id: string })[] = []
  for (let index = 0; index < values.length; index += 4) {
    flows.push({ ...keptFlow(values.slice(index + 1, index + 4)), id: `${partition}.${word(values[index])}` })
  }
  return { at: integer(at), flows }
}

function keptFlow(values: readonly unknown[]): KeptFlow {
  const [expiresAt, version, json] = list(values, 3)
  const flow = unpackFlow(jsonIn(json))
  if (!flow) throw malformed()
  return { ...flow, version: integer(version), expiresAt: integer(expiresAt) }
}

/** Of a script that has one text to tell, or none. */
export function textReply(reply: unknown): string | undefined {
  const [text] = list(reply, 0, 1)
  if (text !== undefined && typeof text !== 'string') throw malformed()
  return text
}

export function loginReply(reply: unknown): { at: number, login?: Login } {
  const [at, createdAt, json, retired, ...proven] = list(reply)
  if (createdAt === undefined) return { at: integer(at) }
  const login = objectIn(json)
  if (typeof login.userId !== 'string' || !Array.isArray(login.proofs)) throw malformed()
  if (typeof retired !== 'string') throw malformed()
  const made = { ...login as unknown as Omit<Login, 'createdAt'>, createdAt: integer(createdAt) }
  if (retired === '') return { at: integer(at), login: made }
  const raised = inOrder(proven.map((json) => objectIn(json) as unknown as Proof))
  return { at: integer(at), login: { ...made, proofs: [...made.proofs, ...raised], retired: retired.split(' ') } }
}

export function requirementReply(reply: unknown): { at: number, requirement?: KeptRequirement } {
  const { at, requirements: [requirement] } = requirementsReply(list(reply, 1, 5))
  return requirement ? { at, requirement } : { at }
}

export function requirementsReply(reply: unknown): { at: number, requirements: KeptRequirement[] } {
  const [at, ...values] = list(reply)
  const requirements: KeptRequirement[] = []
  for (let index = 0; index < values.length; index += 4) {
    requirements.push(keptRequirement(values.slice(index, index + 4)))
  }
  return { at: integer(at), requirements }
}

function keptRequirement(values: readonly unknown[]): KeptRequirement {
  const [id, version, expiresAt, json] = list(values, 4)
  const requirement = objectIn(json)
  const { asked, proofs, challenges } = requirement
  if (!Array.isArray(asked) || !Array.isArray(proofs) || !isObject(challenges)) throw malformed()
  if (typeof id !== 'string') throw malformed()
  return { ...requirement as unknown as Requirement, id, version: integer(version), expiresAt: integer(expiresAt) }
}

export function attemptReply(reply: unknown): AttemptAnswer {
  const [status, at, detail] = list(reply, 3)
  if (status === 'locked') return { status, retryAt: integer(detail), at: integer(at) }
  if (status === 'allowed' || status === 'replayed') return { status, locks: flagReply(detail), at: integer(at) }
  throw malformed()
}

export function deviceReply(reply: unknown): DeviceAnswer {
  const [status, ...rest] = list(reply, 1, 2, 6, 7)
  if (status === 'ok') {
    return { status, device: device(rest.slice(0, 5)), ...rest.length > 5 ? { again: word(rest[5]) } : {} }
  }
  if (status === 'unknown' && rest.length === 0) return { status }
  if ((status === 'reused' || status === 'outdated') && rest.length === 1) return { status, id: word(rest[0]) }
  throw malformed()
}

export function devicesReply(reply: unknown): KeptDevice[] {
  if (!Array.isArray(reply)) throw malformed()
  return reply.map(device)
}

export function wordsReply(reply: unknown): string[] {
  if (!Array.isArray(reply)) throw malformed()
  return reply.map(word)
}

function device(reply: unknown): KeptDevice {
  const [id, createdAt, lastUsedAt, expiresAt, json] = list(reply, 5)
  const told = objectIn(json)
  if (!Array.isArray(told.factors)) throw malformed()
  const dates = { createdAt: integer(createdAt), lastUsedAt: integer(lastUsedAt), expiresAt: integer(expiresAt) }
  return { ...told as unknown as Omit<Device, 'id'>, id: word(id), ...dates }
}

function word(reply: unknown): string {
  if (!isWord(reply)) throw malformed()
  return reply
}

function list(reply: unknown, ...lengths: number[]): unknown[] {
  if (!Array.isArray(reply) || reply.includes(undefined)) throw malformed()
  if (lengths.length > 0 && !lengths.includes(reply.length)) throw malformed()
  return reply
}

function objectIn(json: unknown): Record<string, unknown> {
  const value = jsonIn(json)
  if (!isObject(value)) throw malformed()
  return value
}

function jsonIn(json: unknown): unknown {
  if (typeof json !== 'string') throw malformed()
  try {
    return JSON.parse(json)
  } catch {
    throw malformed()
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
