import { createHash } from 'node:crypto'
import { scriptCallsOf, type RedisClient } from './redis-script-client.js'

export type { IoredisClient, NodeRedisClient, RedisClient, ScriptClient } from './redis-script-client.js'

/** A Lua script, and the name under which Redis keeps it. */
export interface Script {
  readonly lua: string
  readonly sha1: string
}

/** Runs a script. Texts in the reply are strings, even when the client gives Buffers. */
export type RunScript = (script: Script, keys: string[], args: string[]) => Promise<unknown>

/** SHA-1 is how Redis names scripts. */
export const script = (lua: string): Script => ({ lua, sha1: createHash('sha1').update(lua).digest('hex') })

/**
 * Runs scripts with the client of an app, by their names where it can, so that each is sent once.
 * @param store whose client it is, for the error.
 * @param unavailable makes the package's own error of what went wrong, which shows no key and no argument.
 * @throws TypeError for a client of no known shape, with the line to write.
 */
export function scriptRunner(store: string, client: RedisClient, unavailable: (cause: Error) => Error): RunScript {
  const { byName, byText } = scriptCallsOf(store, client)
  return async ({ lua, sha1 }, keys, args) => {
    try {
      return textual(await (byName?.(sha1, keys, args) ?? byText(lua, keys, args)))
    } catch (error) {
      if (!isUnknownScript(error)) throw unavailable(redacted(error, [...keys, ...args]))
    }
    try {
      return textual(await byText(lua, keys, args))
    } catch (error) {
      throw unavailable(redacted(error, [...keys, ...args]))
    }
  }
}

/** The one error after which asking again is safe: nothing has run yet. */
const isUnknownScript = (error: unknown): boolean => error instanceof Error && error.message.startsWith('NOSCRIPT')

/** Some clients give texts as Buffers. */
function textual(reply: unknown): unknown {
  if (Array.isArray(reply)) return reply.some(isNoPlainValue) ? reply.map(textual) : reply
  return Buffer.isBuffer(reply) ? reply.toString() : reply
}

const isNoPlainValue = (value: unknown): boolean => typeof value === 'object' && value !== null

/** Clients and Redis itself may repeat the command in an error, and with it whom and what it was about. */
function redacted(error: unknown, told: readonly string[]): Error {
  if (!(error instanceof Error)) return new Error('The client rejected with something that is no Error.')
  const [message = ''] = error.message.split(', with args')
  const names = told.filter((text) => text.length >= SHORTEST_SECRET)
  const cause = new Error(names.reduce((text, name) => text.replaceAll(name, '…'), message))
  cause.name = error.name
  return 'code' in error && typeof error.code === 'string' ? Object.assign(cause, { code: error.code }) : cause
}

/** What is shorter, such as a counter, tells nothing, and may stand in any sentence. */
const SHORTEST_SECRET = 4
