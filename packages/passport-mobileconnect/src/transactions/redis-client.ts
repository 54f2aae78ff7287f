import { createHash } from 'node:crypto'
import { MobileConnectError } from '../errors.js'

/** A client, pool or cluster of `redis` (node-redis) v5 or v6, connected by the app. Told apart from the other shape by its function `evalSha`. */
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

/** SHA-1 is how Redis names scripts. */
export const script = (lua: string): Script => ({ lua, sha1: createHash('sha1').update(lua).digest('hex') })

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

/** @throws MobileConnectError `store_unavailable`. */
export async function runScript(client: RedisClient, { lua, sha1 }: Script, keys: string[], args: string[]): Promise<unknown> {
  try {
    if (!isNodeRedis(client)) return textual(await client.eval(lua, keys, args))
    return textual(await client.evalSha(sha1, { keys, arguments: args }).catch((error: unknown) => {
      // The one error after which asking again is safe: nothing has run yet.
      if (error instanceof Error && error.message.startsWith('NOSCRIPT')) return client.eval(lua, { keys, arguments: args })
      throw error
    }))
  } catch (error) {
    throw new MobileConnectError('store_unavailable', 'The transaction store in Redis did not answer.', { cause: redacted(error) })
  }
}

const isNodeRedis = (client: RedisClient): client is NodeRedisClient => typeof (client as Partial<NodeRedisClient>).evalSha === 'function'

/** Clients and Redis itself may repeat the command in an error, and with it whom and what it was about. */
function redacted(error: unknown): Error {
  if (!(error instanceof Error)) return new Error('The client rejected with something that is no Error.')
  return Object.assign(new Error(error.message.split(', with args')[0]), { name: error.name })
}
