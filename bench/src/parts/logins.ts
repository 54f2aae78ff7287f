import { aims } from '../lib/aims.js'
import { Child } from '../lib/children.js'
import { loggingIn, loggingInToBetterAuth } from '../lib/logging-in.js'
import { compared, inTurns, ratioTitle, type Side } from '../lib/measure.js'
import { placeAt, removePlace, type RedisPlace } from '../lib/redis-server.js'

const times = 100
const rounds = 15
/** A login of better-auth takes many times as long. */
const peers = { times: 20, rounds: 7 }

/** Whole logins: a password, a texted code, a session. */
export async function benchLogins(redisUrl: string | undefined): Promise<void> {
  await compareLogins('in memory', undefined)
  if (redisUrl === undefined) return skipped('Whole two-step logins, on Redis')
  const redis = placeAt(redisUrl)
  await compareLogins('on Redis', redis)
  await removePlace(redis)
}

/** Beside better-auth's two-factor plugin. */
export async function benchPeers(redisUrl: string | undefined): Promise<void> {
  const { alone, cached } = aims.betterAuth
  await compareWithPeers('in memory', undefined, [
    { variant: 'memory', name: 'better-auth, memory adapter', aim: alone },
    { variant: 'sqlite', name: 'better-auth, SQLite', aim: alone },
    { variant: 'map', name: 'better-auth, SQLite and a Map', aim: cached },
  ])
  if (redisUrl === undefined) return skipped('Whole two-step logins beside better-auth, on Redis')
  const redis = placeAt(redisUrl)
  await compareWithPeers('on Redis', redis, [{ variant: 'redis', name: 'better-auth, SQLite and Redis', aim: cached }])
  await removePlace(redis)
}

const skipped = (what: string): void => console.log(`\n${what}: skipped (no REDIS_URL and no redis-server)`)

/** Starts programs that share one Redis and nothing in it, and stops them all. */
function cast(redis: RedisPlace | undefined) {
  const children: Child[] = []
  return {
    start: async (program: string, variant?: string): Promise<Child> => {
      const place = redis && { ...redis, prefix: `${redis.prefix}${children.length}:` }
      const child = await Child.start(program, { redis: place, variant })
      children.push(child)
      return child
    },
    stop: async () => Promise.all(children.map((child) => child.stop())),
  }
}

async function compareLogins(where: string, redis: RedisPlace | undefined): Promise<void> {
  const programs = cast(redis)
  const ours = loggingIn('multistep + passport-sms-otp', await programs.start('multistep'), times)
  const floor = loggingIn('floor', await programs.start('floor'), times)
  const byHand = loggingIn('hand-written', await programs.start('hand-written'), times)
  const control = loggingIn('hand-written, a second time', await programs.start('hand-written'), times)
  const rates = await inTurns([ours, floor, byHand, control], rounds)
  ratioTitle(`Whole two-step logins, ${where}`)
  compared(rates, control, byHand)
  compared(rates, ours, byHand, aims.login.handWritten)
  compared(rates, ours, floor, aims.login.floor)
  compared(rates, floor, byHand)
  await programs.stop()
}

interface Peer {
  readonly variant: string
  readonly name: string
  readonly aim: { readonly atLeast: number }
}

async function compareWithPeers(where: string, redis: RedisPlace | undefined, all: readonly Peer[]): Promise<void> {
  const programs = cast(redis)
  const ours = loggingIn('multistep + passport-sms-otp', await programs.start('multistep'), times)
  const sides: { readonly side: Side, readonly aim: Peer['aim'] }[] = []
  for (const { variant, name, aim } of all) {
    const child = await programs.start('better-auth', variant)
    sides.push({ side: await loggingInToBetterAuth(name, child, peers.times), aim })
  }
  const rates = await inTurns([ours, ...sides.map(({ side }) => side)], peers.rounds)
  ratioTitle(`Whole two-step logins beside better-auth, ${where}`)
  for (const { side, aim } of sides) compared(rates, ours, side, aim)
  await programs.stop()
}
