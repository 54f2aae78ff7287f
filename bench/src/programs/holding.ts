// Stores that hold what people leave unfinished: `challenge`, `flow`, `name` (a wrong password for a made-up name),
// `nobody` (a login that nobody known has begun).
import { randomBytes } from 'node:crypto'
import { multistep, MemoryFlowStore, RedisFlowStore, type FlowStore } from 'multistep'
import { MemoryChallengeStore, RedisChallengeStore, SmsOtp, Strategy as SmsOtpStrategy } from 'passport-sms-otp'
import { answer, given } from '../lib/child.js'
import { Client, listen } from '../lib/client.js'
import { redisGiven } from '../lib/connect.js'
import { inParallel } from '../lib/measure.js'
import { host, outbox } from '../lib/people.js'

const { client, prefix } = await redisGiven()
const capacity = 1_000_000
const secret = randomBytes(48).toString('base64')
const word = () => randomBytes(16).toString('base64url')
const lockout = { after: 10, for: 15 * 60_000, max: 24 * 60 * 60_000 }
const ttl = 10 * 60_000

type Flow = Parameters<FlowStore['createFlow']>[1]

/** Each is another person's. */
type Hold = (index: number) => Promise<unknown>

function challenges(): Hold {
  const sender = { name: 'nowhere', development: true, send: async () => ({}) } as const
  const store = client
    ? new RedisChallengeStore({ client, prefix: `${prefix}otp:` })
    : new MemoryChallengeStore({ capacity })
  const otp = new SmsOtp({ sender, secret, store, delays: [], sendLimits: { phone: {} }, ttl: '10m' })
  return async (index) => {
    const to = `+4474${String(index).padStart(8, '0')}`
    const sent = await otp.issue({ to, purpose: 'login', subject: `person ${index}`, known: true })
    if (sent.status !== 'sent') throw new Error(`not sent: ${sent.status}`)
  }
}

/** What the store is given for a login that waits for its texted code. */
async function pendingFlow(): Promise<Flow> {
  let seen: Flow | undefined
  const watched = new Proxy(new MemoryFlowStore(), {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name)
      if (typeof value !== 'function') return value
      return (...args: unknown[]): unknown => {
        seen = args.find((argument): argument is Flow => Object.hasOwn(Object(argument), 'challenges')) ?? seen
        return value.apply(target, args)
      }
    },
  })
  const { app, passport } = host()
  const { sender } = outbox()
  passport.use(new SmsOtpStrategy({ otp: new SmsOtp({ sender, secret }) }) as never)
  const login = multistep(passport, { steps: ['local', 'sms-otp'], store: watched })
  app.use(login.session() as never)
  app.use('/login', login.router() as never)
  const listening = await listen(app)
  await new Client(listening.url).post('/login/local', { username: 'user1', password: 'right' })
  await listening.close()
  if (Object.keys(seen?.challenges ?? {}).length === 0) throw new Error('No flow with a challenge was seen.')
  return seen!
}

const flowStore = (): FlowStore =>
  (client ? new RedisFlowStore({ client, prefix: `${prefix}flow:` }) : new MemoryFlowStore({ capacity }))

async function flows(): Promise<Hold> {
  const store = flowStore()
  const text = JSON.stringify(await pendingFlow())
  // Parsed anew for each, as no two people's flows share a string.
  return () => store.createFlow(`${word()}.${word()}`, JSON.parse(text) as Flow, ttl)
}

function names(): Hold {
  const store = flowStore()
  return () => store.attempt({ partition: word(), factor: 'local', of: 'name' }, lockout)
}

function nobodys(): Hold {
  const store = flowStore()
  const flow = () => ({ session: word(), proofs: [], challenges: { 'sms-otp': { challenge: 'x'.repeat(200) } } })
  const shard = () => randomBytes(1).toString('hex').charAt(0)
  return () => store.createFlow(`nobody-${shard()}.${word()}`, flow(), ttl)
}

const kinds: Readonly<Record<string, () => Hold | Promise<Hold>>> = {
  challenge: challenges, flow: flows, name: names, nobody: nobodys,
}

const hold = await kinds[given.variant ?? '']!()
let held = 0

answer({
  hold: (count: number) => inParallel(count, 64, () => {
    held += 1
    return hold(held)
  }),
})
