// Pages of your own, in EJS: one template for every factor. Multistep still takes the posts, and says what the page
// shows. Log in as ada / lovelace.
import { randomBytes } from 'node:crypto'
import ejs from 'ejs'
import express from 'express'
import session from 'express-session'
import { multistep } from 'multistep'
import passport from 'passport'
import { Strategy as LocalStrategy } from 'passport-local'
import { Strategy as SmsOtpStrategy } from 'passport-sms-otp'
import { consoleSender } from 'passport-sms-otp/senders'

const ada = { id: 'ada', password: 'lovelace', phone: '+447400123456' }
const secret = randomBytes(32).toString('hex')

passport.serializeUser((user, done) => done(null, user.id))
passport.deserializeUser((id, done) => done(null, id === ada.id && ada))
passport.use(
  new LocalStrategy((name, password, done) => done(null, name === ada.id && password === ada.password && ada)),
)
passport.use(new SmsOtpStrategy({ sender: consoleSender(), secret, appName: 'Acme', origin: 'localhost' }))

const login = multistep(passport, {
  steps: ['local', 'sms-otp'],
  factors: { local: { page: '/login' }, 'sms-otp': { page: '/login/code' } },
})

const page = ejs.compile(`<!doctype html><title><%= title %></title>
<h1><%= title %></h1>
<% if (state.problem) { %><p role="alert"><%= state.problem.message %></p><% } %>
<form method="post"><input type="hidden" name="_csrf" value="<%= state.csrfToken %>">
  <% for (const { name, type } of fields) { %><label><%= name %> <input name="<%= name %>" type="<%= type %>" required></label><% } %>
  <button>Continue</button>
</form>`)

/** Express 5 passes what this rejects with to the error handler. */
const show = (title, fields) => async (req, res) => res.send(page({ title, fields, state: await login.progress(req) }))

const app = express()
app.use(session({ secret, resave: false, saveUninitialized: false }))
app.use(express.urlencoded({ extended: false }), express.json())
app.use(login.session())
app.get('/login', show('Log in to Acme', [{ name: 'username', type: 'text' }, { name: 'password', type: 'password' }]))
app.post('/login', login.authenticate('local', { failureRedirect: '/login' }))
app.get('/login/code', show('Enter the code we texted you', [{ name: 'code', type: 'text' }]))
app.post('/login/code', login.authenticate('sms-otp', { successRedirect: '/account' }))
app.get('/account', login.require(), (req, res) => res.send(`Hello ${req.user.id}.`))

const server = app.listen(process.env.PORT ?? 3000, () =>
  console.log(`http://localhost:${server.address().port}/account`),
)
