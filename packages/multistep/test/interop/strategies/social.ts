import { generateKeyPairSync } from 'node:crypto'
import AppleStrategy from 'passport-apple'
import Auth0Strategy from 'passport-auth0'
import { Strategy as FacebookStrategy } from 'passport-facebook'
import { Strategy as GitHubStrategy } from 'passport-github2'
import { Strategy as GoogleStrategy } from 'passport-google-oauth20'
import { elsewhere, type Providers, type Tried } from './tried.js'

type Provider = Providers['social']

export const client = { id: 'acme', secret: 'a secret of the tests' }

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256', publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem' } })

const identified = (token: string): string => JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()).sub

const at = ({ url }: Provider, factor: string) => ({
  authorizationURL: `${url}/authorize`,
  tokenURL: `${url}/token`,
  clientID: client.id,
  clientSecret: client.secret,
  callbackURL: `https://acme.example/login/${factor}/callback`,
})

/** Social logins, with the provider's addresses in the place of the real ones. */
export const socialLogins: readonly Tried[] = [
  {
    package: 'passport-google-oauth20',
    factor: 'google',
    declared: { redirects: true, options: { scope: ['profile', 'email'] } },
    remark: 'It uses no `state` unless told to: multistep adds one.',
    use: (users, { social }) => ({
      strategy: new GoogleStrategy({ ...at(social, 'google'), userProfileURL: `${social.url}/me` }, (_access, _refresh, { id }, done) => done(null, users[id])),
      ...elsewhere('google', social.signIn),
    }),
  },
  {
    package: 'passport-github2',
    factor: 'github',
    declared: { redirects: true, options: { scope: ['user:email'] } },
    remark: 'The factor has the strategy\'s name, `github`.',
    use: (users, { social }) => ({
      strategy: new GitHubStrategy({ ...at(social, 'github'), userProfileURL: `${social.url}/me` }, (_access, _refresh, { id }, done) => done(null, users[id])),
      ...elsewhere('github', social.signIn),
    }),
  },
  {
    package: 'passport-facebook',
    factor: 'facebook',
    declared: { redirects: true },
    remark: 'Its `enableProof` works as it does elsewhere.',
    use: (users, { social }) => ({
      strategy: new FacebookStrategy({ ...at(social, 'facebook'), profileURL: `${social.url}/me`, enableProof: true }, (_access, _refresh, { id }, done) => done(null, users[id])),
      ...elsewhere('facebook', social.signIn),
    }),
  },
  {
    package: 'passport-auth0',
    factor: 'auth0',
    declared: { redirects: true, options: { scope: 'profile email' } },
    remark: 'Its own `state` and ours both count.',
    use: (users, { social }) => ({
      strategy: new Auth0Strategy(
        { ...at(social, 'auth0'), domain: 'acme.auth0.example', userInfoURL: `${social.url}/me` },
        (_access, _refresh, _params, { id }, done) => done(null, users[id]),
      ),
      ...elsewhere('auth0', social.signIn),
    }),
  },
  {
    package: 'passport-apple',
    factor: 'apple',
    declared: { redirects: true },
    remark: 'Its answer is posted from Apple\'s page: the session cookie may stay `SameSite=Lax`.',
    use: (users, { social }) => ({
      strategy: new AppleStrategy(
        { ...at(social, 'apple'), teamID: 'team', keyID: 'key', privateKeyString: privateKey },
        (_req, _access, _refresh, token, _profile, done) => done(null, users[identified(token)]),
      ),
      ...elsewhere('apple', social.signIn),
    }),
  },
]
