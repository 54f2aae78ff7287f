import { createHash } from 'node:crypto'

/**
 * A client, pool or cluster of `redis` (node-redis) v5 or v6, connected by the app. Told apart from the other shape by
 * its function `evalSha`. Made with `disableOfflineQueue` it fails at once when Redis is gone.
 */
export interface NodeRedisClient {
  evalSha(sha1: string, options: { keys: string[], arguments: string[] }): Promise<unknown>
  eval(script: string, options: { keys: string[], arguments: string[] }): Promise<unknown>
}

/** Any other client, wrapped: runs a Lua script with `EVAL` and resolves with Redis' reply. */
export interface ScriptClient {
  eval(script: string, keys: string[], args: string[]): Promise<unknown>
}

export type RedisClient = NodeRedisClient | ScriptClient

/** A Lua script, and the name under which Redis keeps it. */
export interface Script {
  readonly lua: string
  readonly sha1: string
}

/** Runs a script. Texts in the reply are strings, whatever the client makes of them. */
export type RunScript = (script: Script, keys: string[], args: string[]) => Promise<unknown>

/** SHA-1 is how Redis names scripts. */
export const script = (lua: string): Script => ({ lua, sha1: createHash('sha1').update(lua).digest('hex') })

/**
 * Other clients have a function of the same name that takes its arguments in another way: it would fail at a login.
 * @throws TypeError with the line to write.
 */
export function checkClient(store: string, client: unknown): void {
  const { eval: run, defineCommand, send_command: sendCommand } = (client ?? {}) as Readonly<Record<string, unknown>>
  if (typeof run !== 'function') {
    const clients = 'with one of the package redis, or { eval: (script, keys, args) => Promise }'
    throw new TypeError(`${store} needs a client: write new ${store}({ client }), ${clients}.`)
  }
  if (typeof defineCommand === 'function') {
    const wrapped = '{ eval: (script, keys, args) => client.eval(script, keys.length, ...keys, ...args) }'
    throw new TypeError(`${store} cannot use a client of ioredis as it is: write new ${store}({ client: ${wrapped} }).`)
  }
  if (typeof sendCommand === 'function') {
    throw new TypeError(
      `${store} cannot use a client of redis 3, which answers by callback: update redis to 5 or later.`,
    )
  }
}

/**
 * How scripts run with this client: by their names where it can, so that each is sent once.
 * @param unavailable makes the package's own error of what went wrong, which shows no key and no argument.
 */
export function scriptRunner(client: RedisClient, unavailable: (cause: Error) => Error): RunScript {
  const run = isNodeRedis(client) ? byName(client) : byText(client)
  return async (script, keys, args) => {
    try {
      return textual(await run(script, keys, args))
    } catch (error) {
      throw unavailable(redacted(error, [...keys, ...args]))
    }
  }
}

export const isNodeRedis = (client: RedisClient): client is NodeRedisClient =>
  typeof (client as Partial<NodeRedisClient>).evalSha === 'function'

const byText = (client: ScriptClient): RunScript => ({ lua }, keys, args) => client.eval(lua, keys, args)

function byName(client: NodeRedisClient): RunScript {
  const untimed = withoutTimeout(client)
  return async ({ lua, sha1 }, keys, args) => {
    const options = { keys, arguments: args }
    const connected = isConnected(client) ? untimed : client
    try {
      return await connected.evalSha(sha1, options)
    } catch (error) {
      // The one error after which asking again is safe: nothing has run yet.
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error
      return connected.eval(lua, options)
    }
  }
}

/**
 * Whether this is a single client, and Redis is there. While it is gone a client queues commands, and its timeout is
 * what takes them out of the queue. A pool or a cluster does not say how it stands, and lacks `isPubSubActive`.
 */
const isConnected = (client: object): boolean =>
  'isPubSubActive' in client && (client as { isReady?: unknown }).isReady === true

/**
 * The client's timeout makes a timer for each command, which costs as much as all else about it. The callers of a store
 * have a deadline for it already.
 */
const withoutTimeout = (client: NodeRedisClient & { withCommandOptions?(options: object): unknown }): NodeRedisClient =>
  (client.withCommandOptions?.({ timeout: undefined }) as NodeRedisClient | undefined) ?? client

/** Some clients give texts as Buffers. */
const textual = (reply: unknown): unknown => {
  if (Array.isArray(reply)) return reply.map(textual)
  return Buffer.isBuffer(reply) ? reply.toString() : reply
}

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
