import { readFileSync } from 'node:fs'
import { ensureLoggedIn } from 'connect-ensure-login'
import express5 from 'express'
import express4 from 'express4'
import session from 'express-session'
import { Passport as Passport07 } from 'passport'
import { Strategy as LocalStrategy } from 'passport-local'
import { Strategy as TotpStrategy } from 'passport-totp'
import { Passport as Passport06 } from 'passport06'
import { anyOf, multistep } from '../../src/index.js'
import { browser, people, pin, type Person } from '../support/app.js'
import { codeOf } from '../support/totp.js'
import { away, device, operator, stateIn, texting, texts } from '../support/factors.js'

const versionOf = (name: string) => (JSON.parse(readFileSync(require.resolve(`${name}/package.json`), 'utf8')) as { version: string }).version

const versions = [
  [versionOf('express'), versionOf('passport'), express5, Passport07],
  [versionOf('express'), versionOf('passport06'), express5, Passport06],
  [versionOf('express4'), versionOf('passport'), express4, Passport07],
  [versionOf('express4'), versionOf('passport06'), express4, Passport06],
] as const

it('the versions are those that the README promises: Express 4 and 5, Passport 0.6 and 0.7', () => {
  expect(versions.map(([express, passport]) => `${express.split('.')[0]}, ${passport.slice(0, 3)}`)).toEqual(['5, 0.7', '5, 0.6', '4, 0.7', '4, 0.6'])
})

describe.each(versions)('Express %s with Passport %s', (_express, _passport, express, Passport) => {
  function setup() {
    const users = people()
    const passport = new Passport()
    passport.serializeUser((user, done) => done(null, (user as Person).id))
    passport.deserializeUser((id: string, done) => done(null, (Object.values(users).find((user) => user.id === id) ?? false) as never))
    passport.use(new LocalStrategy((name, password, done) => done(null, users[name]?.password === password ? users[name] : false)))
    passport.use(new TotpStrategy({}, (user, done) => done(null, Buffer.from((user as Person).key ?? ''), 30)))
    const text = texts('text', users)
    for (const strategy of [text.strategy, pin(), operator('operator', users)]) passport.use(strategy as never)

    const login = multistep(passport, {
      steps: [anyOf('local', 'operator'), anyOf('totp', 'text', 'pin')],
      factors: { operator: { redirects: true }, totp: { enrolled: (user) => Boolean((user as Person).key) }, text: texting, pin: device },
      successRedirect: '/account',
    })
    const app = express()
    app.use(session({ secret: 'a secret of the tests', resave: false, saveUninitialized: false }))
    app.use(express.urlencoded({ extended: false }), express.json())
    app.use(login.session())
    app.use('/login', login.router())
    app.post('/by-hand/password', login.authenticate('local', { failureRedirect: '/by-hand' }))
    app.post('/by-hand/send', login.challenge('text'))
    app.post('/by-hand/code', login.authenticate('text'), (req, res) => { res.json({ next: (req.user as Person).id }) })
    app.get('/who', (req, res) => { res.json({ authenticated: req.isAuthenticated(), user: (req.user as Person | undefined)?.id ?? null }) })
    app.get('/old', ensureLoggedIn('/login'), (_req, res) => { res.send('in') })
    app.get('/account', login.require(), (req, res) => { res.json(login.evidence(req)) })
    app.post('/logout', login.logout())
    return { app, browsing: browser(app), text }
  }
  const nobody = { authenticated: false, user: null }

  it('a JSON client completes a login of two steps, with passport-local and passport-totp as they come', async () => {
    const { browsing } = setup()
    expect((await browsing.password()).body).toMatchObject({ status: 'pending', step: 2 })
    expect(await browsing.who()).toEqual(nobody)
    expect((await browsing.post('/login/totp', { code: codeOf('key-of-ada-1815') })).body).toMatchObject({ status: 'complete', amr: ['pwd', 'otp', 'mfa'] })
    expect(await browsing.who()).toEqual({ authenticated: true, user: 'u1' })
    expect((await browsing.get('/account')).body).toEqual([expect.objectContaining({ factor: 'local' }), expect.objectContaining({ factor: 'totp' })])
  })

  it('a browser completes a login by forms, and comes back to the page first asked for', async () => {
    const { browsing } = setup()
    await browsing.page('/account?tab=2').expect(303).expect('Location', '/login')
    await browsing.form('/login/local', { username: 'ada', password: 'lovelace-1815' }).expect(303)
    await browsing.form('/login/pin', { code: '246810' }).expect(303).expect('Location', '/account?tab=2')
  })

  it('a login mounted by hand hands the completed request to the next handler', async () => {
    const { browsing, text } = setup()
    await browsing.post('/by-hand/password', { username: 'ada', password: 'lovelace-1815' }).expect(200)
    await browsing.post('/by-hand/send').expect(200)
    expect(text.sent).toHaveLength(1)
    expect((await browsing.post('/by-hand/code', { code: 'code of text 1' })).body).toEqual({ next: 'u1' })
  })

  it('a redirecting strategy sends the browser elsewhere and takes it back', async () => {
    const { browsing } = setup()
    const { body } = await browsing.post('/login/operator')
    expect(body).toEqual({ status: 'redirect', url: expect.stringMatching(away) })
    await browsing.page(`/login/operator/callback?code=ada&state=${stateIn(body.url)}`).expect(303)
    expect((await browsing.get('/login')).body).toMatchObject({ status: 'pending', completed: [{ factor: 'operator' }] })
  })

  it('connect-ensure-login lets no user in between the steps (F-01)', async () => {
    const { browsing } = setup()
    await browsing.get('/old').expect(302).expect('Location', '/login')
    await browsing.password()
    await browsing.get('/old').expect(302)
    await browsing.post('/login/pin', { code: '246810' }).expect(200)
    await browsing.get('/old').expect(200, 'in')
    await browsing.post('/logout').expect(200)
    await browsing.get('/old').expect(302)
  })

  it('wrong codes, other methods and unread bodies are refused alike', async () => {
    const { browsing, app } = setup()
    await browsing.password()
    await browsing.post('/login/pin', { code: '000000' }).expect(401)
    await browsing.get('/login/pin?code=246810').expect(405)
    await browsing.agent.post('/login/pin').type('text/plain').send('code=246810').expect(415)
    expect(await browsing.who()).toEqual(nobody)
    await browser(app).post('/login/pin', { code: '246810' }).expect(401)
  })
})
