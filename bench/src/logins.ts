import { randomBytes, randomInt } from 'node:crypto'
import express from 'express'
import session from 'express-session'
import { multistep, MemoryFlowStore } from 'multistep'
import { Passport } from 'passport'
import { Strategy as LocalStrategy } from 'passport-local'
import { MemoryChallengeStore, SmsOtp, Strategy as SmsOtpStrategy } from 'passport-sms-otp'
import { compare, counted, inParallel, type Side } from './measure.js'
import { Client, listen, type Listening } from './server.js'

/** Whole logins: a password, a texted code, a session. Each login is another person's, as limits count by person. */
const width = 8
const times = 300

interface User { id: string, phone: string }

const userOf = (name: string): User => ({ id: name, phone: `+4474${name.slice(4).padStart(8, '0')}` })

/** An app with sessions in memory, Passport, and people who all have the password `right`. */
function host() {
  const passport = new Passport()
  passport.serializeUser((user, done) => done(null, (user as User).id))
  passport.deserializeUser((id: string, done) => done(null, userOf(id)))
  passport.use(new LocalStrategy((name, password, done) => done(null, password === 'right' ? userOf(name) : false)))
  const app = express()
  app.use(session({ secret: randomBytes(32).toString('hex'), resave: false, saveUninitialized: false }), express.json())
  return { app, passport }
}

/** What both sides are asked to do: so many whole logins, each by a person of its own. */
function loggingIn({ url }: Listening, outbox: ReadonlyMap<string, string>): (count: number) => Promise<void> {
  let people = 0
  return async (count) => inParallel(count, width, async () => {
    people += 1
    const name = `user${people}`
    const client = new Client(url)
    await client.post('/login/local', { username: name, password: 'right' })
    const done = await client.post('/login/sms-otp', { code: outbox.get(userOf(name).phone) ?? '' })
    if (done.status !== 'complete') throw new Error('not logged in')
  })
}

/** Ours: multistep and passport-sms-otp, everything on. */
async function ours(): Promise<Side & { listening: Listening }> {
  const { app, passport } = host()
  const outbox = new Map<string, string>()
  const sender = { name: 'outbox', development: true, send: async ({ to, code }: { to: string, code: string }) => { outbox.set(to, code); return {} } }
  const otp = new SmsOtp({ sender, secret: randomBytes(48).toString('base64'), store: new MemoryChallengeStore({ capacity: 1_000_000 }) })
  passport.use(new SmsOtpStrategy({ otp }) as never)
  const login = multistep(passport, { steps: ['local', 'sms-otp'], store: new MemoryFlowStore({ capacity: 1_000_000 }) })
  app.use(login.session() as never)
  app.use('/login', login.router() as never)
  const listening = await listen(app)
  return { ...counted('multistep + passport-sms-otp', times, loggingIn(listening, outbox)), listening }
}

/** What people write by hand: passport-local logs in, a code in the session, a flag that every route must remember to check. */
async function handWritten(): Promise<Side & { listening: Listening }> {
  const { app, passport } = host()
  const outbox = new Map<string, string>()
  app.use(passport.session())
  app.post('/login/local', passport.authenticate('local'), (req, res) => {
    const code = String(randomInt(1_000_000)).padStart(6, '0')
    Object.assign(req.session, { code, sentAt: Date.now() })
    outbox.set((req.user as User).phone, code)
    res.json({ status: 'pending' })
  })
  app.post('/login/sms-otp', (req, res) => {
    const held = req.session as unknown as { code?: string, sentAt: number, verified?: boolean }
    held.verified = held.code !== undefined && req.body.code === held.code && Date.now() - held.sentAt < 300_000
    delete held.code
    res.json({ status: held.verified ? 'complete' : 'refused' })
  })
  const listening = await listen(app)
  return { ...counted('hand-written', times, loggingIn(listening, outbox)), listening }
}

export async function benchLogins(): Promise<void> {
  const [mine, theirs] = [await ours(), await handWritten()]
  await compare('Whole two-step logins, in memory', mine, theirs)
  await mine.listening.close()
  await theirs.listening.close()
}
