// Each tenant has a policy of its own: at "bank" every login needs a text, at "blog" only the logins of editors. The
// policy is decided on the server at each request. Users: ada / lovelace at the bank, bob / builder and eve / editor at
// the blog.
import { randomBytes } from 'node:crypto'
import express from 'express'
import session from 'express-session'
import { multistep } from 'multistep'
import passport from 'passport'
import { Strategy as LocalStrategy } from 'passport-local'
import { Strategy as SmsOtpStrategy } from 'passport-sms-otp'
import { consoleSender } from 'passport-sms-otp/senders'

const tenants = { bank: { texts: () => true }, blog: { texts: (user) => user.role === 'editor' } }
const users = [
  { id: 'ada', password: 'lovelace', tenant: 'bank', phone: '+447400123456' },
  { id: 'bob', password: 'builder', tenant: 'blog' },
  { id: 'eve', password: 'editor', tenant: 'blog', role: 'editor', phone: '+447400123458' },
]
const byId = (id) => users.find((user) => user.id === id) ?? false
const secret = randomBytes(32).toString('hex')

passport.serializeUser((user, done) => done(null, user.id))
passport.deserializeUser((id, done) => done(null, byId(id)))
passport.use(new LocalStrategy((id, password, done) => done(null, byId(id).password === password && byId(id))))
passport.use(new SmsOtpStrategy({ sender: consoleSender(), secret, appName: 'Acme', origin: 'localhost' }))

const login = multistep(passport, {
  steps: ({ user }) => (user && tenants[user.tenant].texts(user) ? ['local', 'sms-otp'] : ['local']),
  factors: { local: {}, 'sms-otp': {} }, // every factor that `steps` may return
  successRedirect: '/account',
})

const app = express()
app.use(session({ secret, resave: false, saveUninitialized: false }))
app.use(express.urlencoded({ extended: false }), express.json())
app.use(login.session())
app.use('/login', login.router())
app.get('/account', login.require(), (req, res) =>
  res.send(`Hello ${req.user.id} of ${req.user.tenant}, you proved ${login.amr(req).join(' + ')}.`),
)

const server = app.listen(process.env.PORT ?? 3000, () =>
  console.log(`http://localhost:${server.address().port}/account`),
)
