import { createHash, randomBytes } from 'node:crypto'
import { MemoryChallengeStore, RedisChallengeStore, SmsOtp, type ChallengeStore } from 'passport-sms-otp'
import { createClient } from 'redis'
import { compare, counted, inParallel, usual, type Side } from './measure.js'
import { outbox } from './people.js'
import { ratios, title } from './print.js'
import { connected, removeAll, type Connected } from './redis-commands.js'

const width = 32
const times = 1500

/** Verifies one right code for each of many people; the challenges are issued beforehand, outside the measured time. */
async function verifying(name: string, store: ChallengeStore, total: number): Promise<Side> {
  const { codes, sender } = outbox()
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
const needed = times * (usual + 1)

export async function benchVerifies(redisUrl: string | undefined): Promise<void> {
  if (redisUrl === undefined) return console.log('\nCodes verified: skipped (no REDIS_URL and no redis-server)')
  title('Codes verified', ...ratios)
  const client = await connected(createClient({ url: redisUrl }))
  const prefix = `bench:${randomBytes(6).toString('hex')}:`
  await compare([
    await verifying('SmsOtp.verify in memory', new MemoryChallengeStore({ capacity: 1_000_000 }), needed),
    await verifying('SmsOtp.verify on Redis', new RedisChallengeStore({ client, prefix }), needed),
    await bareEvalSha(client),
  ])
  await removeAll(client, prefix)
  await client.unlink('bench:bare')
  await client.close()
}
