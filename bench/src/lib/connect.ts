import { createClient } from 'redis'
import { given } from './child.js'
import { connected, type Connected } from './redis-commands.js'

/** The client of this program, if it was given a Redis, and the prefix of its keys. */
export async function redisGiven(): Promise<{ client: Connected | undefined, prefix: string }> {
  if (given.redis === undefined) return { client: undefined, prefix: '' }
  return { client: await connected(createClient({ url: given.redis.url })), prefix: given.redis.prefix }
}
