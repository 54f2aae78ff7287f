import { MultistepError } from '../../errors.js'
import type { Script } from './lua/script.js'

/** A client or cluster of `redis` (node-redis) v5 or v6, connected by the app; made with `disableOfflineQueue` it fails at once when Redis is gone. */
export interface NodeRedisClient {
  eval(script: string, options: { keys: string[], arguments: string[] }): Promise<unknown>
  evalSha(sha: string, options: { keys: string[], arguments: string[] }): Promise<unknown>
}

/** Any other client: one function that runs `EVAL` and gives strings as strings and integers as numbers. */
export interface EvalClient {
  eval(script: string, keys: string[], args: string[]): Promise<unknown>
  evalSha?: undefined
}

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

/** Some clients give texts as Buffers. */
const textual = (reply: unknown): unknown => {
  if (Array.isArray(reply)) return reply.map(textual)
  return Buffer.isBuffer(reply) ? reply.toString() : reply
}

/** @throws MultistepError `store_unavailable`. */
export async function runScript(client: NodeRedisClient | EvalClient, script: Script, keys: string[], args: string[]): Promise<unknown> {
  try {
    return textual(client.evalSha === undefined ? await client.eval(script.text, keys, args) : await runCached(client, script, { keys, arguments: args }))
  } catch (error) {
    throw new MultistepError('store_unavailable', 'Redis did not answer.', { cause: redacted(error) })
  }
}

async function runCached(client: NodeRedisClient, script: Script, options: { keys: string[], arguments: string[] }): Promise<unknown> {
  try {
    return await client.evalSha(script.sha, options)
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error
    return await client.eval(script.text, options)
  }
}

/** Clients and Redis itself may repeat the command in an error, and with it whom and what it was about. */
function redacted(error: unknown): Error {
  if (!(error instanceof Error)) return new Error('The client rejected with something that is no Error.')
  const cause = new Error(error.message.split(', with args')[0])
  cause.name = error.name
  return 'code' in error && typeof error.code === 'string' ? Object.assign(cause, { code: error.code }) : cause
}
