// A to-do list with a login as most tutorials have it: passport-local, EJS, a CSRF token in each form.
// `node app.mjs`, then log in as ada / lovelace.
import ejs from 'ejs'
import express from 'express'
import session from 'express-session'
import { anyOf, multistep } from 'multistep'
import { MemoryRecoveryCodeStore, RecoveryCodeStrategy } from 'multistep/recovery-codes'
import { MemoryTotpKeyStore, TotpSetUp } from 'multistep/totp'
import passport from 'passport'
import { Strategy as SmsOtpStrategy } from 'passport-sms-otp'
import { consoleSender } from 'passport-sms-otp/senders'
import { Strategy as TotpStrategy } from 'passport-totp'
import { renderSVG } from 'uqr'
import { authRoutes } from './auth.mjs'
import { csrf } from './csrf.mjs'
import { todoRoutes } from './todos.mjs'

const app = express()
app.engine('ejs', ejs.renderFile)
app.set('view engine', 'ejs')
app.set('views', new URL('views', import.meta.url).pathname)

passport.use(new SmsOtpStrategy({
  sender: consoleSender(), secret: process.env.OTP_SECRET, appName: 'To do', origin: 'localhost',
  capture: { save: (user, phone) => { user.phone = phone } },
}))
const authenticators = new TotpSetUp({ store: new MemoryTotpKeyStore(), issuer: 'To do', qr: renderSVG })
passport.use(new TotpStrategy({ window: 1 }, authenticators.key))
const recovery = new RecoveryCodeStrategy({ store: new MemoryRecoveryCodeStore() })
passport.use(recovery)
const login = multistep(passport, {
  steps: ['local', anyOf('totp', 'sms-otp', 'recovery-code')],
  factors: {
    totp: authenticators.factor,
    'sms-otp': { enroll: 'first' },
    'recovery-code': { enrolled: async (user) => (await recovery.remaining(user)) > 0 },
  },
})
app.use(express.urlencoded({ extended: false }))
app.use(session({ secret: process.env.SESSION_SECRET ?? 'keyboard cat', resave: false, saveUninitialized: false }))
app.use(login.session())
app.use('/login', login.router())
app.use(csrf)
app.use('/', todoRoutes)
app.use('/', authRoutes)

const server = app.listen(process.env.PORT ?? 3000, () => {
  console.log(`http://localhost:${server.address().port}/`)
})
