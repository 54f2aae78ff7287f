// An app whose routes answer alike, behind guards of multistep (`multistep`), or of Passport alone (`passport`).
import type { Express, RequestHandler } from 'express'
import { multistep, MemoryFlowStore, RedisFlowStore } from 'multistep'
import { Strategy as LocalStrategy } from 'passport-local'
import { answer, given } from '../lib/child.js'
import { listen } from '../lib/client.js'
import { redisGiven } from '../lib/connect.js'
import { host, sessionsOf, userOf } from '../lib/people.js'

const { client, prefix } = await redisGiven()
const { app, passport } = host(await sessionsOf(client, prefix))
const page: RequestHandler = (_req, res) => void res.json({ ok: true })

/** Two factors to prove, and guards that look at them. */
function withMultistep(to: Express): void {
  passport.use('fob', new LocalStrategy((name, _password, done) => done(null, userOf(name))))
  const login = multistep(passport, {
    steps: ['local', { type: 'anyOf', factors: ['fob', 'recovery-code'] }],
    factors: {
      fob: { kind: 'possession', sees: 'pending', fields: ['username', 'password'] },
      'recovery-code': { kind: 'possession', enrolled: () => false },
    },
    store: client ? new RedisFlowStore({ client, prefix: `${prefix}flow:` }) : new MemoryFlowStore(),
  })
  to.use(login.session() as never)
  to.use('/login', login.router() as never)
  to.get('/plain', login.require() as never, page)
  to.get('/mfa', login.require({ mfa: true, maxAge: '15m' }) as never, page)
  to.get('/factors', login.require({ factors: 'fob' }) as never, page)
}

/** The same without multistep. */
function withPassport(to: Express): void {
  to.use(passport.session())
  to.post('/login/local', passport.authenticate('local'), page)
  to.post('/login/fob', page)
}

passport.use('recovery-code', new LocalStrategy((_name, _password, done) => done(null, false)))
if (given.variant === 'multistep') withMultistep(app)
else withPassport(app)
app.get('/checked', (req, res, next) => (req.isAuthenticated() ? next() : void res.sendStatus(401)), page)
app.get('/open', page)

const { url } = await listen(app)
answer({ url: () => url })
