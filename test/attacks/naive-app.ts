import express from 'express'
import session from 'express-session'
import { Passport } from 'passport'
import { Strategy as LocalStrategy } from 'passport-local'

interface Person { id: string, password: string, phone: string }
declare module 'express-session' {
  interface SessionData { code: string, verified: boolean, returnTo: string }
}

/** Three ways in which second factors are written by hand; every line is in some app. */
export type Manner =
  /** The password logs in, and every route must remember to ask for more: one does not. */
  | 'logs in first'
  /** The code lies in the session, and a flag there says that it was right. */
  | 'code in the session'
  /** The code lies with the account until there is another. */
  | 'code with the account'

export function naiveApp(manner: Manner) {
  const people: (Person & { code?: string })[] = [
    { id: 'ada', password: 'lovelace-1815', phone: '+447400123456' },
    { id: 'alan', password: 'turing-1912', phone: '+447400123457' },
  ]
  const texts: { to: string, code: string }[] = []
  const passport = new Passport()
  const find = (name: unknown) => people.find(({ id }) => id === name)
  passport.serializeUser((user, done) => done(null, (user as Person).id))
  passport.deserializeUser((id: string, done) => done(null, (find(id) ?? false) as never))
  passport.use(new LocalStrategy((name, password, done) => {
    const person = find(name)
    if (!person) return done(null, false, { message: 'No such user.' })
    done(null, person.password === password ? person : false, { message: 'Wrong password.' })
  }))

  const app = express()
  app.use(session({ secret: 'keyboard cat', resave: true, saveUninitialized: true }))
  app.use(express.json(), express.urlencoded({ extended: true }))
  app.use(passport.session())

  app.get('/login', (req, res) => {
    if (typeof req.query.next === 'string') req.session.returnTo = req.query.next
    res.send('<form method="post" action="/login">…</form>')
  })
  app.post('/login', (req, res, next) => {
    passport.authenticate('local', (error: unknown, user: Express.User | false, info: { message?: string } | undefined) => {
      if (error) return next(error)
      if (!user) return res.status(401).json({ message: info?.message })
      // It is all that `req.login` would set, and spares the new session.
      Object.assign(req.session, { passport: { user: (user as Person).id } })
      res.json({ next: '/verify' })
    })(req, res, next)
  })
  app.all('/send', (req, res) => {
    const code = String(Math.floor(Math.random() * 1e6)).padStart(6, '0')
    const person = req.user as Person & { code?: string } | undefined
    if (manner === 'code with the account' && person) person.code = code
    else req.session.code = code
    const to = req.body?.phone ?? person?.phone
    texts.push({ to, code })
    res.json({ sent: true, to, debug: code })
  })
  app.all('/verify', (req, res, next) => {
    const { code: kept = req.session.code } = (req.user ?? {}) as { code?: string }
    const { returnTo } = req.session
    const code: unknown = req.body?.code ?? req.query.code

    if (kept != code && !req.body?.otpVerified) return void res.status(401).json({ message: 'Wrong code.' })
    const passed = (error?: unknown) => {
      if (error) return next(error)
      Object.assign(req.session, { verified: true, passport: { user: (req.user as Person | undefined)?.id } })
      res.redirect(returnTo ?? '/account')
    }
    // Between looking and acting there is always a database.
    if (manner === 'code with the account') setTimeout(() => req.session.regenerate(passed), 50)
    else passed()
  })
  app.get('/account', (req, res) => {
    const isIn = req.user && (req.session.verified || manner === 'logs in first')
    return isIn ? res.json({ id: (req.user as Person).id }) : res.status(401).end()
  })
  app.post('/logout', (_req, res) => res.clearCookie('connect.sid').json({}))
  return { app, texts, people }
}
