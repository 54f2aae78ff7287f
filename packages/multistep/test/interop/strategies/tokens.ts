import magicLogin from 'passport-magic-login'
import { HeaderAPIKeyStrategy } from 'passport-headerapikey'
import { Strategy as BearerStrategy } from 'passport-http-bearer'
import { ExtractJwt, Strategy as JwtStrategy } from 'passport-jwt'
import { UniqueTokenStrategy } from 'passport-unique-token'
import type { Request } from '../../../src/index.js'
import type { Person } from '../../support/app.js'
import { signedToken } from '../../support/social-provider.js'
import type { Visitor } from '../../support/visitor.js'
import type { Done, Tried, Used } from './tried.js'

type Users = Readonly<Record<string, Person>>

// Published as CommonJS with a default of its own: ES modules find it one level deeper.
const MagicLoginStrategy = ('default' in magicLogin ? magicLogin.default : magicLogin)

const secret = 'a secret of the tests, long enough to be one'

/** Who holds this key: every person has one of 32 random-looking characters. */
const keyOf = (name: string): string => Buffer.from(`the long random key of ${name}`).toString('base64url')
const holder = (users: Users, key: string): any => Object.values(users).find(({ name }) => keyOf(name) === key)

/** A token in a header: programs send it, pages cannot. */
const inHeader = (factor: string, header: (token: string) => Record<string, string>, tokenOf: (name: string) => string): Pick<Used, 'prove' | 'forge'> => ({
  prove: (visitor, name) => visitor.post(`/login/${factor}`, {}, header(tokenOf(name))),
  forge: (visitor) => visitor.post(`/login/${factor}`, {}, header(`${tokenOf('ada')}x`)),
})

const bearer = (token: string) => ({ Authorization: `Bearer ${token}` })

/** Strategies that take a token whose holder is who they say. */
export const tokens: readonly Tried[] = [
  {
    package: 'passport-jwt',
    factor: 'jwt',
    declared: {},
    manners: ['program'],
    remark: 'The token comes in the header or the body of a post; one from the query is seen with `redirects: true` alone.',
    use: (users) => ({
      strategy: new JwtStrategy(
        { jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(), secretOrKey: secret, algorithms: ['HS256'] },
        ({ sub }: { sub: string }, done: Done) => done(null, users[sub]),
      ),
      ...inHeader('jwt', bearer, (name) => signedToken({ sub: name }, secret)),
    }),
  },
  {
    package: 'passport-http-bearer',
    factor: 'bearer',
    declared: {},
    manners: ['program'],
    remark: 'Nothing is counted for a first factor without `fields`: the tokens must be too long to guess.',
    use: (users) => ({ strategy: new BearerStrategy((token, done) => done(null, holder(users, token))), ...inHeader('bearer', bearer, keyOf) }),
  },
  {
    package: 'passport-headerapikey',
    factor: 'headerapikey',
    declared: {},
    manners: ['program'],
    remark: 'As for `passport-http-bearer`.',
    use: (users) => ({
      strategy: new HeaderAPIKeyStrategy({ header: 'X-Api-Key', prefix: '' }, false, (key, done) => done(null, holder(users, key))),
      ...inHeader('headerapikey', (key) => ({ 'X-Api-Key': key }), keyOf),
    }),
  },
  {
    package: 'passport-unique-token',
    factor: 'token',
    declared: { fields: ['token'], account: (req: Request) => req.body.token },
    remark: 'Its name is `token`. For a link that is followed, write `redirects: true` in the place of `fields`.',
    use: (users) => ({
      strategy: new UniqueTokenStrategy((token, done) => done(null, holder(users, token))),
      prove: (visitor, name) => visitor.post('/login/token', { token: keyOf(name) }),
      forge: (visitor) => visitor.post('/login/token', { token: `${keyOf('ada')}x` }),
    }),
  },
  {
    package: 'passport-magic-login',
    factor: 'magiclogin',
    declared: { redirects: true, account: (req: Request) => req.query.token, once: (req: Request) => req.query.token },
    remark: '`once` makes each link good for one login. Its own `send` is the route that mails one.',
    use(users) {
      const mails: string[] = []
      const strategy = new MagicLoginStrategy({
        secret,
        callbackUrl: '/login/magiclogin/callback',
        sendMagicLink: async (_destination, href) => { mails.push(href) },
        verify: ({ destination }: { destination: string }, done) => done(null, users[destination.split('@')[0]!]),
      })
      const mailed = async (visitor: Visitor, name: string) => {
        await visitor.post('/mail', { destination: `${name}@example.com` }, { 'Content-Type': 'application/json' })
        return mails.at(-1)!
      }
      return {
        strategy: strategy as never,
        routes: (app) => { app.post('/mail', strategy.send as never) },
        prove: async (visitor, name) => visitor.get(await mailed(visitor, name)),
        forge: async (visitor) => visitor.get(`${await mailed(visitor, 'ada')}x`),
      }
    },
  },
]
