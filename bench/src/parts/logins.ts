import { aims } from '../lib/aims.js'
import { Child } from '../lib/children.js'
import { loggingIn } from '../lib/logging-in.js'
import { compared, inTurns, ratioTitle, type Side } from '../lib/measure.js'
import { placeAt, removePlace, type RedisPlace } from '../lib/redis-server.js'

const times = 120
const rounds = 15

/** Whole logins: a password, a texted code, a session. */
export async function benchLogins(redisUrl: string | undefined): Promise<void> {
  await compareLogins('in memory', undefined)
  if (redisUrl === undefined) return console.log('\nWhole two-step logins, on Redis: skipped (no REDIS_URL and no redis-server)')
  const redis = placeAt(redisUrl)
  await compareLogins('on Redis', redis)
  await removePlace(redis)
}

async function compareLogins(where: string, redis: RedisPlace | undefined): Promise<void> {
  const children: Child[] = []
  const side = async (name: string, program: string): Promise<Side> => {
    // The prefix is the side's own: two sides of one Redis share nothing.
    const child = await Child.start(program, redis ? { redis: { ...redis, prefix: `${redis.prefix}${children.length}:` } } : {})
    children.push(child)
    return loggingIn(name, child, times)
  }
  const ours = await side('multistep + passport-sms-otp', 'multistep')
  const byHand = await side('hand-written', 'hand-written')
  const control = await side('hand-written, a second time', 'hand-written')
  const rates = await inTurns([ours, byHand, control], rounds)
  ratioTitle(`Whole two-step logins, ${where}`)
  compared(rates, control, byHand)
  compared(rates, ours, byHand, aims.login.handWritten)
  await Promise.all(children.map((child) => child.stop()))
}
