import { MultistepError } from '../errors.js'
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

/** @throws MultistepError `store_unavailable`. */
export async function runScript(client: NodeRedisClient | EvalClient, script: Script, keys: string[], args: string[]): Promise<unknown> {
  try {
    return client.evalSha === undefined ? await client.eval(script.text, keys, args) : await runCached(client, script, { keys, arguments: args })
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
