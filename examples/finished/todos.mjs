// A to-do list with a login as most tutorials have it: passport-local, EJS, a CSRF token in each form.
// `node app.mjs`, then log in as ada / lovelace.
import ejs from 'ejs'
import express from 'express'
import session from 'express-session'
import { multistep } from 'multistep'
import passport from 'passport'
import { Strategy as SmsOtpStrategy } from 'passport-sms-otp'
import { consoleSender } from 'passport-sms-otp/senders'
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
const login = multistep(passport, { steps: ['local', 'sms-otp'], factors: { 'sms-otp': { enroll: 'first' } } })
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
