import express, { type Express } from 'express'
import session from 'express-session'
import { anyOf, MemoryFlowStore, multistep, passed, when } from 'multistep'
import { Passport } from 'passport'
import { Strategy as LocalStrategy } from 'passport-local'
import { Strategy as SmsOtpStrategy } from 'passport-sms-otp'
import { inboxSender } from 'passport-sms-otp/testing'
import { Visitor } from '../../packages/mobileconnect-simulator/test/support/visitor.js'
import type { TextingTarget } from './limit-attacks.js'
import { serve, statusOnly } from './serve.js'
import { postJson } from './target.js'

interface Person { readonly id: string, readonly password: string, readonly phone: string }
const ada: Person = { id: 'ada', password: 'lovelace-1815', phone: '+447400123456' }
const find = (id: unknown) => (id === ada.id ? ada : undefined)
const byPhone = (phone: unknown) => (phone === ada.phone ? ada : undefined)

/** Written by hand, with every limit that one thinks of at first, or made of the packages. */
export type Kind = 'by hand' | 'packages'

export async function textingApp(kind: Kind): Promise<TextingTarget> {
  let time = Date.parse('2026-01-01')
  const now = () => time
  const texts: { to: string, body: string }[] = []
  const app = express()
  app.set('trust proxy', 'loopback')
  app.use(express.json(), session({ secret: 'of-a-test-and-nothing-else', resave: false, saveUninitialized: false }))
  const paths = kind === 'by hand' ? byHand(app, texts) : made(app, texts, now)
  app.use(statusOnly)
  const site = await serve(app)
  const last = () => /\d{6}/.exec(texts.at(-1)?.body.split('#').at(-1) ?? '')?.[0] ?? ''
  return {
    ...site,
    ...paths,
    victim: { name: ada.id, password: ada.password, phone: ada.phone },
    loggedIn: async () => {
      const visitor = new Visitor()
      await postJson(visitor, site.url, paths.password(ada.id, ada.password))
      await postJson(visitor, site.url, paths.enter(last()))
      if ((await visitor.request(`${site.url}/account`)).status !== 200) throw new Error('The app does not log in.')
      return visitor
    },
    texts: () => texts,
    pass: (milliseconds) => { time += milliseconds },
  }
}

type Paths = Pick<TextingTarget, 'password' | 'askFor' | 'enter' | 'transfer' | 'confirm'>

/** A database is never as near as the memory. */
const aMoment = () => new Promise((resolve) => { setTimeout(resolve, 20) })

