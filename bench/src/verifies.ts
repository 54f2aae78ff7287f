import { createHash, randomBytes } from 'node:crypto'
import { MemoryChallengeStore, RedisChallengeStore, SmsOtp, type ChallengeStore } from 'passport-sms-otp'
import { createClient } from 'redis'
import { compare, counted, inParallel, rounds, type Side } from './measure.js'

const width = 32
const times = 1500

type Connected = ReturnType<typeof createClient>

/** Verifies one right code for each of many people; the challenges are issued beforehand, outside the measured time. */
async function verifying(name: string, store: ChallengeStore, total: number): Promise<Side> {
  const codes = new Map<string, string>()
  const sender = { name: 'outbox', development: true, send: async ({ to, code }: { to: string, code: string }) => { codes.set(to, code); return {} } }
  const otp = new SmsOtp({ sender, secret: randomBytes(48).toString('base64'), store })
  const issued: { challenge: string, code: string, subject: string }[] = []
  await inParallel(total, width, async (index) => {
    const [to, subject] = [`+4474${String(index).padStart(8, '0')}`, `person ${index}`]
    const sent = await otp.issue({ to, purpose: 'login', subject, known: true })
    if (sent.status !== 'sent') throw new Error(`not sent: ${sent.status}`)
    issued.push({ challenge: sent.challenge, code: codes.get(to) ?? '', subject })
  })
  return counted(name, times, async (count) => inParallel(count, width, async () => {
    const next = issued.pop()
    if (!next) throw new Error('Too few challenges were issued.')
    const { status } = await otp.verify({ ...next, purpose: 'login' })
    if (status !== 'ok') throw new Error(`not verified: ${status}`)
  }))
}

/** One script that does next to nothing: what a round trip costs at the least. */
async function bareEvalSha(client: Connected): Promise<Side> {
  const script = 'return redis.call(\'INCR\', KEYS[1])'
  await client.eval(script, { keys: ['bench:bare'] })
  const sha = createHash('sha1').update(script).digest('hex')
  return counted('bare EVALSHA', times, async (count) => inParallel(count, width, async () => client.evalSha(sha, { keys: ['bench:bare'] })))
}

/** One round more to warm up. */
const needed = times * (rounds + 1)

export async function benchVerifies(redisUrl: string | undefined): Promise<void> {
  if (redisUrl === undefined) return console.log('Verifies: skipped (no REDIS_URL and no redis-server)')
  const client = createClient({ url: redisUrl })
  client.on('error', (error: Error) => console.error(`redis: ${error.message}`))
  await client.connect()
  const prefix = `bench:${randomBytes(6).toString('hex')}:`
  const redis = new RedisChallengeStore({ client, prefix })
  await compare('Codes verified, on Redis', await verifying('SmsOtp.verify', redis, needed), await bareEvalSha(client as Connected))
  const memory = await verifying('SmsOtp.verify in memory', new MemoryChallengeStore({ capacity: 1_000_000 }), needed)
  await compare('Codes verified, in memory', memory, await bareEvalSha(client as Connected))
  for await (const keys of client.scanIterator({ MATCH: `${prefix}*`, COUNT: 1000 })) if (keys.length > 0) await client.unlink(keys)
  await client.unlink('bench:bare')
  await client.close()
}
