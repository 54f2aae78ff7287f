import { randomBytes } from 'node:crypto'
import autocannon from 'autocannon'
import express from 'express'
import session from 'express-session'
import { multistep } from 'multistep'
import { Passport } from 'passport'
import { Strategy as LocalStrategy } from 'passport-local'
import { compare, type Side } from './measure.js'
import { listen, type Listening } from './server.js'

/** One app, one browser that has proven two factors, routes that answer alike. */
async function guardedApp(): Promise<{ listening: Listening, cookie: string }> {
  const passport = new Passport()
  passport.serializeUser((user, done) => done(null, (user as { id: string }).id))
  passport.deserializeUser((id: string, done) => done(null, { id }))
  passport.use(new LocalStrategy((name, _password, done) => done(null, { id: name })))
  passport.use('fob', new LocalStrategy((name, _password, done) => done(null, { id: name })))
  const fob = { kind: 'possession', sees: 'pending', fields: ['username', 'password'] } as const
  const login = multistep(passport, { steps: ['local', 'fob'], factors: { fob } })
  const app = express()
  app.use(session({ secret: randomBytes(32).toString('hex'), resave: false, saveUninitialized: false }), express.json())
  app.use(login.session() as never)
  app.use('/login', login.router() as never)
  app.get('/guarded', login.require() as never, (_req, res) => void res.json({ ok: true }))
  app.get('/fresh', login.require({ mfa: true, maxAge: '1h' }) as never, (_req, res) => void res.json({ ok: true }))
  app.get('/checked', (req, res, next) => (req.isAuthenticated() ? next() : void res.sendStatus(401)), (_req, res) => void res.json({ ok: true }))
  app.get('/open', (_req, res) => void res.json({ ok: true }))
  const listening = await listen(app)
  let cookie = ''
  for (const factor of ['local', 'fob']) {
    const body = '{"username":"ada","password":"x"}'
    const response = await fetch(`${listening.url}/login/${factor}`, { method: 'POST', headers: { 'content-type': 'application/json', cookie }, body })
    cookie = response.headers.getSetCookie().map((one) => one.split(';', 1)[0]).join('; ')
  }
  return { listening, cookie }
}

const side = (name: string, url: string, cookie: string): Side => ({
  name,
  round: async () => {
    const result = await autocannon({ url, connections: 8, duration: 2, headers: { cookie } })
    if (result.non2xx > 0 || result.errors > 0) throw new Error(`${name}: ${result.non2xx} refused, ${result.errors} failed`)
    return result['2xx'] / result.duration
  },
})

export async function benchGuard(): Promise<void> {
  const { listening, cookie } = await guardedApp()
  const at = (name: string, path: string) => side(name, listening.url + path, cookie)
  await compare('A guarded route', at('login.require()', '/guarded'), at('req.isAuthenticated()', '/checked'))
  await compare('A guarded route', at('login.require({ mfa, maxAge })', '/fresh'), at('req.isAuthenticated()', '/checked'))
  await compare('A guarded route', at('login.require()', '/guarded'), at('no guard', '/open'))
  await listening.close()
}
