import { createClient } from 'redis'
import { aims, type Aim } from '../lib/aims.js'
import { Child } from '../lib/children.js'
import { aimed, title } from '../lib/print.js'
import { connected } from '../lib/redis-commands.js'
import { placeAt, removePlace } from '../lib/redis-server.js'

/**
 * So many are there already, and so many come then. What is held once is in neither, such as the ten thousand phone
 * numbers that passport-sms-otp remembers.
 */
const first = 12_000
const more = 20_000

const kinds: Readonly<Record<string, { readonly name: string, readonly memory?: Aim, readonly redis?: Aim }>> = {
  challenge: { name: 'a pending challenge, with its ledger', ...aims.bytes.challenge },
  flow: { name: 'a flow that waits for its code', ...aims.bytes.flow },
  name: { name: 'a wrong password for a made-up name' },
  nobody: { name: 'a login that nobody known has begun' },
}

/** How much a store takes to hold what people leave unfinished. */
export async function benchSizes(redisUrl: string | undefined): Promise<void> {
  title('Bytes in memory', 'bytes', 'aim')
  for (const [variant, { name, memory }] of Object.entries(kinds)) {
    const child = await Child.start('holding', { variant }, ['--expose-gc'])
    const used = async () => (await child.ask<{ used: number }>('collected')).used
    aimed(name, ...shown(await growth(child, used)), memory)
    await child.stop()
  }
  if (redisUrl === undefined) return console.log('\nBytes in Redis: skipped (no REDIS_URL and no redis-server)')
  title('Bytes in Redis', 'bytes', 'aim')
  const client = await connected(createClient({ url: redisUrl }))
  for (const [variant, { name, redis }] of Object.entries(kinds)) {
    const place = placeAt(redisUrl)
    const child = await Child.start('holding', { variant, redis: place })
    const used = async () => Number(/^used_memory_dataset:(\d+)/m.exec(await client.info('memory'))?.[1])
    aimed(name, ...shown(await growth(child, used)), redis)
    await child.stop()
    await removePlace(place)
  }
  await client.close()
}

const shown = (bytes: number): [number, string] => [bytes, String(Math.round(bytes))]

async function growth(child: Child, used: () => Promise<number>): Promise<number> {
  await child.ask('hold', first)
  const before = await used()
  await child.ask('hold', more)
  return (await used() - before) / more
}
