// A club with three ways in: a password, GitHub, and a sign-up that logs the new member in. Without GITHUB_CLIENT_ID a
// stand-in plays GitHub. `node app.mjs`, then log in as ada / lovelace.
import express from 'express'
import session from 'express-session'
import { anyOf, multistep } from 'multistep'
import passport from 'passport'
import { Strategy as GitHubStrategy } from 'passport-github2'
import { Strategy as LocalStrategy } from 'passport-local'
import { Strategy as SmsOtpStrategy } from 'passport-sms-otp'
import { consoleSender } from 'passport-sms-otp/senders'
import { members } from './members.mjs'
import { standIn } from './github-stand-in.mjs'

const app = express()
const server = app.listen(process.env.PORT ?? 3000, () => console.log(`${url}/`))
const url = `http://localhost:${server.address().port}`

passport.use(new LocalStrategy((name, password, done) => done(null, members.byPassword(name, password))))
passport.use(new GitHubStrategy({
  clientID: process.env.GITHUB_CLIENT_ID ?? 'club',
  clientSecret: process.env.GITHUB_CLIENT_SECRET ?? 'none',
  callbackURL: `${url}/auth/github/callback`,
  ...standIn.addresses(url),
}, (accessToken, refreshToken, profile, done) => done(null, members.byGitHub(profile))))
passport.serializeUser((user, done) => done(null, user.id))
passport.deserializeUser((id, done) => done(null, members.byId(id) ?? false))

passport.use(new SmsOtpStrategy({
  sender: consoleSender(), secret: process.env.OTP_SECRET, appName: 'Club', origin: 'localhost',
  capture: { save: (user, phone) => { user.phone = phone } },
}))
const login = multistep(passport, {
  steps: [anyOf('local', 'github'), 'sms-otp'],
  factors: {
    github: { redirects: true, label: 'GitHub', options: { scope: ['user:email'] } },
    'sms-otp': { enroll: 'first' },
  },
})

app.use('/github', standIn.routes)
app.use(express.urlencoded({ extended: false }))
app.use(session({ secret: process.env.SESSION_SECRET ?? 'keyboard cat', resave: false, saveUninitialized: false }))
app.use(login.session())
app.use('/login', login.router())

app.get('/', (req, res) => res.send(req.user ? `Hello ${req.user.name}` : '<a href="/login">Log in</a>'))

app.get('/login', (req, res) => res.send(`<form method="post"><input name="username"> <input name="password" type="password">
<button>Log in</button></form> <a href="/auth/github">Log in with GitHub</a>`))
app.post('/login', passport.authenticate('local', { successRedirect: '/', failureRedirect: '/login' }))

app.get('/auth/github', login.authenticate('github'))
app.get('/auth/github/callback', login.authenticate('github', { successRedirect: '/', failureRedirect: '/login' }))

app.post('/sign-up', (req, res, next) => {
  const user = members.add(req.body)
  login.vouch(req, user, 'local').then(() => res.redirect('/login'), next)
})
