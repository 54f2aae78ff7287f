// Members with an address and a password, kept as MongoDB keeps them: ids are objects in `_id`, the login is at
// /users/login, and messages are flashed. `node app.mjs`, then log in as ada@example.org / lovelace.
import express from 'express'
import session from 'express-session'
import { multistep } from 'multistep'
import passport from 'passport'
import { Strategy as LocalStrategy } from 'passport-local'
import { Strategy as SmsOtpStrategy } from 'passport-sms-otp'
import { consoleSender } from 'passport-sms-otp/senders'
import { flash } from './flash.mjs'
import { User } from './user.mjs'
import { dashboardRoutes } from './dashboard.mjs'
import { userRoutes } from './users.mjs'

passport.use(new LocalStrategy({ usernameField: 'email' }, async (email, password, done) => {
  try {
    const user = await User.findOne({ email })
    done(null, user?.password === password && user, { message: 'Email or password incorrect' })
  } catch (error) {
    done(error)
  }
}))
passport.serializeUser((user, done) => done(null, String(user._id)))
passport.deserializeUser((id, done) => User.findById(id).then((user) => done(null, user), done))

passport.use(new SmsOtpStrategy({
  sender: consoleSender(), secret: process.env.OTP_SECRET, appName: 'Members', origin: 'localhost',
  capture: { save: (user, phone) => { user.phone = phone; return user.save() } },
}))
const login = multistep(passport, {
  steps: ['local', 'sms-otp'],
  factors: { 'sms-otp': { enroll: 'first' } }, loginPath: '/users/login', successRedirect: '/dashboard',
})

const app = express()
app.use(express.urlencoded({ extended: true }))
app.use(session({ secret: process.env.SESSION_SECRET ?? 'keyboard cat', resave: true, saveUninitialized: true }))
app.use(login.session())
app.use(flash)
app.use('/users/login', login.router())
app.use('/users', userRoutes)
app.use('/dashboard', dashboardRoutes)

const server = app.listen(process.env.PORT ?? 3000, () => {
  console.log(`http://localhost:${server.address().port}/dashboard`)
})
