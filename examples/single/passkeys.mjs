// Passkeys as the second factor: add, name and remove them. Log in as ada / lovelace: at first the password is enough.
// Once there is a passkey, each login asks for it, and so does a change of the list.
import { randomBytes } from 'node:crypto'
import * as webauthn from '@simplewebauthn/server'
import express from 'express'
import session from 'express-session'
import { multistep, optional } from 'multistep'
import passport from 'passport'
import { Strategy as CustomStrategy } from 'passport-custom'
import { Strategy as LocalStrategy } from 'passport-local'

const ada = { id: 'ada', password: 'lovelace' }
const keys = new Map() // a table of a database: the id of the key, its owner, its name, its public key, its counter
const keysOf = (user) => [...keys.values()].filter(({ owner }) => owner === user.id)
const secret = randomBytes(32).toString('hex')
const rpID = 'localhost'
const expected = (challenge) => ({ expectedChallenge: challenge, expectedOrigin: `http://localhost:${server.address().port}`, expectedRPID: rpID })
/** Sends what the browser asks the authenticator for, and keeps the challenge of it. */
const begin = (res, options) => { res.req.session.challenge = options.challenge; res.json(options) }
/** A challenge counts once, right or wrong. */
const takeChallenge = ({ session }) => { const { challenge = '' } = session; delete session.challenge; return challenge }

passport.serializeUser((user, done) => done(null, user.id))
passport.deserializeUser((id, done) => done(null, id === ada.id && ada))
passport.use(new LocalStrategy((name, given, done) => done(null, name === ada.id && given === ada.password && ada)))
// As a second factor it finds the person who is half through the login in `req.user`: only their own keys count.
passport.use('webauthn', new CustomStrategy(async (req, done) => {
  const expectation = expected(takeChallenge(req))
  const credential = keysOf(req.user).find(({ id }) => id === req.body?.id)
  if (!credential) return done(null, false)
  const answer = { response: req.body, credential, ...expectation }
  const proof = await webauthn.verifyAuthenticationResponse(answer).catch(() => ({}))
  if (!proof.verified) return done(null, false)
  credential.counter = proof.authenticationInfo.newCounter
  done(null, req.user)
}))

const login = multistep(passport, {
  steps: ['local', optional('webauthn')],
  factors: { webauthn: { page: '/passkey', enrolled: (user) => keysOf(user).length > 0 } }, successRedirect: '/passkeys',
})
/** Who has a passkey proves it before the list changes: an open browser is not enough. */
const [withPassword, withPasskey] = [login.require({ maxAge: '10m' }), login.require({ factors: 'webauthn', maxAge: '10m' })]
const fresh = (req, res, next) => (req.user && keysOf(req.user).length > 0 ? withPasskey : withPassword)(req, res, next)
const escaped = (text) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`)
const listed = ({ id, name }) => `<li>${escaped(name)} <form method="post" action="/passkeys/remove"><button name="id" value="${escaped(id)}">Remove</button></form></li>`

const app = express()
// Lax: a form of another site brings no cookie, so it can change nothing here.
app.use(session({ secret, resave: false, saveUninitialized: false, cookie: { sameSite: 'lax' } }))
app.use(express.urlencoded({ extended: false }), express.json())
app.use(login.session())
app.use('/login', login.router())
app.get('/passkeys', login.require(), (req, res) => res.send(`<h1>Passkeys of ${req.user.id}</h1> <ul>${keysOf(req.user).map(listed).join('')}</ul>
<label>Name <input id="name" value="My laptop"></label> <button id="add">Add a passkey</button> <p role="status"></p> <script src="/passkeys.js"></script>`))
app.get('/passkey', (req, res) => res.send('<h1>Use your passkey</h1> <button id="use">Continue</button> <p role="status"></p> <script src="/passkeys.js"></script>'))
app.post('/passkeys/options', fresh, async ({ user }, res) => {
  begin(res, await webauthn.generateRegistrationOptions({ rpName: 'Acme', rpID, userName: user.id, excludeCredentials: keysOf(user) }))
})
app.post('/passkeys', fresh, async (req, res) => {
  const key = { response: req.body.key, ...expected(takeChallenge(req)) }
  const made = await webauthn.verifyRegistrationResponse(key).catch(() => ({}))
  if (!made.verified) return res.status(400).json({ detail: 'The passkey was not added. Try again.' })
  const { credential } = made.registrationInfo
  keys.set(credential.id, { ...credential, owner: req.user.id, name: String(req.body.name).slice(0, 40) })
  res.json({ added: true })
})
// Between the steps `req.user` is nobody. Who is pending, multistep says.
app.post('/passkey/options', async (req, res) => {
  const user = req.user ?? (await login.progress(req)).user
  begin(res, await webauthn.generateAuthenticationOptions({ rpID, allowCredentials: user ? keysOf(user) : [] }))
})
app.post('/passkeys/remove', fresh, (req, res) => {
  if (keys.get(req.body.id)?.owner === req.user.id) keys.delete(req.body.id)
  res.redirect('/passkeys')
})
// In the browser (W3C WebAuthn Level 3, §5.1).
app.get('/passkeys.js', (req, res) => res.type('js').send(`
const post = async (path, body = {}) => {
  const response = await fetch(path, { method: 'POST', headers: { Accept: 'application/json', 'Content-Type': 'application/json' }, body: JSON.stringify(body) })
  const answer = await response.json()
  if (answer.requirement) location.assign('/passkey') // the passkey is asked for first
  return response.ok ? answer : Promise.reject(new Error(answer.detail))
}
const actions = { add: async () => {
  const options = await post('/passkeys/options')
  const key = await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
  await post('/passkeys', { name: document.getElementById('name').value, key: key.toJSON() })
  location.reload()
}, use: async () => {
  const options = await post('/passkey/options')
  const proof = await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) })
  const { returnTo = '/passkeys' } = await post('/login/webauthn', proof.toJSON())
  location.assign(returnTo)
} }
for (const [id, act] of Object.entries(actions)) document.getElementById(id)?.addEventListener('click', () => act()
  .catch((error) => { document.querySelector('[role=status]').textContent = error.message }))
`))
const server = app.listen(process.env.PORT ?? 3000, () => console.log(`http://localhost:${server.address().port}/passkeys`))
