// After the password the mobile network proves the phone, without a click. On Wi-Fi it cannot, and a text leaves by
// itself. The network is simulated. Log in as ada / lovelace, and switch her phone to Wi-Fi at /handset.
import { createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto'
import express from 'express'
import session from 'express-session'
import { handsetRoutes, startSimulator } from 'mobileconnect-simulator'
import { anyOf, multistep } from 'multistep'
import passport from 'passport'
import { Strategy as LocalStrategy } from 'passport-local'
import { camara, Strategy as NumberVerificationStrategy } from 'passport-number-verification'
import { Strategy as SmsOtpStrategy } from 'passport-sms-otp'
import { consoleSender } from 'passport-sms-otp/senders'

const ada = { id: 'ada', password: 'lovelace', phone: '+447400123456' }
const secret = randomBytes(32).toString('hex')

// The operator knows this app by its public key.
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const simulator = await startSimulator({
  subscribers: [{ msisdn: ada.phone, operator: 'a' }],
  clients: [{ jwks: { keys: [createPublicKey(privateKey).export({ format: 'jwk' })] } }],
})
simulator.handset(ada.phone).network('mobile')
const { issuer, apiRoot, clientId } = simulator.camara

const app = express()
const server = app.listen(process.env.PORT ?? 3000, () => console.log(`${url}/account`))
const url = `http://localhost:${server.address().port}`

passport.serializeUser((user, done) => done(null, user.id))
passport.deserializeUser((id, done) => done(null, id === ada.id && ada))
passport.use(
  new LocalStrategy((name, password, done) => done(null, name === ada.id && password === ada.password && ada)),
)
passport.use(new NumberVerificationStrategy({
  provider: camara({ issuer, apiRoot, clientId, clientKey: { key: privateKey } }),
  callbackURL: `${url}/login/number-verification/callback`,
}))
passport.use(new SmsOtpStrategy({ sender: consoleSender(), secret, appName: 'Acme', origin: 'localhost' }))

const login = multistep(passport, {
  // The network is asked first, and silently. What it cannot say, the factor behind it proves.
  steps: ['local', anyOf('number-verification', 'sms-otp')],
  successRedirect: '/account',
})

app.use('/handset', handsetRoutes(simulator.handsets))
app.use(session({ secret, resave: false, saveUninitialized: false }))
app.use(express.urlencoded({ extended: false }), express.json())
app.use(login.session())
app.use('/login', login.router())
app.get('/account', login.require(), (req, res) =>
  res.send(`Hello ${req.user.id}, you proved ${login.amr(req).join(' + ')}.`),
)
