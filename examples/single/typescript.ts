// The quickstart in TypeScript. `npm run example typescript`, log in as ada / lovelace.
import { randomBytes } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import express from 'express'
import session from 'express-session'
import { multistep } from 'multistep'
import passport from 'passport'
import { Strategy as LocalStrategy } from 'passport-local'
import { Strategy as SmsOtpStrategy } from 'passport-sms-otp'
import { consoleSender } from 'passport-sms-otp/senders'

interface Account { id: string, password: string, phone: string }

const ada: Account = { id: 'ada', password: 'lovelace', phone: '+447400123456' }
const secret = randomBytes(32).toString('hex')

passport.serializeUser((user, done) => { done(null, (user as Account).id) })
passport.deserializeUser((id, done) => { done(null, id === ada.id && ada) })
passport.use(
  new LocalStrategy((name, password, done) => {
    done(null, name === ada.id && password === ada.password && ada)
  }),
)
passport.use(new SmsOtpStrategy({ sender: consoleSender(), secret, appName: 'Acme', origin: 'localhost' }))

// The names of the steps are types: login.authenticate('lcoal') does not compile.
const login = multistep(passport, { steps: ['local', 'sms-otp'], successRedirect: '/account' })

const app = express()
app.use(session({ secret, resave: false, saveUninitialized: false }))
app.use(express.urlencoded({ extended: false }), express.json())
app.use(login.session())
app.use('/login', login.router())
app.get('/account', login.require(), (req, res) => {
  res.send(`Hello ${(req.user as Account).id}, you proved ${login.amr(req).join(' + ')}.`)
})

const server = app.listen(process.env.PORT ?? 3000, () => {
  console.log(`http://localhost:${(server.address() as AddressInfo).port}/account`)
})
