import { createClient, type RedisClientType } from 'redis'
import { unavailable } from '../errors.js'

export type Redis = RedisClientType

/** Milliseconds that a command may take: with Redis silent, every request is answered within a few of these. */
export const DEADLINE = 1000

/**
 * A client that fails fast and comes back by itself. Its `connect()` waits for a Redis that is not there yet.
 * An outage is logged once, and so is its end; at the start, nothing listens yet.
 */
export function redisClient(url: string, log: (line: string) => void): Redis {
  const client = createClient({
    url,
    disableOfflineQueue: true,
    commandOptions: { timeout: 2 * DEADLINE },
    // A silent server is found out by pings that stay unanswered.
    pingInterval: DEADLINE,
    socket: { connectTimeout: DEADLINE, socketTimeout: 2 * DEADLINE, reconnectStrategy: (tries) => Math.min(50 * (tries + 1), DEADLINE / 2) },
  }) as Redis
  let met = false
  let down = false
  client.on('error', (error: { code?: string, name?: string }) => {
    // One late ping is no outage, and neither is our own good-bye.
    if (client.isReady || !client.isOpen) return
    if (!down) log(`Redis at ${new URL(url).host} does not answer (${error.code ?? error.name ?? 'error'}). ${met ? 'Until it does, requests are answered with 503.' : 'The app starts when it does.'}`)
    down = true
  })
  client.on('ready', () => {
    if (down) log(met ? 'Redis is back.' : 'Redis is there.')
    met = true
    down = false
  })
  return client
}

/** The client's own time limit covers only commands that wait to be sent; this one covers the answer too. */
export async function answered<T>(command: Promise<T>, deadline = DEADLINE): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    const giveUp = () => reject(unavailable(new Error(`No answer within ${deadline} ms.`)))
    // A process that was busy itself looks first at what has come meanwhile.
    timer = setTimeout(() => setImmediate(giveUp), deadline)
  })
  try {
    return await Promise.race([command, late])
  } catch (error) {
    throw unavailable(error)
  } finally {
    clearTimeout(timer)
  }
}
