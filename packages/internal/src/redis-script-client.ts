/**
 * A client, cluster, sentinel or pool of the package `redis` (node-redis) 4, 5 or 6, connected by the app. Made with
 * `disableOfflineQueue` it fails at once when Redis is gone.
 */
export interface NodeRedisClient {
  evalSha(sha1: string, options: { keys: string[], arguments: string[] }): Promise<unknown>
  eval(script: string, options: { keys: string[], arguments: string[] }): Promise<unknown>
}

/** A client or cluster of `ioredis` 5 or 6, or of `iovalkey`. Its `keyPrefix` stands before every key. */
export interface IoredisClient {
  // Its eval is not named here, or TypeScript could not tell what the eval of a wrapped client is given.
  evalsha(sha1: string, keys: number, ...keysAndArgs: string[]): Promise<unknown>
  defineCommand(name: string, definition: never): unknown
  connect(): Promise<unknown>
}

interface IoredisCommands extends IoredisClient {
  eval(script: string, keys: number, ...keysAndArgs: string[]): Promise<unknown>
}

/** Any other client, wrapped: runs a Lua script with `EVAL` and resolves with the reply of Redis. */
export interface ScriptClient {
  eval(script: string, keys: string[], args: string[]): Promise<unknown>
}

/** Each client of Redis that the stores take. */
export type RedisClient = NodeRedisClient | IoredisClient | ScriptClient

/** How a client runs a script: by its text, and, where that is known to work, by its name. */
export interface ScriptCalls {
  readonly byText: (lua: string, keys: string[], args: string[]) => Promise<unknown>
  readonly byName?: (sha1: string, keys: string[], args: string[]) => Promise<unknown>
}

/**
 * Recognises a client by its shape. One of another shape may have functions of the same names that take their arguments
 * in another way, and would fail at a login.
 * @throws TypeError with the line to write.
 */
export function scriptCallsOf(store: string, client: unknown): ScriptCalls {
  const functions = functionsOf(client)
  if (functions.evalSha) {
    if (functions.evalsha) return nodeRedisCalls((client as { v4: NodeRedisClient }).v4)
    if (functions.nodeClient && !functions.withCommandOptions) return cluster4Calls(client as Cluster4)
    if (functions.connect || !functions.sendCommand) return nodeRedisCalls(client as NodeRedisClient)
    throw new TypeError(`${store} needs the client itself, not its legacy() or multi(): write new ${store}({ client }).`)
  }
  if (functions.defineCommand) {
    if (functions.connect && functions.evalsha) return ioredisCalls(client as IoredisCommands)
    throw new TypeError(`${store} needs the client itself, not its pipeline(): write new ${store}({ client }).`)
  }
  if (functions.send_command) {
    const reason = 'which answers by callback: update redis to 4 or later.'
    throw new TypeError(`${store} cannot use a client of redis 3, ${reason}`)
  }
  const isClient = functions.evalsha ?? functions.sendCommand ?? functions.get
  if (functions.eval && !isClient) return wrappedCalls(client as ScriptClient)
  throw new TypeError(
    `${store} needs a client of redis, ioredis or iovalkey: write new ${store}({ client }). Of another package, write new `
    + `${store}({ client: { eval: (script, keys, args) => client.eval(script, keys.length, ...keys, ...args) } }), with its way `
    + 'to call EVAL.',
  )
}

const names = [
  'eval', 'evalSha', 'evalsha', 'defineCommand', 'connect', 'sendCommand', 'send_command', 'get', 'nodeClient', 'withCommandOptions',
] as const

/** Which of these functions a client has. */
function functionsOf(client: unknown): Partial<Record<typeof names[number], true>> {
  const given = Object(client ?? {}) as Readonly<Record<string, unknown>>
  return Object.fromEntries(names.filter((name) => typeof given[name] === 'function').map((name) => [name, true]))
}

const wrappedCalls = (client: ScriptClient): ScriptCalls => ({
  byText: (lua, keys, args) => client.eval(lua, keys, args),
})

const ioredisCalls = (client: IoredisCommands): ScriptCalls => ({
  byText: (lua, keys, args) => client.eval(lua, keys.length, ...keys, ...args),
  byName: (sha1, keys, args) => client.evalsha(sha1, keys.length, ...keys, ...args),
})

interface Cluster4 {
  sendCommand(firstKey: string | undefined, isReadonly: boolean, command: string[]): Promise<unknown>
}

/** A cluster of redis 4, whose evalSha overlooks the keys, and asks any node: only every third knows these. */
function cluster4Calls(cluster: Cluster4): ScriptCalls {
  const send = (command: string, text: string, keys: string[], args: string[]) =>
    cluster.sendCommand(keys[0], false, [command, text, String(keys.length), ...keys, ...args])
  return {
    byText: (lua, keys, args) => send('EVAL', lua, keys, args),
    byName: (sha1, keys, args) => send('EVALSHA', sha1, keys, args),
  }
}

function nodeRedisCalls(client: NodeRedisClient): ScriptCalls {
  const untimed = withoutTimeout(client)
  const now = () => (isConnected(client) ? untimed : client)
  return {
    byText: (lua, keys, args) => now().eval(lua, { keys, arguments: args }),
    byName: (sha1, keys, args) => now().evalSha(sha1, { keys, arguments: args }),
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
