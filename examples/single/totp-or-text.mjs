// After the password the person chooses: a code of their authenticator app, or a code by text.
// ada has both, and grace has no authenticator. Passwords are "lovelace" and "hopper".
import { Buffer } from 'node:buffer'
import { randomBytes } from 'node:crypto'
import express from 'express'
import session from 'express-session'
import { anyOf, multistep } from 'multistep'
import passport from 'passport'
import { Strategy as LocalStrategy } from 'passport-local'
import { Strategy as SmsOtpStrategy } from 'passport-sms-otp'
import { consoleSender } from 'passport-sms-otp/senders'
import { Strategy as TotpStrategy } from 'passport-totp'

const users = [
  { id: 'ada', password: 'lovelace', phone: '+447400123456', totpKey: Buffer.from('12345678901234567890') },
  { id: 'grace', password: 'hopper', phone: '+447400123457' },
]
const byId = (id) => users.find((user) => user.id === id) ?? false
const secret = randomBytes(32).toString('hex')

passport.serializeUser((user, done) => done(null, user.id))
passport.deserializeUser((id, done) => done(null, byId(id)))
passport.use(new LocalStrategy((id, password, done) => done(null, byId(id).password === password && byId(id))))
passport.use(new TotpStrategy((user, done) => done(null, user.totpKey, 30)))
passport.use(new SmsOtpStrategy({ sender: consoleSender(), secret, appName: 'Acme', origin: 'localhost' }))

const login = multistep(passport, {
  steps: ['local', anyOf('totp', 'sms-otp')],
  // Multistep asks this before it offers the factor: grace is never asked for a code that she cannot have.
  factors: { totp: { enrolled: (user) => user.totpKey !== undefined } },
  successRedirect: '/account',
})

const app = express()
app.use(session({ secret, resave: false, saveUninitialized: false }))
app.use(express.urlencoded({ extended: false }), express.json())
app.use(login.session())
app.use('/login', login.router())
app.get('/account', login.require(), (req, res) =>
  res.send(`Hello ${req.user.id}, you proved ${login.amr(req).join(' + ')}.`),
)

const server = app.listen(process.env.PORT ?? 3000, () =>
  console.log(`http://localhost:${server.address().port}/account`),
)
