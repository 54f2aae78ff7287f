import { createClient } from 'redis'
import { aims, type Aim } from '../lib/aims.js'
import { Child } from '../lib/children.js'
import { logInMany } from '../lib/logging-in.js'
import { aimed, row, title } from '../lib/print.js'
import { Commands, connected } from '../lib/redis-commands.js'
import { placeAt, redisServer, removePlace, type RedisPlace } from '../lib/redis-server.js'

/**
 * What a login sends to Redis: commands of sessions included, and what a script runs inside Redis is part of the one
 * command.
 */
export async function benchCommands(redisUrl: string | undefined): Promise<void> {
  title('Commands that a whole login sends to Redis', 'commands', 'aim')
  if (redisUrl === undefined) return row('skipped (no REDIS_URL and no redis-server)')
  const place = placeAt(redisUrl)
  await count('hand-written', 'hand-written', { ...place, prefix: `${place.prefix}hand:` })
  await count('floor', 'floor', { ...place, prefix: `${place.prefix}floor:` })
  await count('multistep + passport-sms-otp', 'multistep', place, aims.loginCommands)
  await removePlace(place)
  await onCluster()
}

/** One node that holds all slots is a cluster: a command whose keys lie in several slots is refused. */
async function onCluster(): Promise<void> {
  const node = await redisServer('--cluster-enabled', 'yes')
  try {
    if (node.url === undefined || process.env.REDIS_URL) return row('on a cluster: skipped (no own redis-server)')
    const client = await connected(createClient({ url: node.url }))
    await client.sendCommand(['CLUSTER', 'ADDSLOTSRANGE', '0', '16383'])
    while (!(await client.clusterInfo()).includes('cluster_state:ok')) {
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    await client.close()
    const place = { ...placeAt(node.url), cluster: true }
    await count('multistep + passport-sms-otp, on a cluster', 'multistep', place, aims.loginCommands)
  } finally {
    node.close()
  }
}

async function count(name: string, program: string, redis: RedisPlace, aim?: Aim): Promise<void> {
  const child = await Child.start(program, { redis })
  const client = await connected(createClient({ url: redis.url }))
  const commands = await Commands.of(client)
  // The first login loads the scripts, and the second may still find something to do once.
  await logInMany(child, ['user1'])
  await logInMany(child, ['user2'])
  const seen = await commands.during(async () => {
    await logInMany(child, ['user3'])
    // What is sent when the answer has left counts, too.
    await new Promise((resolve) => setTimeout(resolve, 200))
  })
  commands.close()
  await client.close()
  await child.stop()
  aimed(name, seen.length, String(seen.length), aim, `  ${seen.join(' ')}`)
}
