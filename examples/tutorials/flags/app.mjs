// A second factor by hand: after the code, a flag in the session, and a guard that asks for it. `node app.mjs`, then log
// in as ada / lovelace. The key of her authenticator is GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ.
import { Buffer } from 'node:buffer'
import express from 'express'
import session from 'express-session'
import passport from 'passport'
import { Strategy as LocalStrategy } from 'passport-local'
import { Strategy as TotpStrategy } from 'passport-totp'

const ada = { id: 'ada', password: 'lovelace', totpKey: Buffer.from('12345678901234567890') }

passport.use(new LocalStrategy((name, password, done) => done(null, name === ada.id && password === ada.password && ada)))
passport.use(new TotpStrategy({ window: 1 }, (user, done) => done(null, user.totpKey, 30)))
passport.serializeUser((user, done) => done(null, user.id))
passport.deserializeUser((id, done) => done(null, id === ada.id && ada))

const ensureLoggedIn = (req, res, next) => (req.isAuthenticated() ? next() : res.redirect('/login'))
const ensureSecondFactor = (req, res, next) => (req.session.secondFactor === 'totp' ? next() : res.redirect('/login-otp'))

const app = express()
app.use(express.urlencoded({ extended: false }))
app.use(session({ secret: process.env.SESSION_SECRET ?? 'keyboard cat', resave: false, saveUninitialized: false }))
app.use(passport.session())

app.get('/login', (req, res) => res.send('<form method="post"><input name="username"> <input name="password" type="password"> <button>Log in</button></form>'))
app.post('/login', passport.authenticate('local', { successRedirect: '/login-otp', failureRedirect: '/login' }))
app.get('/login-otp', ensureLoggedIn, (req, res) => res.send('<form method="post"><input name="code"> <button>Continue</button></form>'))
app.post('/login-otp', ensureLoggedIn, passport.authenticate('totp', { failureRedirect: '/login-otp' }), (req, res) => {
  req.session.secondFactor = 'totp'
  res.redirect('/')
})

app.get('/', ensureLoggedIn, ensureSecondFactor, (req, res) => res.send(`Hello ${req.user.id}`))
app.get('/report', ensureLoggedIn, (req, res) => res.send('Sales are up.'))

const server = app.listen(process.env.PORT ?? 3000, () => console.log(`http://localhost:${server.address().port}/`))
