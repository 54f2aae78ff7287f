import { BasicStrategy } from 'passport-http'
import LdapStrategy from 'passport-ldapauth'
import { Strategy as LocalStrategy } from 'passport-local'
import { Strategy as ClientPasswordStrategy } from 'passport-oauth2-client-password'
import type { Request } from '../../../src/index.js'
import type { Person } from '../../support/app.js'
import type { Done, Tried } from './tried.js'

type Users = Readonly<Record<string, Person>>

const matching = (users: Users, name: string, password: string): any => (users[name]?.password === password ? users[name] : false)

const basic = (name: string, password: string) => ({ Authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}` })

/** Strategies that compare a name and a password. */
export const passwords: readonly Tried[] = [
  {
    package: 'passport-local',
    factor: 'local',
    declared: {},
    remark: 'Known: nothing needs to be declared unless the fields have other names.',
    use: (users) => ({
      strategy: new LocalStrategy((name, password, done) => done(null, matching(users, name, password))),
      prove: (visitor, name) => visitor.post('/login/local', { username: name, password: users[name]!.password }),
      forge: (visitor) => visitor.post('/login/local', { username: 'ada', password: 'wrong' }),
    }),
  },
  {
    package: 'passport-ldapauth',
    factor: 'ldapauth',
    declared: { kind: 'knowledge', amr: 'pwd', fields: ['username', 'password'], account: (req: Request) => req.body.username },
    remark: 'The directory checks the password; failures are counted here, by the name.',
    use: (users, { directory }) => ({
      strategy: new LdapStrategy({ server: directory.settings }, ({ uid }: { uid: string }, done: Done) => done(null, users[uid])) as never,
      prove: (visitor, name) => visitor.post('/login/ldapauth', { username: name, password: users[name]!.password }),
      forge: (visitor) => visitor.post('/login/ldapauth', { username: 'ada', password: 'wrong' }),
    }),
  },
  {
    package: 'passport-http',
    factor: 'basic',
    declared: { kind: 'knowledge', amr: 'pwd', account: (req: Request) => nameIn(req) },
    remark: 'For programs: a browser would keep sending the password. A refusal carries `WWW-Authenticate`.',
    manners: ['program'],
    use: (users) => ({
      strategy: new BasicStrategy((name, password, done) => done(null, matching(users, name, password))) as never,
      prove: (visitor, name) => visitor.post('/login/basic', {}, basic(name, users[name]!.password)),
      forge: (visitor) => visitor.post('/login/basic', {}, basic('ada', 'wrong')),
    }),
  },
  {
    package: 'passport-oauth2-client-password',
    factor: 'oauth2-client-password',
    declared: { kind: 'knowledge', amr: 'pwd', fields: ['client_id', 'client_secret'], account: (req: Request) => req.body.client_id },
    remark: 'Its users are clients: the other factors must prove the same one.',
    use: (users) => ({
      strategy: new ClientPasswordStrategy((id, secret, done) => done(null, matching(users, id, secret))),
      prove: (visitor, name) => visitor.post('/login/oauth2-client-password', { client_id: name, client_secret: users[name]!.password }),
      forge: (visitor) => visitor.post('/login/oauth2-client-password', { client_id: 'ada', client_secret: 'wrong' }),
    }),
  },
]

const nameIn = ({ headers }: Request): string | undefined => Buffer.from(headers.authorization?.split(' ')[1] ?? '', 'base64').toString().split(':')[0]
