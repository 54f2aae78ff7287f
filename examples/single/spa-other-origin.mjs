// A single-page app on another origin, as a Vite server is while you develop. It speaks JSON with cookies; multistep
// knows its origin by `origins`. Log in as ada / lovelace; the text appears here.
import { randomBytes } from 'node:crypto'
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

/** The page. A real one comes from your bundler, and asks the same four questions. */
const page = (api) => `<!doctype html><title>Acme</title>
<form><input name="username" value="ada"><input name="password" type="password" value="lovelace">
<input name="code" placeholder="code" hidden><button>Log in</button></form><output></output>
<script type="module">
const headers = { 'content-type': 'application/json' }
const call = async (path, body) => {
  const post = body && { method: 'POST', headers, body: JSON.stringify(body) }
  const response = await fetch('${api}' + path, { credentials: 'include', ...post })
  return response.json()
}
const form = document.querySelector('form')
form.addEventListener('submit', async (event) => {
  event.preventDefault()
  const { username, password, code } = form.elements
  const state = code.hidden
    ? await call('/login/local', { username: username.value, password: password.value })
    : await call('/login/sms-otp', { code: code.value })
  if (state.status === 'pending') code.hidden = false
  const isComplete = state.status === 'complete'
  const shown = isComplete ? JSON.stringify(await call('/account')) : state.message ?? state.status
  document.querySelector('output').value = shown
})
</script>`

const pages = express()
const pagesServer = pages.listen(process.env.SPA_PORT ?? 5173, start)

function start() {
  const origin = `http://localhost:${pagesServer.address().port}`
  const login = multistep(passport, { steps: ['local', 'sms-otp'], origins: [origin] })
  const app = express()
  // Both are on one site (localhost), so the session's cookie comes along. The browser still asks whether the origin
  // may read.
  app.use((req, res, next) => {
    if (req.headers.origin === origin) {
      res.set({
        'Access-Control-Allow-Origin': origin,
        'Access-Control-Allow-Credentials': 'true',
        'Access-Control-Allow-Headers': 'content-type',
        Vary: 'Origin',
      })
    }
    if (req.method === 'OPTIONS') res.sendStatus(204)
    else next()
  })
  app.use(session({ secret, resave: false, saveUninitialized: false }))
  app.use(express.json())
  app.use(login.session())
  app.use('/login', login.router())
  app.get('/account', login.require(), (req, res) => res.json({ id: req.user.id, amr: login.amr(req) }))
  const server = app.listen(process.env.PORT ?? 3000, () =>
    console.log(`${origin}/ talks to http://localhost:${server.address().port}`),
  )
  pages.get('/', (req, res) => res.send(page(`http://localhost:${server.address().port}`)))
}
