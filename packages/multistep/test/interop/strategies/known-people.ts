import CustomStrategy from 'passport-custom'
import WebAuthnStrategy, { SessionChallengeStore } from 'passport-fido2-webauthn'
import { Strategy as TotpStrategy } from 'passport-totp'
import type { Person } from '../../support/app.js'
import { securityKey } from '../../support/security-key.js'
import { codeOf } from '../../support/totp.js'
import type { Visitor } from '../../support/visitor.js'
import type { Tried } from './tried.js'

const keys = new Map(['ada', 'alan'].map((name) => [name, securityKey(name)]))
const origin = 'http://acme.example'

/** Strategies that prove that a person is there whom the app knows. */
export const knownPeople: readonly Tried[] = [
  {
    package: 'passport-totp',
    factor: 'totp',
    declared: { enrolled: (user) => Boolean((user as Person).key) },
    notFirst: 'a code says that a person is there, and not who',
    remark: 'Known: each code is taken once, and guesses are counted.',
    use: (users) => ({
      strategy: new TotpStrategy({}, (user, done) => done(null, Buffer.from((user as Person).key ?? ''), 30)) as never,
      prove: (visitor, name) => visitor.post('/login/totp', { code: codeOf(users[name]!.key!) }),
      forge: (visitor) => visitor.post('/login/totp', { code: '000000' }),
    }),
  },
  {
    package: 'passport-fido2-webauthn',
    factor: 'webauthn',
    declared: { page: '/key', enrolled: (user) => (user as { keys: string[] }).keys.length > 0 },
    manners: ['program'],
    remark: 'The page with the script is the app\'s. The first factor needs a discoverable key, whose `userHandle` names the person.',
    use(users) {
      const challenges = new SessionChallengeStore()
      const signed = async (visitor: Visitor, name: string) => {
        const { body } = await visitor.post('/key/challenge')
        return keys.get(name)!.sign(body.challenge, origin)
      }
      return {
        strategy: new WebAuthnStrategy({ store: challenges }, (id, _handle, done) => {
          const key = [...keys.values()].find((one) => one.id === id)
          done(null, key && users[key.owner], key?.publicKey)
        }, (_user, _id, _key, done) => done(null, false)),
        routes: (app) => {
          app.post('/key/challenge', (req, res, next) => {
            challenges.challenge(req, {}, (error, challenge) => (error ? next(error) : res.json({ challenge: challenge.toString('base64url') })))
          })
        },
        prove: async (visitor, name) => visitor.post('/login/webauthn', await signed(visitor, name)),
        forge: async (visitor) => {
          const { id, response } = await signed(visitor, 'ada')
          return visitor.post('/login/webauthn', { id, response: { ...response, signature: response.signature.replace(/^.{20}/, (begin) => `${begin.slice(0, 19)}A`) } })
        },
      }
    },
  },
  {
    package: 'passport-custom',
    factor: 'custom',
    declared: { kind: 'possession', fields: ['ticket'], account: (req) => req.body.ticket },
    remark: 'What its function compares decides what else to declare: see the README, "Factors".',
    use: (users) => ({
      strategy: new CustomStrategy((req, done) => done(null, Object.values(users).find(({ id }) => req.body.ticket === `ticket of ${id}`))) as never,
      prove: (visitor, name) => visitor.post('/login/custom', { ticket: `ticket of ${users[name]!.id}` }),
      forge: (visitor) => visitor.post('/login/custom', { ticket: 'ticket of nobody' }),
    }),
  },
]
