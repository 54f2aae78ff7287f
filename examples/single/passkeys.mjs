// Passkeys as the second factor: add, name and remove them. Log in as ada / lovelace: at first the password is enough.
// Once there is a passkey, each login asks for it, and so does a change of the list.
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import * as webauthn from '@simplewebauthn/server'
import express from 'express'
import session from 'express-session'
import { multistep, optional } from 'multistep'
import { MemoryPasskeyStore, PasskeyStrategy } from 'multistep/passkeys'
import passport from 'passport'
import { Strategy as LocalStrategy } from 'passport-local'

const ada = { id: 'ada', password: 'lovelace' }
const secret = randomBytes(32).toString('hex')

const app = express()
const server = app.listen(process.env.PORT ?? 3000)
await once(server, 'listening')
const origin = `http://localhost:${server.address().port}` // yours is known: https://acme.example

const store = new MemoryPasskeyStore() // yours is a table beside the accounts, with one row for each passkey
const passkeys = new PasskeyStrategy({ webauthn, store, rpName: 'Acme', rpID: 'localhost', origin })

passport.serializeUser((user, done) => done(null, user.id))
passport.deserializeUser((id, done) => done(null, id === ada.id && ada))
passport.use(new LocalStrategy((name, given, done) => done(null, name === ada.id && given === ada.password && ada)))
passport.use(passkeys)

const login = multistep(passport, {
  steps: ['local', optional('webauthn')],
  factors: { webauthn: passkeys.factor },
  successRedirect: '/account',
})
login.on('factor.set-up', ({ userId, name }) => console.log(`Tell ${userId}: the passkey "${name}" was added.`))
login.on('factor.removed', ({ userId }) => console.log(`Tell ${userId}: a passkey was removed.`))

app.use(session({ secret, resave: false, saveUninitialized: false, cookie: { sameSite: 'lax' } }))
app.use(express.urlencoded({ extended: false }), express.json())
app.use(login.session())
app.use('/login', login.router()) // with the page /login/webauthn/set-up
app.get('/account', login.require(), (req, res) =>
  res.send(`Hello ${req.user.id}, you proved ${login.amr(req).join(' + ')}. <a href="/login/webauthn/set-up">Passkeys</a>`),
)

console.log(`${origin}/account`)
