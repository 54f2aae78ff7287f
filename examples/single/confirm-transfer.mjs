// A payment is confirmed by a text that names payee and amount. The code opens that payment and no other (PSD2 calls it
// dynamic linking), and the last page has one button that pays. Log in as ada / lovelace.
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
passport.use(
  new SmsOtpStrategy({ sender: consoleSender(), secret, appName: 'Acme', origin: 'localhost', delays: ['0s'] }),
)

const login = multistep(passport, { steps: ['local', 'sms-otp'], successRedirect: '/transfer' })

/** What is confirmed and what is done are read from one place, so that they cannot differ. */
const payment = (req) => ({ payee: String(req.body?.payee).trim(), amount: Number(req.body?.amount) })

/** What was typed is shown again after Cancel. */
const form = ({ payee = '', amount = '' }) => `<form method="post" action="/transfer">
  <label>To <input name="payee" value="${escaped(payee)}" required></label>
  <label>EUR <input name="amount" type="number" step="0.01" value="${escaped(amount)}" required></label> <button>Pay</button>
</form>`
const escaped = (text) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`)

const paymentConfirmed = login.require({
  factors: 'sms-otp',
  bind: payment,
  currency: { amount: 'EUR' },
  resume: { text: 'Pay {amount} to {payee}' },
})

const app = express()
app.use(session({ secret, resave: false, saveUninitialized: false }))
app.use(express.urlencoded({ extended: false }), express.json())
app.use(login.session())
app.use('/login', login.router())
app.get('/transfer', login.require(), async (req, res) => res.send(form((await login.progress(req)).values ?? {})))
app.post('/transfer', paymentConfirmed, (req, res) => {
  const { payee, amount } = payment(req)
  res.json({ paid: `${amount.toFixed(2)} EUR`, to: payee })
})

const server = app.listen(process.env.PORT ?? 3000, () =>
  console.log(`http://localhost:${server.address().port}/transfer`),
)
