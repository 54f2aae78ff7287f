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

/** @throws MobileConnectError `store_unavailable`. */
export async function runScript(client: RedisClient, { lua, sha1 }: Script, keys: string[], args: string[]): Promise<unknown> {
  try {
    if (!isNodeRedis(client)) return await client.eval(lua, keys, args)
    return await client.evalSha(sha1, { keys, arguments: args }).catch((error: unknown) => {
      // The one error after which asking again is safe: nothing has run yet.
      if (error instanceof Error && error.message.startsWith('NOSCRIPT')) return client.eval(lua, { keys, arguments: args })
      throw error
    })
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