function byHand(app: Express, texts: { to: string, body: string }[]): Paths {
  const failures = new Map<string, number>()
  const wrongCodes = new Map<string, number>()
  const byAddress = new Map<string, number>()
  let unanswered = 0
  const more = (counts: Map<string, number>, key: string) => counts.set(key, (counts.get(key) ?? 0) + 1).get(key)!
  const kept = (req: express.Request) => req.session as unknown as { to?: string, code?: string, user?: string, transfer?: string, confirmed?: string }
  const text = (req: express.Request, to: string, what: string) => {
    const code = String(Math.floor(Math.random() * 1e6)).padStart(6, '0')
    Object.assign(kept(req), { to, code })
    texts.push({ to, body: `${what}. Your code is #${code}` })
  }
  app.post('/login', (req, res) => {
    const { username, password } = req.body as { username: string, password: string }
    if (!failures.has(username) && failures.size >= 200) return void res.status(503).end()
    if (more(failures, username) > 10) return void res.status(429).end()
    const person = find(username)
    if (person?.password !== password) return void res.status(401).end()
    failures.delete(username)
    if ((wrongCodes.get(person.phone) ?? 0) < 100) text(req, person.phone, 'Log in to Acme')
    res.json({})
  })
  app.post('/code', async (req, res) => {
    await aMoment()
    const { phone } = req.body as { phone: string }
    if (req.ip !== undefined && more(byAddress, req.ip) > 10) return void res.status(429).end()
    if ((wrongCodes.get(phone) ?? 0) >= 100 || unanswered >= 50) return void res.status(403).end()
    unanswered += 1
    // Texted to see who it is, unless it is plain that nobody can be there.
    if (byPhone(phone) ?? !phone.startsWith('+4475')) text(req, phone, 'Log in to Acme')
    res.json({})
  })
  app.post('/verify', (req, res) => {
    const { code, to = '', transfer } = kept(req)
    if (code === undefined || req.body.code !== code) {
      more(wrongCodes, to)
      return void res.status(401).end()
    }
    unanswered = 0
    wrongCodes.delete(to)
    Object.assign(kept(req), { code: undefined, user: byPhone(to)?.id, confirmed: transfer })
    res.json({})
  })
  app.post('/transfer', (req, res) => {
    const { user, confirmed } = kept(req)
    const transfer = JSON.stringify(req.body)
    if (user === undefined) return void res.status(401).end()
    if (confirmed === transfer) return void res.json({ made: true })
    kept(req).transfer = transfer
    res.status(403).json({})
  })
  app.post('/confirm', (req, res) => {
    const { payee, amount } = JSON.parse(kept(req).transfer ?? '{}') as { payee: string, amount: string }
    text(req, ada.phone, `Pay ${payee.replace(/[^\w :+]/g, '').slice(0, 40)} ${amount}`)
    res.json({})
  })
  app.get('/account', (req, res) => { res.status(kept(req).user === undefined ? 401 : 200).end() })
  return {
    password: (username, password) => ({ path: '/login', body: { username, password } }),
    askFor: (phone) => ({ path: '/code', body: { phone } }),
    enter: (code) => ({ path: '/verify', body: { code } }),
    transfer: (payee, amount) => ({ path: '/transfer', body: { payee, amount } }),
    confirm: () => ({ send: { path: '/confirm', body: {} }, enter: (code) => ({ path: '/verify', body: { code } }) }),
  }
}

function made(app: Express, texts: { to: string, body: string }[], now: () => number): Paths {
  const inbox = inboxSender()
  const sender = { ...inbox, send: async (...given: Parameters<typeof inbox.send>) => { texts.push(given[0]); return inbox.send(...given) } }
  const passport = new Passport()
  passport.serializeUser((user, done) => done(null, (user as Person).id))
  passport.deserializeUser((id: string, done) => done(null, (find(id) ?? false) as never))
  passport.use(new LocalStrategy((name, password, done) => { done(null, find(name)?.password === password ? find(name)! : false) }))
  passport.use(new SmsOtpStrategy({
    sender, secret: 'k7Qz'.repeat(10), countries: ['GB'], now,
    mayText: (phone) => byPhone(phone) !== undefined || !phone.startsWith('+4475'),
  }, byPhone))
  const login = multistep(passport, {
    steps: [anyOf('local', 'sms-otp'), when(passed('local'), 'sms-otp')],
    store: new MemoryFlowStore({ capacity: 200, now }),
  })
  app.use(login.session())
  app.use('/login', login.router())
  app.post('/transfer', login.require({ factors: 'sms-otp', bind: ({ body }) => ({ payee: body.payee, amount: body.amount }) }), (_req, res) => { res.json({ made: true }) })
  app.get('/account', login.require(), (_req, res) => { res.json({}) })
  const requirementIn = (answer: unknown) => (answer as { requirement?: { id: string } } | undefined)?.requirement?.id
  return {
    password: (username, password) => ({ path: '/login/local', body: { username, password } }),
    askFor: (phone) => ({ path: '/login/sms-otp/challenge', body: { phone } }),
    enter: (code) => ({ path: '/login/sms-otp', body: { code } }),
    transfer: (payee, amount) => ({ path: '/transfer', body: { payee, amount } }),
    confirm: (answer) => {
      const id = requirementIn(answer)
      return { send: { path: '/login/sms-otp/challenge', body: { for: id } }, enter: (code) => ({ path: '/login/sms-otp', body: { for: id, code } }) }
    },
  }
}
