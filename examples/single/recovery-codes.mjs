// Ten recovery codes for the day on which the phone is gone. They are printed here once, when the app starts:
// in a real app the person makes them at /login/recovery-codes. Log in as ada / lovelace.
import { randomBytes } from 'node:crypto'
import express from 'express'
import session from 'express-session'
import { anyOf, multistep } from 'multistep'
import { MemoryRecoveryCodeStore, RecoveryCodeStrategy } from 'multistep/recovery-codes'
import passport from 'passport'
import { Strategy as LocalStrategy } from 'passport-local'
import { Strategy as SmsOtpStrategy } from 'passport-sms-otp'
import { consoleSender } from 'passport-sms-otp/senders'

const ada = { id: 'ada', password: 'lovelace', phone: '+447400123456' }
const secret = randomBytes(32).toString('hex')

// In a real app the hashes of the codes stand beside the accounts: a store is three functions.
const recovery = new RecoveryCodeStrategy({ store: new MemoryRecoveryCodeStore() })
passport.serializeUser((user, done) => done(null, user.id))
passport.deserializeUser((id, done) => done(null, id === ada.id && ada))
passport.use(
  new LocalStrategy((name, password, done) => done(null, name === ada.id && password === ada.password && ada)),
)
passport.use(new SmsOtpStrategy({ sender: consoleSender(), secret, appName: 'Acme', origin: 'localhost' }))
passport.use(recovery)

const login = multistep(passport, {
  steps: ['local', anyOf('sms-otp', 'recovery-code')],
  factors: { 'recovery-code': { enrolled: async (user) => await recovery.remaining(user) > 0 } },
  successRedirect: '/account',
})
login.on('recovery.used', ({ userId, remaining }) =>
  console.log(`Tell ${userId}: a recovery code was used, ${remaining} are left.`),
)

const app = express()
app.use(session({ secret, resave: false, saveUninitialized: false }))
app.use(express.urlencoded({ extended: false }), express.json())
app.use(login.session())
app.use('/login', login.router())
app.get('/account', login.require(), (req, res) =>
  res.send(`Hello ${req.user.id}. <a href="/login/recovery-codes">Recovery codes</a>`),
)

console.log(`Recovery codes of ada: ${(await recovery.generate(ada)).join(' ')}`)
const server = app.listen(process.env.PORT ?? 3000, () =>
  console.log(`http://localhost:${server.address().port}/account`),
)
