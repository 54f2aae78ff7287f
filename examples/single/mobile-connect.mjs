// After the password, the phone: the operator asks the person, who answers there. The operator and the handset are
// simulated. Log in as ada / lovelace, and say yes at /handset in another tab.
import { randomBytes } from 'node:crypto'
import express from 'express'
import session from 'express-session'
import { handsetRoutes, startSimulator } from 'mobileconnect-simulator'
import { multistep } from 'multistep'
import passport from 'passport'
import { Strategy as LocalStrategy } from 'passport-local'
import { Strategy as MobileConnectStrategy } from 'passport-mobileconnect'

const ada = { id: 'ada', password: 'lovelace', phone: '+447700900001', identities: [] }

const simulator = await startSimulator()
const { issuer, clientId, clientSecret } = simulator.operator('a')

const app = express()
const server = app.listen(process.env.PORT ?? 3000, () => console.log(`${url}/account`))
const url = `http://localhost:${server.address().port}`

passport.serializeUser((user, done) => done(null, user.id))
passport.deserializeUser((id, done) => done(null, id === ada.id && ada))
passport.use(
  new LocalStrategy((name, password, done) => done(null, name === ada.id && password === ada.password && ada)),
)
passport.use(
  new MobileConnectStrategy(
    {
      operator: { issuer, clientId, clientSecret },
      callbackURL: `${url}/login/mobileconnect/callback`,
      levelOfAssurance: 2,
      // The operator vouches for the number of the SIM. At the first login the identity is saved in the account.
      scope: 'openid mc_authn mc_identity_phonenumber',
      linked: (user, from) => user.identities.filter((one) => one.issuer === from).map(({ sub }) => sub),
      link: (user, { issuer: from, sub }) => Boolean(user.identities.push({ issuer: from, sub })),
    },
    async (profile) =>
      ada.identities.some(({ issuer: from, sub }) => from === profile.issuer && sub === profile.sub) ? ada : undefined,
  ),
)

const login = multistep(passport, { steps: ['local', 'mobileconnect'], successRedirect: '/account' })

app.use('/handset', handsetRoutes(simulator.handsets))
app.use(session({ secret: randomBytes(32).toString('hex'), resave: false, saveUninitialized: false }))
app.use(express.urlencoded({ extended: false }), express.json())
app.use(login.session())
app.use('/login', login.router())
app.get('/account', login.require(), (req, res) =>
  res.send(`Hello ${req.user.id}, you proved ${login.amr(req).join(' + ')}.`),
)
