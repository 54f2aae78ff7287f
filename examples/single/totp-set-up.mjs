// Setting up an authenticator app: a QR code, then a code of the app to confirm it. Log in as ada / lovelace: at first,
// the password is enough. Once the app is set up, each login asks for its code, and so does a new set-up.
import { randomBytes } from 'node:crypto'
import express from 'express'
import session from 'express-session'
import { anyOf, multistep, optional } from 'multistep'
import { MemoryRecoveryCodeStore, RecoveryCodeStrategy } from 'multistep/recovery-codes'
import { MemoryTotpKeyStore, TotpSetUp } from 'multistep/totp'
import passport from 'passport'
import { Strategy as LocalStrategy } from 'passport-local'
import { Strategy as TotpStrategy } from 'passport-totp'
import { renderSVG } from 'uqr'

const ada = { id: 'ada', password: 'lovelace' }
const secret = randomBytes(32).toString('hex')
const recovery = new RecoveryCodeStrategy({ store: new MemoryRecoveryCodeStore() })
const authenticators = new TotpSetUp({ store: new MemoryTotpKeyStore(), issuer: 'Acme', qr: renderSVG })

passport.serializeUser((user, done) => done(null, user.id))
passport.deserializeUser((id, done) => done(null, id === ada.id && ada))
passport.use(new LocalStrategy((name, given, done) => done(null, name === ada.id && given === ada.password && ada)))
passport.use(new TotpStrategy({ window: 1 }, authenticators.key))
passport.use(recovery)

const login = multistep(passport, {
  steps: ['local', optional(anyOf('totp', 'recovery-code'))],
  factors: {
    totp: authenticators.factor,
    'recovery-code': { enrolled: async (user) => (await authenticators.has(user)) && (await recovery.remaining(user)) > 0 },
  },
  successRedirect: '/account',
})
login.on('factor.set-up', async ({ userId }) => {
  console.log(`Tell ${userId}: an authenticator app was set up.`)
  await login.sessions.revokeAll(userId) // in whose hands the other logins are, nobody knows
})

const app = express()
app.use(session({ secret, resave: false, saveUninitialized: false, cookie: { sameSite: 'lax' } }))
app.use(express.urlencoded({ extended: false }), express.json())
app.use(login.session())
app.use('/login', login.router()) // with the pages /login/totp/set-up and /login/recovery-codes
app.get('/account', login.require(), async (req, res) => res.send(`Hello ${req.user.id}, you proved ${login.amr(req).join(' + ')}.
<p>Authenticator app: ${(await authenticators.has(req.user)) ? 'set up' : 'none'}</p>
<p><a href="/login/totp/set-up">Authenticator app</a> <a href="/login/recovery-codes">Recovery codes</a></p>`))

const server = app.listen(process.env.PORT ?? 3000, () => console.log(`http://localhost:${server.address().port}/account`))
