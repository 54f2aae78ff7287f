import { createClient } from 'redis'
import { aims } from '../lib/aims.js'
import { Child } from '../lib/children.js'
import { at, compared, inTurns, ratioTitle, type Rates, type Side } from '../lib/measure.js'
import { aimed, title } from '../lib/print.js'
import { connected, type Connected } from '../lib/redis-commands.js'
import { placeAt, removePlace, type RedisPlace } from '../lib/redis-server.js'

/** So many for one round: the bare calls are many times as fast. */
const times = { verify: 1500, bare: 6000 }
const rounds = 11

/** A side whose calls are timed in three ways at once. */
interface Timed extends Side {
  readonly child: Child
  /** How often it did its work in a second by the clock, by round. */
  readonly walls: number[]
  /** Microseconds of the Redis server's processor time a call, by round. */
  readonly redis: number[]
}

type Variant = keyof typeof times

async function timed(name: string, variant: Variant, redis?: RedisPlace, server?: Connected): Promise<Timed> {
  const child = await Child.start('verifying', { variant, redis })
  const walls: number[] = []
  const micros: number[] = []
  const count = times[variant]
  return {
    name, child, walls, redis: micros,
    round: async () => {
      await child.ask('issue', count)
      const before = server ? await serverMicroseconds(server) : 0
      let seconds = Number.NaN
      const cpu = await child.seconds(async () => { seconds = await child.ask<number>('run', count) })
      if (server) micros.push((await serverMicroseconds(server) - before) / count)
      walls.push(count / seconds)
      return count / cpu
    },
  }
}

async function serverMicroseconds(server: Connected): Promise<number> {
  const info = await server.info('cpu')
  const seconds = (name: string) => Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(info)?.[1])
  return (seconds('used_cpu_user') + seconds('used_cpu_sys')) * 1e6
}

export async function benchVerifies(redisUrl: string | undefined): Promise<void> {
  if (redisUrl === undefined) return console.log('\nCodes verified: skipped (no REDIS_URL and no redis-server)')
  const place = placeAt(redisUrl)
  const server = await connected(createClient({ url: redisUrl }))
  const onRedis = await timed('SmsOtp.verify on Redis', 'verify', place, server)
  const inMemory = await timed('SmsOtp.verify in memory', 'verify')
  const bare = await timed('bare EVALSHA', 'bare', place, server)
  const again = { ...place, prefix: `${place.prefix}again:` }
  const control = await timed('bare EVALSHA, a second time', 'bare', again, server)
  const sides = [onRedis, inMemory, bare, control]
  const rates = await inTurns(sides, rounds)
  ratioTitle('Codes verified, 32 at a time, by processor time of Node')
  compared(rates, control, bare)
  compared(rates, onRedis, bare, aims.verify.cpu)
  compared(rates, inMemory, bare)
  const walls: Rates = new Map(sides.map((side) => [side, side.walls.slice(-rounds)]))
  ratioTitle('Codes verified, 32 at a time, by the clock')
  compared(walls, control, bare)
  compared(walls, onRedis, bare, aims.verify.wall)
  title('Microseconds of Redis\' own processor time for one call', 'µs', 'aim')
  for (const side of [bare, onRedis]) {
    const micros = at(0.5, side.redis.slice(-rounds))
    aimed(side.name, micros, micros.toFixed(1), side === onRedis ? aims.verify.redisMicroseconds : undefined)
  }
  await Promise.all(sides.map(({ child }) => child.stop()))
  await removePlace(place)
  await server.close()
}
