// Sign-up: the number is proven while the account is made, so the new person is logged in with both factors and is
// asked for nothing again. POST /sign-up { name, password, phone }, then POST /sign-up/confirm { code }.
import { randomBytes } from 'node:crypto'
import express from 'express'
import session from 'express-session'
import { multistep } from 'multistep'
import passport from 'passport'
import { Strategy as LocalStrategy } from 'passport-local'
import { SmsOtp, Strategy as SmsOtpStrategy } from 'passport-sms-otp'
import { consoleSender } from 'passport-sms-otp/senders'

const users = new Map()
const secret = randomBytes(32).toString('hex')
// One service for both, so that one set of limits counts all texts.
const otp = new SmsOtp({ sender: consoleSender(), secret, countries: ['GB'], appName: 'Acme', origin: 'localhost' })

passport.serializeUser((user, done) => done(null, user.id))
passport.deserializeUser((id, done) => done(null, users.get(id) ?? false))
passport.use(
  new LocalStrategy((id, password, done) => done(null, users.get(id)?.password === password && users.get(id))),
)
passport.use(new SmsOtpStrategy({ otp }))

const login = multistep(passport, { steps: ['local', 'sms-otp'] })

const app = express()
app.use(session({ secret, resave: false, saveUninitialized: false }))
app.use(express.json())
app.use(login.session())
app.use('/login', login.router())

app.post('/sign-up', async (req, res) => {
  const { name, password, phone } = req.body
  const sent = await otp.issue({ to: phone, purpose: 'sign-up', ip: req.ip })
  if (sent.status !== 'sent') return res.status(400).json({ code: sent.status })
  req.session.signUp = { name, password, challenge: sent.challenge } // a real app keeps a hash of the password
  res.json({ to: sent.to })
})

app.post('/sign-up/confirm', async (req, res) => {
  const { name, password, challenge } = req.session.signUp ?? {}
  if (challenge === undefined || users.has(name)) return res.status(400).json({ code: 'begin_again' })
  const proven = await otp.verify({ challenge, code: req.body.code, purpose: 'sign-up' })
  if (proven.status !== 'ok') return res.status(401).json({ code: proven.status })
  const user = { id: name, password, phone: proven.phone }
  users.set(user.id, user)
  await login.vouch(req, user, ['local', 'sms-otp'])
  res.status(201).json({ id: user.id, amr: login.amr(req) })
})

app.get('/account', login.require(), (req, res) => res.json({ id: req.user.id }))

const server = app.listen(process.env.PORT ?? 3000, () => console.log(`http://localhost:${server.address().port}/`))
