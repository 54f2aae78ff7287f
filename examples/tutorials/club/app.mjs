// A club with three ways in: a password, GitHub, and a sign-up that logs the new member in. Without GITHUB_CLIENT_ID a
// stand-in plays GitHub. `node app.mjs`, then log in as ada / lovelace.
import express from 'express'
import session from 'express-session'
import passport from 'passport'
import { Strategy as GitHubStrategy } from 'passport-github2'
import { Strategy as LocalStrategy } from 'passport-local'
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

app.use('/github', standIn.routes)
app.use(express.urlencoded({ extended: false }))
app.use(session({ secret: process.env.SESSION_SECRET ?? 'keyboard cat', resave: false, saveUninitialized: false }))
app.use(passport.session())

app.get('/', (req, res) => res.send(req.user ? `Hello ${req.user.name}` : '<a href="/login">Log in</a>'))

app.get('/login', (req, res) => res.send(`<form method="post"><input name="username"> <input name="password" type="password">
<button>Log in</button></form> <a href="/auth/github">Log in with GitHub</a>`))
app.post('/login', passport.authenticate('local', { successRedirect: '/', failureRedirect: '/login' }))

app.get('/auth/github', passport.authenticate('github', { scope: ['user:email'] }))
app.get('/auth/github/callback', passport.authenticate('github', { successRedirect: '/', failureRedirect: '/login' }))

app.post('/sign-up', (req, res, next) => {
  const user = members.add(req.body)
  req.login(user, (error) => {
    if (error) return next(error)
    res.redirect('/')
  })
})
