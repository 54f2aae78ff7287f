import express5 from 'express'
import express4 from 'express4'
import session from 'express-session'
import { Passport as Passport07 } from 'passport'
import { Passport as Passport06 } from 'passport06'
import request from 'supertest'
import { Strategy } from '../src/index.js'
import { inboxSender } from '../src/testing.js'

describe.each([
  ['Express 5 with Passport 0.7', express5, Passport07],
  ['Express 5 with Passport 0.6', express5, Passport06],
  ['Express 4 with Passport 0.7', express4, Passport07],
  ['Express 4 with Passport 0.6', express4, Passport06],
] as const)('%s', (_, express, Passport) => {
  function setup() {
    const sender = inboxSender()
    const passport = new Passport()
    passport.serializeUser((user, done) => done(null, user))
    passport.deserializeUser((user: Express.User, done) => done(null, user))
    passport.use(new Strategy({ sender, secret: 'jY3kq0Zr8xWv5uTn2mLb7cDf4gHs9pQa', appName: 'Acme', origin: 'acme.example' }, async (phone) => ({ phone })))
    const app = express()
    app.use(session({ secret: 'a secret of the tests', resave: false, saveUninitialized: false }))
    app.use(express.json(), express.urlencoded({ extended: false }), passport.session())
    app.all('/code/send', passport.authenticate('sms-otp', { action: 'send' }), (req, res) => { res.json(req.smsOtp) })
    app.post('/code', passport.authenticate('sms-otp'), (req, res) => { res.json(req.user) })
    app.get('/who', (req, res) => { res.json({ user: req.user ?? null }) })
    return { agent: request.agent(app), sender }
  }
  const code = (sender: ReturnType<typeof inboxSender>) => /#(\d{6})$/.exec(sender.messages.at(-1)?.body ?? '')![1]!

  it('a user is sent a code, a wrong code is refused, and the right one logs in', async () => {
    const { agent, sender } = setup()
    const sent = await agent.post('/code/send').send({ phone: '+447400123456' })
    expect([sent.status, sent.body.to]).toEqual([200, '+44 •••• •••456'])
    // The answer to a stranger does not wait for the gateway.
    while (sender.messages.length === 0) await new Promise(setImmediate)
    expect((await agent.post('/code').send({ code: code(sender) === '000000' ? '000001' : '000000' })).status).toBe(401)
    expect((await agent.get('/who')).body).toEqual({ user: null })
    expect((await agent.post('/code').type('form').send({ code: code(sender) })).body).toEqual({ phone: '+447400123456' })
    expect((await agent.get('/who')).body).toEqual({ user: { phone: '+447400123456' } })
  })

  it('a link sends nothing, and a request without a code does not log in', async () => {
    const { agent, sender } = setup()
    const got = await agent.get('/code/send?phone=%2B447400123456')
    expect([got.status, got.headers.allow]).toEqual([405, 'POST'])
    expect((await agent.post('/code').send({})).status).toBe(400)
    expect(sender.messages).toEqual([])
  })
})
