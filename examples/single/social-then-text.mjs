// Log in with GitHub, then a code by text. Give GITHUB_CLIENT_ID and GITHUB_CLIENT_SECRET (callback
// /login/github/callback): without them a small stand-in plays GitHub at /github, so that it runs offline.
import { randomBytes } from 'node:crypto'
import express from 'express'
import session from 'express-session'
import { multistep } from 'multistep'
import passport from 'passport'
import { Strategy as GitHubStrategy } from 'passport-github2'
import { Strategy as SmsOtpStrategy } from 'passport-sms-otp'
import { consoleSender } from 'passport-sms-otp/senders'

const ada = { id: 'ada', githubId: '1815', phone: '+447400123456' }
const secret = randomBytes(32).toString('hex')
const { GITHUB_CLIENT_ID: clientID = 'acme', GITHUB_CLIENT_SECRET: clientSecret = 'none' } = process.env

const app = express()
const server = app.listen(process.env.PORT ?? 3000, () => console.log(`${url}/account`))
const url = `http://localhost:${server.address().port}`

passport.serializeUser((user, done) => done(null, user.id))
passport.deserializeUser((id, done) => done(null, id === ada.id && ada))
passport.use(new GitHubStrategy({
  clientID, clientSecret, callbackURL: `${url}/login/github/callback`,
  ...clientID === 'acme' && {
    authorizationURL: `${url}/github/authorize`, tokenURL: `${url}/github/token`, userProfileURL: `${url}/github/user`,
  },
}, (accessToken, refreshToken, profile, done) => done(null, profile.id === ada.githubId && ada)))
passport.use(new SmsOtpStrategy({ sender: consoleSender(), secret, appName: 'Acme', origin: 'localhost' }))

const login = multistep(passport, {
  steps: ['github', 'sms-otp'],
  factors: { github: { redirects: true, label: 'GitHub' } },
  successRedirect: '/account',
})

// The stand-in. Everybody there is ada.
app.get('/github/authorize', (req, res) => res.redirect(`${req.query.redirect_uri}?code=1&state=${req.query.state}`))
app.post('/github/token', (req, res) => res.json({ access_token: '1', token_type: 'bearer' }))
app.get('/github/user', (req, res) => res.json({ id: 1815, login: 'ada' }))

app.use(session({ secret, resave: false, saveUninitialized: false }))
app.use(express.urlencoded({ extended: false }), express.json())
app.use(login.session())
app.use('/login', login.router())
app.get('/account', login.require(), (req, res) => res.send(`Hello ${req.user.id}.`))
