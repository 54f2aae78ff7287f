// One page asks for the password again when it was typed more than five minutes ago, and another for two fresh factors.
// Log in as ada / lovelace.
import { randomBytes } from 'node:crypto'
import express from 'express'
import session from 'express-session'
import { multistep } from 'multistep'
import passport from 'passport'
import { Strategy as LocalStrategy } from 'passport-local'
import { Strategy as SmsOtpStrategy } from 'passport-sms-otp'
import { consoleSender } from 'passport-sms-otp/senders'

const ada = { id: 'ada', password: 'lovelace', phone: '+447400123456' }
const secret = randomBytes(32).toString('hex')

passport.serializeUser((user, done) => done(null, user.id))
passport.deserializeUser((id, done) => done(null, id === ada.id && ada))
passport.use(
  new LocalStrategy((name, password, done) => done(null, name === ada.id && password === ada.password && ada)),
)
passport.use(new SmsOtpStrategy({ sender: consoleSender(), secret, appName: 'Acme', origin: 'localhost' }))

const login = multistep(passport, {
  steps: () => ['local'], // a login is the password alone: the pages that need more ask for more
  factors: { local: {}, 'sms-otp': {} }, // every factor that a page may ask for
  successRedirect: '/',
})

const app = express()
app.use(session({ secret, resave: false, saveUninitialized: false }))
app.use(express.urlencoded({ extended: false }), express.json())
app.use(login.session())
app.use('/login', login.router())
app.get('/', login.require(), (req, res) => res.send('<a href="/keys">Keys</a> <a href="/admin">Administration</a>'))
app.get('/keys', login.require({ factors: 'local', maxAge: '5m' }), (req, res) => res.send('Your keys.'))
app.get('/admin', login.require({ factors: 'sms-otp', maxAge: '15m' }), (req, res) =>
  res.send(`Welcome, ${login.amr(req).join(' + ')}.`),
)

const server = app.listen(process.env.PORT ?? 3000, () => console.log(`http://localhost:${server.address().port}/`))
