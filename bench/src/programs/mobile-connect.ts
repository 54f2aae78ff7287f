// Logins at one operator: with passport-mobileconnect (`mobileconnect`), or with openid-client's own strategy
// (`openid`).
import * as openid from 'openid-client'
import { Strategy as OpenIdStrategy } from 'openid-client/passport'
import { Strategy } from 'passport-mobileconnect'
import { answer, given } from '../lib/child.js'
import { listen } from '../lib/client.js'
import { host } from '../lib/people.js'

const { app, passport } = host()
app.use(passport.session())
const { url } = await listen(app)
const callbackURL = `${url}/callback`
const operator = given.operator
if (!operator) throw new Error('This program is given an operator.')
const { id, issuer, clientId, clientSecret } = operator

function mobileConnect(): Strategy {
  const options = { operator: { id, issuer, clientId, clientSecret }, userinfo: false, callbackURL }
  return new Strategy(options, ({ sub }) => ({ id: `user${sub}` }))
}

/** The strategy of the library that both build on, told what Mobile Connect demands. */
async function openIdClient(): Promise<OpenIdStrategy> {
  // Plain HTTP, on loopback.
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- marked so that it stands out
  const insecure = { execute: [openid.allowInsecureRequests] }
  const authentication = openid.ClientSecretPost(clientSecret)
  const config = await openid.discovery(new URL(issuer), clientId, undefined, authentication, insecure)
  const options = { config, name: 'openid', callbackURL, scope: 'openid mc_authn' }
  const strategy = new OpenIdStrategy(options, (tokens, done) => done(null, { id: `user${tokens.claims()?.sub}` }))
  const demanded = () => ({
    version: 'mc_v1.1', acr_values: '2', nonce: openid.randomNonce(), state: openid.randomState(),
  })
  return Object.assign(strategy, { authorizationRequestParams: demanded })
}

const name = given.variant === 'openid' ? 'openid' : 'mobileconnect'
passport.use((name === 'openid' ? await openIdClient() : mobileConnect()) as never)
app.get(['/login', '/callback'], passport.authenticate(name), (_req, res) => void res.json({}))
answer({ url: () => url })
