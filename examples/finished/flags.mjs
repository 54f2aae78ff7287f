// A second factor by hand: after the code, a flag in the session, and a guard that asks for it. `node app.mjs`, then log
// in as ada / lovelace. The key of her authenticator is GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ.
import { Buffer } from 'node:buffer'
import express from 'express'
import session from 'express-session'
import { multistep } from 'multistep'
import passport from 'passport'
import { Strategy as LocalStrategy } from 'passport-local'
import { Strategy as TotpStrategy } from 'passport-totp'

const ada = { id: 'ada', password: 'lovelace', totpKey: Buffer.from('12345678901234567890') }

passport.use(new LocalStrategy((name, password, done) => done(null, name === ada.id && password === ada.password && ada)))
passport.use(new TotpStrategy({ window: 1 }, (user, done) => done(null, user.totpKey, 30)))
passport.serializeUser((user, done) => done(null, user.id))
passport.deserializeUser((id, done) => done(null, id === ada.id && ada))

const ensureLoggedIn = (req, res, next) => (req.isAuthenticated() ? next() : res.redirect('/login'))
const login = multistep(passport, {
  steps: ['local', 'totp'],
  factors: { totp: { enrolled: (user) => user.totpKey !== undefined } },
})

const app = express()
app.use(express.urlencoded({ extended: false }))
app.use(session({ secret: process.env.SESSION_SECRET ?? 'keyboard cat', resave: false, saveUninitialized: false }))
app.use(login.session())
app.use('/login', login.router())

app.get('/', ensureLoggedIn, (req, res) => res.send(`Hello ${req.user.id}`))
app.get('/report', ensureLoggedIn, (req, res) => res.send('Sales are up.'))

const server = app.listen(process.env.PORT ?? 3000, () => console.log(`http://localhost:${server.address().port}/`))
