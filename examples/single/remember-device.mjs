// "Remember this device": the browser is not asked for a text again for 30 days. Log in twice
// as ada / lovelace, and see.
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
  steps: ['local', 'sms-otp'],
  remember: {
    skips: ['sms-otp'],
    // A new password or a new number ends every remembered device of the person.
    fingerprint: (user) => user.password + user.phone,
  },
  successRedirect: '/account',
})

const app = express()
app.use(session({ secret, resave: false, saveUninitialized: false }))
app.use(express.urlencoded({ extended: false }), express.json())
app.use(login.session())
app.use('/login', login.router())
app.get('/account', login.require(), (req, res) => {
  const proven = login.evidence(req).map(({ factor, via }) => `${factor} (${via})`)
  res.send(`<p>Hello ${req.user.id}: ${proven.join(', ')}.</p>
    <p><a href="/login/devices">Remembered devices</a></p><form method="post" action="/logout"><button>Log out</button></form>`)
})
app.post('/logout', login.logout({ successRedirect: '/account' }))

const server = app.listen(process.env.PORT ?? 3000, () =>
  console.log(`http://localhost:${server.address().port}/account`),
)
