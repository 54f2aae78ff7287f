import express from 'express'
import session from 'express-session'
import { Passport } from 'passport'
import request from 'supertest'
import { anyOf, multistep } from '../../src/index.js'
import { MemoryRecoveryCodeStore, RecoveryCodeStrategy } from '../../src/recovery-codes.js'
import { MemoryTotpKeyStore, TotpSetUp } from '../../src/totp.js'
import { pin, Scripted } from '../support/app.js'

/** Has the router, and no `login.session()` in front of it. */
function forgetful() {
  const passport = new Passport()
  passport.use(pin('local'))
  passport.use(new RecoveryCodeStrategy({ store: new MemoryRecoveryCodeStore() }) as never)
  passport.use(new Scripted('totp', () => undefined))
  passport.serializeUser((user, done) => { done(null, (user as { id: string }).id) })
  passport.deserializeUser((id, done) => { done(null, { id }) })
  const { factor } = new TotpSetUp({ store: new MemoryTotpKeyStore(), issuer: 'Acme', account: () => 'ada' })
  const login = multistep(passport, {
    steps: ['local', anyOf('totp', 'recovery-code')], factors: { totp: factor, 'recovery-code': { enrolled: () => true } },
    remember: { skips: ['totp'], fingerprint: () => 'same' },
  } as never)
  const app = express()
  app.use(session({ secret: 'a secret of the tests', resave: false, saveUninitialized: false }), express.json())
  app.use('/login', login.router())
  app.use(((error, _req, res, next) => {
    if (res.headersSent) return next(error)
    res.status(500).json({ handled: error.code, message: error.message })
  }) as express.ErrorRequestHandler)
  return app
}

describe('an app that forgot login.session()', () => {
  it.each([
    ['get', '/login/devices'], ['post', `/login/devices/${'x'.repeat(22)}/revoke`], ['get', '/login/confirm'], ['get', '/login/recovery-codes'],
    ['post', '/login/recovery-codes'], ['get', '/login/totp/set-up'],
  ] as const)('a %s of %s is told to the programmer as a mistake of the app', async (method, path) => {
    const { status, body } = await request(forgetful())[method](path)
    expect([status, body]).toEqual([500, { handled: 'misconfigured', message: expect.stringContaining('login.session()') }])
  })
})
