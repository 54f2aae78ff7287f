import { given } from './child.js'
import { connected, type Connected } from './redis-commands.js'

/**
 * The client of this program, if it was given a Redis, and the prefix of its keys. Programs without one import no
 * client, as apps without one would not: so a start is measured by what such an app does.
 */
export async function redisGiven(): Promise<{ client: Connected | undefined, prefix: string }> {
  if (given.redis === undefined) return { client: undefined, prefix: '' }
  const { url, prefix, cluster } = given.redis
  const { createClient, createCluster } = await import('redis')
  if (!cluster) return { client: await connected(createClient({ url })), prefix }
  // The parts of a client that these programs use are the same.
  const nodes = createCluster({ rootNodes: [{ url }] })
  await nodes.on('error', (error: Error) => console.error(`redis: ${error.message}`)).connect()
  return { client: nodes as unknown as Connected, prefix }
}
