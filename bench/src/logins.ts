import { randomBytes, randomInt } from 'node:crypto'
import { multistep, MemoryFlowStore } from 'multistep'
import { MemoryChallengeStore, SmsOtp, Strategy as SmsOtpStrategy } from 'passport-sms-otp'
import { compare, counted, inParallel, type Side } from './measure.js'
import { host, outbox, userOf, type User } from './people.js'
import { ratios, title } from './print.js'
import { Client, listen, type Listening } from './server.js'

/** Whole logins: a password, a texted code, a session. */
const width = 8
const times = 150

/** What both sides are asked to do: so many whole logins, each by a person of its own. */
function loggingIn({ url }: Listening, codes: ReadonlyMap<string, string>): (count: number) => Promise<void> {
  let people = 0
  return async (count) => inParallel(count, width, async () => {
    people += 1
    const name = `user${people}`
    const client = new Client(url)
    await client.post('/login/local', { username: name, password: 'right' })
    const done = await client.post('/login/sms-otp', { code: codes.get(userOf(name).phone) ?? '' })
    if (done.status !== 'complete') throw new Error('not logged in')
  })
}

/** Ours: multistep and passport-sms-otp, everything on. */
async function ours(): Promise<Side & { listening: Listening }> {
  const { app, passport } = host()
  const { codes, sender } = outbox()
  const otp = new SmsOtp({ sender, secret: randomBytes(48).toString('base64'), store: new MemoryChallengeStore({ capacity: 1_000_000 }) })
  passport.use(new SmsOtpStrategy({ otp }) as never)
  const login = multistep(passport, { steps: ['local', 'sms-otp'], store: new MemoryFlowStore({ capacity: 1_000_000 }) })
  app.use(login.session() as never)
  app.use('/login', login.router() as never)
  const listening = await listen(app)
  return { ...counted('multistep + passport-sms-otp', times, loggingIn(listening, codes)), listening }
}

/** What people write by hand: passport-local logs in, a code in the session, a flag that every route must remember to check. */
async function handWritten(): Promise<Side & { listening: Listening }> {
  const { app, passport } = host()
  const { codes } = outbox()
  app.use(passport.session())
  app.post('/login/local', passport.authenticate('local'), (req, res) => {
    const code = String(randomInt(1_000_000)).padStart(6, '0')
    Object.assign(req.session, { code, sentAt: Date.now() })
    codes.set((req.user as User).phone, code)
    res.json({ status: 'pending' })
  })
  app.post('/login/sms-otp', (req, res) => {
    const held = req.session as unknown as { code?: string, sentAt: number, verified?: boolean }
    held.verified = held.code !== undefined && req.body.code === held.code && Date.now() - held.sentAt < 300_000
    delete held.code
    res.json({ status: held.verified ? 'complete' : 'refused' })
  })
  const listening = await listen(app)
  return { ...counted('hand-written', times, loggingIn(listening, codes)), listening }
}

export async function benchLogins(): Promise<void> {
  title('Whole two-step logins, in memory', ...ratios)
  const [mine, theirs] = [await ours(), await handWritten()]
  await compare([mine, theirs], 15)
  await mine.listening.close()
  await theirs.listening.close()
}
