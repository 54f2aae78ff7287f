// Two processes share everything in Redis: a login that begins in one goes on in the other. REDIS_URL says where Redis
// is. Run it twice, with PORT=3000 and PORT=3001, and with the same SECRET (32 random bytes). Log in as ada / lovelace.
import { RedisStore } from 'connect-redis'
import express from 'express'
import session from 'express-session'
import { multistep, RedisFlowStore } from 'multistep'
import passport from 'passport'
import { Strategy as LocalStrategy } from 'passport-local'
import { RedisChallengeStore, Strategy as SmsOtpStrategy } from 'passport-sms-otp'
import { consoleSender } from 'passport-sms-otp/senders'
import { createClient } from 'redis'

const ada = { id: 'ada', password: 'lovelace', phone: '+447400123456' }
const secret = process.env.SECRET
// While Redis is down, a login answers 503 at once. It is not kept waiting.
const client = createClient({ url: process.env.REDIS_URL, disableOfflineQueue: true })
client.on('error', (error) => console.error(error.message))
await client.connect()

passport.serializeUser((user, done) => done(null, user.id))
passport.deserializeUser((id, done) => done(null, id === ada.id && ada))
passport.use(
  new LocalStrategy((name, password, done) => done(null, name === ada.id && password === ada.password && ada)),
)
passport.use(new SmsOtpStrategy({
  sender: consoleSender(), secret, appName: 'Acme', origin: 'localhost', store: new RedisChallengeStore({ client }),
}))

const login = multistep(passport, {
  steps: ['local', 'sms-otp'],
  store: new RedisFlowStore({ client }),
  successRedirect: '/account',
})

const app = express()
app.use(session({ secret, resave: false, saveUninitialized: false, store: new RedisStore({ client }) }))
app.use(express.urlencoded({ extended: false }), express.json())
app.use(login.session())
app.use('/login', login.router())
app.get('/account', login.require(), (req, res) => res.send(`Hello ${req.user.id}, from process ${process.pid}.`))

const server = app.listen(process.env.PORT ?? 3000, () =>
  console.log(`http://localhost:${server.address().port}/account`),
)
