// How much a store takes to hold many pending challenges. Every loop is counted, and it ends by itself.
import { randomBytes } from 'node:crypto'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { MemoryChallengeStore, RedisChallengeStore, SmsOtp, type ChallengeStore } from 'passport-sms-otp'
import { createClient } from 'redis'
import { inParallel } from './measure.js'
import { connected, removeAll } from './redis-commands.js'
import { redisServer } from './redis-server.js'
import { soakStrangers } from './strangers.js'

const pending = 100_000
const width = 64

/** Issues codes to so many people who never enter them: as many challenges, and as many ledgers. */
async function hold(store: ChallengeStore): Promise<void> {
  const sender = { name: 'nowhere', development: true, send: async () => ({}) }
  const otp = new SmsOtp({ sender, secret: randomBytes(48).toString('base64'), store, delays: [], sendLimits: { phone: {} }, ttl: '10m' })
  await inParallel(pending, width, async (index) => {
    const sent = await otp.issue({ to: `+4474${String(index).padStart(8, '0')}`, purpose: 'login', subject: `person ${index}`, known: true })
    if (sent.status !== 'sent') throw new Error(`not sent: ${sent.status}`)
  })
}

function heapAfterCollection(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  for (let times = 0; times < 3; times += 1) collect()
  return process.memoryUsage().heapUsed
}

const tell = (where: string, bytes: number, begun: number) => {
  const rate = Math.round(pending / ((performance.now() - begun) / 1000))
  console.log(`${where}: ${pending} pending challenges take ${(bytes / 2 ** 20).toFixed(1)} MiB, ${Math.round(bytes / pending)} bytes each (about ${rate} issued a second)`)
}

async function soakMemory(): Promise<void> {
  const store = new MemoryChallengeStore({ capacity: pending })
  const before = heapAfterCollection()
  const begun = performance.now()
  await hold(store)
  tell('In memory', heapAfterCollection() - before, begun)
  const full = await hold(store).then(() => 'took more', (error: unknown) => (error as { code?: string }).code)
  console.log(`  at its capacity it answers: ${full}`)
}

async function soakRedis(url: string | undefined): Promise<void> {
  if (url === undefined) return console.log('In Redis: skipped (no REDIS_URL and no redis-server)')
  const client = await connected(createClient({ url }))
  const used = async () => Number(/^used_memory:(\d+)/m.exec(await client.info('memory'))?.[1])
  const prefix = `soak:${randomBytes(6).toString('hex')}:`
  const before = await used()
  const begun = performance.now()
  await hold(new RedisChallengeStore({ client, prefix }))
  tell('In Redis', await used() - before, begun)
  await removeAll(client, prefix)
  await client.close()
}

const redis = await redisServer()
try {
  await soakMemory()
  await soakRedis(redis.url)
  await soakStrangers(heapAfterCollection, redis.url)
} finally {
  redis.close()
}
