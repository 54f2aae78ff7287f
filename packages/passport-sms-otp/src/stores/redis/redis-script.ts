import { createHash } from 'node:crypto'
import { SmsOtpError } from '../../errors.js'

/** A `redis` (node-redis) client, pool or cluster, as far as it is used. Told apart from the other shape by its function `evalSha`. */
export interface NodeRedisClient {
  evalSha(sha1: string, options: { keys: string[], arguments: string[] }): Promise<unknown>
  eval(script: string, options: { keys: string[], arguments: string[] }): Promise<unknown>
}

/** Any other client, wrapped: runs a Lua script and resolves with Redis' reply. */
export interface ScriptClient {
  eval(script: string, keys: string[], args: string[]): Promise<unknown>
}

export type RedisClient = NodeRedisClient | ScriptClient

export interface Script {
  readonly lua: string
  readonly sha1: string
}

export type RunScript = (script: Script, keys: string[], args: string[]) => Promise<unknown>

/**
 * Other clients have a function of the same name that takes its arguments in another way: it would fail at somebody's login.
 * @throws TypeError with the line to write.
 */
export function checkClient(store: string, client: unknown): void {
  const { eval: run, defineCommand, send_command: sendCommand } = (client ?? {}) as Readonly<Record<string, unknown>>
  if (typeof run !== 'function') throw new TypeError(`${store} needs a client: write new ${store}({ client }), with one of the package redis, or { eval: (script, keys, args) => Promise }.`)
  if (typeof defineCommand === 'function') {
    const wrapped = '{ eval: (script, keys, args) => client.eval(script, keys.length, ...keys, ...args) }'
    throw new TypeError(`${store} can not use a client of ioredis as it is: write new ${store}({ client: ${wrapped} }).`)
  }
  if (typeof sendCommand === 'function') throw new TypeError(`${store} can not use a client of redis 3, which answers by callback: update redis to 5 or later.`)
}

/** Some clients give texts as Buffers; how they are read is not up to them. */
export const textual = (reply: unknown): unknown => {
  if (Array.isArray(reply)) return reply.map(textual)
  return Buffer.isBuffer(reply) ? reply.toString() : reply
}

/** SHA-1 is how Redis names scripts. */
export const script = (lua: string): Script => ({ lua, sha1: createHash('sha1').update(lua).digest('hex') })

export function scriptRunner(client: RedisClient): RunScript {
  if (!isNodeRedis(client)) return async ({ lua }, keys, args) => client.eval(lua, keys, args)
  return async ({ lua, sha1 }, keys, args) => {
    const options = { keys, arguments: args }
    try {
      return await client.evalSha(sha1, options)
    } catch (error) {
      // The one error after which asking again is safe: nothing has run yet.
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error
      return client.eval(lua, options)
    }
  }
}

/** Runs a script that is needed once, and therefore not kept by the server. */
export const runOnce = (client: RedisClient, lua: string, key: string): Promise<unknown> =>
  (isNodeRedis(client) ? client.eval(lua, { keys: [key], arguments: [] }) : client.eval(lua, [key], []))

const isNodeRedis = (client: RedisClient): client is NodeRedisClient => typeof (client as Partial<NodeRedisClient>).evalSha === 'function'

/** By status, how the whole numbers that follow it in the reply make an answer. A function's arity is how many there must be. */
export type Answers<Answer> = Record<string, (...numbers: number[]) => Answer>

/** Some clients give whole numbers as texts: those that are exact are the same. */
const exact = (value: unknown): unknown => (typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : value)

/** Reads a script's reply. Whatever is not exactly one of the answers rejects: a limit must not depend on a guess. */
export function readReply<Answer>(reply: unknown, answers: Answers<Answer>): Answer {
  const [status, ...told] = Array.isArray(reply) ? textual(reply) as unknown[] : []
  const numbers = told.map(exact)
  const answer = typeof status === 'string' && Object.hasOwn(answers, status) ? answers[status] : undefined
  if (!answer || answer.length !== numbers.length || !numbers.every(isInteger)) {
    throw new SmsOtpError('store_unavailable', 'Redis answered a script with something the challenge store does not know.')
  }
  return answer(...numbers)
}

/** Reads what is a list of names and values in turn. */
export function readPairs(reply: unknown): Readonly<Record<string, string>> {
  const words = Array.isArray(reply) ? textual(reply) as unknown[] : [undefined]
  if (words.length % 2 !== 0 || !words.every((word) => typeof word === 'string')) {
    throw new SmsOtpError('store_unavailable', 'Redis answered a script with something the challenge store does not know.')
  }
  return Object.fromEntries(words.flatMap((word, index) => (index % 2 === 0 ? [[word, words[index + 1]]] : []))) as Record<string, string>
}

const isInteger = (value: unknown): value is number => Number.isSafeInteger(value)

export function unavailable(cause: unknown): SmsOtpError {
  return cause instanceof SmsOtpError ? cause : new SmsOtpError('store_unavailable', 'The challenge store in Redis did not answer.', { cause })
}
