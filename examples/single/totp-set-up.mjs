// Setting up an authenticator app: a QR code, then a code of the app to confirm it. Log in as ada / lovelace: at first,
// the password is enough. Once the app is set up, each login asks for its code, and so does a new set-up.
import { randomBytes } from 'node:crypto'
import express from 'express'
import session from 'express-session'
import { anyOf, multistep, optional } from 'multistep'
import { MemoryRecoveryCodeStore, RecoveryCodeStrategy } from 'multistep/recovery-codes'
import passport from 'passport'
import { Strategy as LocalStrategy } from 'passport-local'
import { Strategy as TotpStrategy } from 'passport-totp'
import { renderSVG } from 'uqr'

const ada = { id: 'ada', password: 'lovelace' } // later: totpKey, and pendingKey while it is being set up
const secret = randomBytes(32).toString('hex')
const recovery = new RecoveryCodeStrategy({ store: new MemoryRecoveryCodeStore() })

passport.serializeUser((user, done) => done(null, user.id))
passport.deserializeUser((id, done) => done(null, id === ada.id && ada))
passport.use(new LocalStrategy((name, given, done) => done(null, name === ada.id && given === ada.password && ada)))
passport.use(new TotpStrategy({ window: 1 }, (user, done) => done(null, user.totpKey, 30)))
passport.use(recovery)
// The same check with the key that is not confirmed yet. It is no factor of the login, so it has a name of its own.
passport.use('pending-totp', new TotpStrategy({ window: 1 }, (user, done) => done(null, user.pendingKey, 30)))

const login = multistep(passport, {
  steps: ['local', optional(anyOf('totp', 'recovery-code'))],
  factors: {
    totp: { enrolled: (user) => user.totpKey !== undefined },
    'recovery-code': { enrolled: async (user) => user.totpKey !== undefined && (await recovery.remaining(user)) > 0 },
  },
  successRedirect: '/account',
})

/** Base32 (RFC 4648 §6), as authenticator apps take a key. */
const base32 = (key) => {
  const bits = [...key].map((byte) => byte.toString(2).padStart(8, '0')).join('')
  return bits.replace(/.{5}/g, (five) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[parseInt(five, 2)])
}

/** Who has an authenticator proves it before another one takes its place: an open browser is not enough. */
const [withPassword, withTotp] = [login.require({ maxAge: '10m' }), login.require({ factors: 'totp', maxAge: '10m' })]
const fresh = (req, res, next) => (req.user?.totpKey === undefined ? withPassword : withTotp)(req, res, next)

const app = express()
// Lax: a form of another site brings no cookie, so it can change nothing here.
app.use(session({ secret, resave: false, saveUninitialized: false, cookie: { sameSite: 'lax' } }))
app.use(express.urlencoded({ extended: false }), express.json())
app.use(login.session())
app.use('/login', login.router())
app.get('/account', login.require(), (req, res) => res.send(`Hello ${req.user.id}, you proved ${login.amr(req).join(' + ')}.
<p>Authenticator app: ${req.user.totpKey ? 'set up' : 'none'}</p> <form method="post" action="/totp"><button>Set one up</button></form>`))

// The key is shown here, and never again.
app.post('/totp', fresh, (req, res) => {
  req.user.pendingKey = randomBytes(20)
  const key = base32(req.user.pendingKey)
  const uri = `otpauth://totp/Acme:${req.user.id}?secret=${key}&issuer=Acme`
  res.set('Cache-Control', 'no-store').send(`<p>Scan this with your authenticator app, or enter <code>${key}</code>.</p>
<div style="width: 12rem">${renderSVG(uri)}</div>
<form method="post" action="/totp/confirm"><label>Code <input name="code" inputmode="numeric" autocomplete="one-time-code"></label> <button>Confirm</button></form>`)
})

const begun = (req, res, next) => (req.user.pendingKey ? next() : res.status(409).send('Begin with the QR code.'))
const check = passport.authenticate('pending-totp', { session: false })
app.post('/totp/confirm', fresh, begun, check, async (req, res) => {
  const { user } = req
  user.totpKey = user.pendingKey
  delete user.pendingKey
  await login.sessions.revokeAll(user.id) // in whose hands the other logins are, nobody knows
  const codes = await recovery.generate(user)
  res.set('Cache-Control', 'no-store').send(`<p>Your authenticator app is set up. For the day when you lose it: ${codes.join(' ')}</p> <a href="/login">Log in</a>`)
})

const server = app.listen(process.env.PORT ?? 3000, () => console.log(`http://localhost:${server.address().port}/account`))
