import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import express5 from 'express'
import express4 from 'express4'
import session from 'express-session'
import { Passport as Passport07 } from 'passport'
import { Passport as Passport06 } from 'passport06'
import { startSimulator, type Simulator } from 'mobileconnect-simulator'
import { Strategy } from 'passport-mobileconnect'
import { Browser } from './support/browser.js'
import { ada, configured } from './support/operators.js'

describe.each([
  ['Express 5 with Passport 0.7', express5, Passport07],
  ['Express 5 with Passport 0.6', express5, Passport06],
  ['Express 4 with Passport 0.7', express4, Passport07],
  ['Express 4 with Passport 0.6', express4, Passport06],
] as const)('%s', (_, express, Passport) => {
  let sim: Simulator
  let close: () => Promise<unknown>
  beforeEach(async () => { sim = await startSimulator() })
  afterEach(async () => {
    await close()
    await sim.close()
  })

  async function startApp() {
    const app = express()
    const server = app.listen(0, '127.0.0.1')
    await once(server, 'listening')
    close = async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    }
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const passport = new Passport()
    passport.serializeUser((user, done) => done(null, user))
    passport.deserializeUser((user: Express.User, done) => done(null, user))
    const { issuer, clientId, clientSecret } = configured(sim.operator('a'))
    passport.use(new Strategy({
      operator: { issuer, clientId, clientSecret },
      callbackURL: `${origin}/login/mobileconnect/callback`,
      loginHint: () => `MSISDN:${ada.slice(1)}`,
    }, async ({ sub }) => ({ id: sub })))
    app.use(session({ secret: 'of-a-test-and-nothing-else', resave: false, saveUninitialized: false }), passport.session())
    app.post('/login/mobileconnect', passport.authenticate('mobileconnect'))
    app.get('/login/mobileconnect/callback', passport.authenticate('mobileconnect', { successRedirect: '/who', failureRedirect: '/failed' }))
    app.get('/who', (req, res) => { res.json(req.user ?? null) })
    return { origin, browser: new Browser() }
  }

  it('a user logs in through the operator, and a user who refuses is not logged in', async () => {
    const { origin, browser } = await startApp()
    const who = async () => (await browser.request(`${origin}/who`)).json()
    const answered = async (answer: 'approve' | 'deny') => {
      const begun = await browser.request(`${origin}/login/mobileconnect`, { method: 'POST', headers: { 'sec-fetch-site': 'same-origin' } })
      const waiting = await browser.follow(begun.headers.get('location')!, 'nowhere')
      await sim.handset(ada).next()
      await sim.handset(ada)[answer]()
      return browser.follow(await browser.follow(waiting, origin), `${origin}/`)
    }
    expect(await answered('deny')).toBe(`${origin}/failed`)
    expect(await who()).toBe(null)
    expect(await answered('approve')).toBe(`${origin}/who`)
    expect(await who()).toEqual({ id: expect.stringMatching(/^[\w-]{36}$/) })
  })
})
