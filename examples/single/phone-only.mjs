// No password: the phone number is the account. Type a British number such as 07400 123456, and the text appears here.
import { randomBytes, randomUUID } from 'node:crypto'
import express from 'express'
import session from 'express-session'
import { multistep } from 'multistep'
import passport from 'passport'
import { Strategy as SmsOtpStrategy } from 'passport-sms-otp'
import { consoleSender } from 'passport-sms-otp/senders'

const users = new Map()
const secret = randomBytes(32).toString('hex')

/** Called only when the code was right, so it may create the account. */
function findOrCreate(phone) {
  const known = [...users.values()].find((user) => user.phone === phone)
  const user = known ?? { id: randomUUID(), phone }
  users.set(user.id, user)
  return user
}

passport.serializeUser((user, done) => done(null, user.id))
passport.deserializeUser((id, done) => done(null, users.get(id) ?? false))
passport.use(
  new SmsOtpStrategy(
    { sender: consoleSender(), secret, countries: ['GB'], appName: 'Acme', origin: 'localhost' },
    async (phone) => findOrCreate(phone),
  ),
)

const login = multistep(passport, { steps: ['sms-otp'], successRedirect: '/account' })

const app = express()
app.use(session({ secret, resave: false, saveUninitialized: false }))
app.use(express.urlencoded({ extended: false }), express.json())
app.use(login.session())
app.use('/login', login.router())
app.get('/account', login.require(), (req, res) => res.send(`Hello ${req.user.phone}.`))

const server = app.listen(process.env.PORT ?? 3000, () =>
  console.log(`http://localhost:${server.address().port}/account`),
)
