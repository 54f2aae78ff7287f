import { Strategy as SamlStrategy } from '@node-saml/passport-saml'
import { Strategy as OpenIdClientStrategy } from 'openid-client/passport'
import { Strategy as OAuth2Strategy } from 'passport-oauth2'
import { Strategy as OpenIDConnectStrategy } from 'passport-openidconnect'
import { signInAt } from '../../support/provider.js'
import { samlProvider } from '../../support/saml-provider.js'
import { elsewhere, type Done, type Providers, type Tried } from './tried.js'

type Provider = Providers['openId']

const back = (factor: string) => `https://acme.example/login/${factor}/callback`

export const redirectUris = ['oidc', 'openidconnect', 'oauth2'].map(back)

const at = ({ issuer, client }: Provider) => ({
  authorizationURL: `${issuer}/auth`,
  tokenURL: `${issuer}/token`,
  clientID: client.client_id,
  clientSecret: client.client_secret,
})

const ways = ({ issuer }: Provider, factor: string) => elsewhere(factor, async (url, name) => ({ address: await signInAt(issuer, url, name) }))

/** Strategies for an OpenID provider or an identity provider of SAML. */
export const federated: readonly Tried[] = [
  {
    package: 'openid-client',
    factor: 'oidc',
    declared: { redirects: true },
    remark: '`openid-client/passport`, with its option `name: \'oidc\'`. `useJAR` and `usePAR` need `state: \'own\'`.',
    use: (users, { openId, configuration }) => ({
      strategy: new OpenIdClientStrategy({ config: configuration, name: 'oidc', scope: 'openid', callbackURL: back('oidc') }, (answer, done: Done) => done(null, users[answer.claims()!.sub])) as never,
      ...ways(openId, 'oidc'),
    }),
  },
  {
    package: 'passport-openidconnect',
    factor: 'openidconnect',
    declared: { redirects: true },
    remark: 'Its own `state` and ours both count.',
    use: (users, { openId }) => ({
      strategy: new OpenIDConnectStrategy(
        { ...at(openId), issuer: openId.issuer, userInfoURL: `${openId.issuer}/me`, callbackURL: back('openidconnect') },
        (_issuer: string, profile: { id: string }, done: (error: Error | null, user?: any) => void) => done(null, users[profile.id]),
      ),
      ...ways(openId, 'openidconnect'),
    }),
  },
  {
    package: 'passport-oauth2',
    factor: 'oauth2',
    declared: { redirects: true, options: { scope: 'openid' } },
    remark: 'Also with `pkce: true`. Who a person is comes from the app\'s `userProfile`.',
    use(users, { openId }) {
      const strategy = new OAuth2Strategy(
        { ...at(openId), callbackURL: back('oauth2'), state: true, pkce: true },
        (_access: string, _refresh: string, profile: { sub: string }, done: Done) => done(null, users[profile.sub]),
      )
      strategy.userProfile = (token, done) => {
        fetch(`${openId.issuer}/me`, { headers: { authorization: `Bearer ${token}` } }).then((answer) => answer.json()).then((profile) => done(null, profile), (error: unknown) => done(error))
      }
      return { strategy: strategy, ...ways(openId, 'oauth2') }
    },
  },
  {
    package: '@node-saml/passport-saml',
    factor: 'saml',
    declared: { redirects: true },
    remark: 'With `validateInResponseTo: \'always\'`. The answer is posted from the provider\'s page: the session cookie may stay `SameSite=Lax`.',
    use(users) {
      const named = (profile: { nameID?: string } | null, done: (error: Error | null, user?: any) => void) => done(null, users[profile?.nameID ?? ''])
      return {
        strategy: new SamlStrategy({
          callbackUrl: back('saml'), entryPoint: samlProvider.entryPoint, issuer: samlProvider.audience, audience: samlProvider.audience,
          idpCert: samlProvider.key, wantAuthnResponseSigned: false, validateInResponseTo: 'always' as never,
        }, named, named) as never,
        ...elsewhere('saml', samlProvider.signIn),
      }
    },
  },
]
