// Codes that are verified: by `SmsOtp.verify` in memory or on Redis (`verify`), or the barest script call beside it
// (`bare`).
import { createHash, randomBytes } from 'node:crypto'
import { MemoryChallengeStore, RedisChallengeStore, SmsOtp } from 'passport-sms-otp'
import { answer, given } from '../lib/child.js'
import { redisGiven } from '../lib/connect.js'
import { inParallel } from '../lib/measure.js'
import { outbox } from '../lib/people.js'

const width = 32
const { client, prefix } = await redisGiven()

/** One right code for each of many people; the challenges are issued before anything is measured. */
async function verifying(): Promise<Work> {
  const { codes, sender } = outbox()
  const store = client
    ? new RedisChallengeStore({ client, prefix: `${prefix}otp:` })
    : new MemoryChallengeStore({ capacity: 1_000_000 })
  const otp = new SmsOtp({ sender, secret: randomBytes(48).toString('base64'), store })
  const issued: { challenge: string, code: string, subject: string }[] = []
  let people = 0
  return {
    issue: async (count) => inParallel(count, width, async () => {
      people += 1
      const to = `+4474${String(people).padStart(8, '0')}`
      const subject = `person ${people}`
      const sent = await otp.issue({ to, purpose: 'login', subject, known: true })
      if (sent.status !== 'sent') throw new Error(`not sent: ${sent.status}`)
      issued.push({ challenge: sent.challenge, code: codes.get(to) ?? '', subject })
      codes.delete(to)
    }),
    once: async () => {
      const next = issued.pop()
      if (!next) throw new Error('Too few challenges were issued.')
      const { status } = await otp.verify({ ...next, purpose: 'login' })
      if (status !== 'ok') throw new Error(`not verified: ${status}`)
    },
  }
}

/** One script that does next to nothing: what a round trip costs at the least, on a client as the app made it. */
async function bare(): Promise<Work> {
  if (!client) throw new Error('A bare script call needs a Redis.')
  const script = 'return redis.call(\'INCR\', KEYS[1])'
  const key = `${prefix}bare`
  await client.eval(script, { keys: [key] })
  const sha = createHash('sha1').update(script).digest('hex')
  return { issue: async () => {}, once: () => client.evalSha(sha, { keys: [key] }) }
}

interface Work {
  issue(count: number): Promise<void>
  once(): Promise<unknown>
}

const work = given.variant === 'bare' ? await bare() : await verifying()

answer({
  issue: (count: number) => work.issue(count),
  /** Seconds by the clock. */
  run: async (count: number) => {
    const begun = performance.now()
    await inParallel(count, width, () => work.once())
    return (performance.now() - begun) / 1000
  },
})
