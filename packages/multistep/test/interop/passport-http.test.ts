import { BasicStrategy, DigestStrategy } from 'passport-http'
import type { Request } from '../../src/index.js'
import { browser, buildApp, people, pin } from '../support/app.js'
import { device } from '../support/factors.js'

const basic = (name: string, password: string) => `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`

/** What failures are counted by: the name in the header. */
const nameIn = ({ headers }: Request) => Buffer.from(headers.authorization?.split(' ')[1] ?? '', 'base64').toString().split(':')[0]

function setup() {
  const users = people()
  const strategy = new BasicStrategy((name, password, done) => done(null, users[name]?.password === password ? users[name] as never : false))
  const { app } = buildApp({
    users,
    strategies: [strategy as never, pin()],
    options: { steps: ['basic', 'pin'], factors: { basic: { kind: 'knowledge', amr: 'pwd', account: nameIn }, pin: device } },
  })
  const browsing = browser(app)
  return { browsing, begin: (name: string, password: string) => browsing.agent.post('/login/basic').set('Authorization', basic(name, password)).send({}) }
}

describe('passport-http, unmodified, as a first factor', () => {
  it('passport-http takes the first step with Basic credentials, and logs no user in by itself', async () => {
    const { browsing, begin } = setup()
    expect((await begin('ada', 'lovelace-1815')).body).toMatchObject({ status: 'pending', completed: [{ factor: 'basic' }] })
    expect(await browsing.who()).toMatchObject({ authenticated: false })
    expect((await browsing.post('/login/pin', { code: '246810' })).body).toMatchObject({ status: 'complete', amr: ['pwd', 'otp', 'mfa'] })
  })

  it('a refusal of passport-http says how to authenticate, as Passport does (RFC 9110 §15.5.2)', async () => {
    const { begin, browsing } = setup()
    const refused = await begin('ada', 'wrong')
    expect(refused.status).toBe(401)
    expect(refused.headers['www-authenticate']).toBe('Basic realm="Users"')
    expect(refused.body).toMatchObject({ code: 'factor_failed' })
    expect((await browsing.post('/login/basic')).headers['www-authenticate']).toBe('Basic realm="Users"')
  })

  it('guesses against passport-http lock the name that is guessed at, not the machine that guesses (R-05)', async () => {
    const { begin } = setup()
    for (let guess = 0; guess < 10; guess += 1) await begin('ada', `guess ${guess}`).expect(401)
    expect((await begin('ada', 'lovelace-1815')).body).toMatchObject({ code: 'factor_locked' })
    expect((await begin('alan', 'turing-1912')).body).toMatchObject({ status: 'pending' })
  })

  it('Basic credentials that a browser keeps sending open no page: the second factor is asked for each time', async () => {
    const { browsing } = setup()
    await browsing.agent.get('/account').set('Authorization', basic('ada', 'lovelace-1815')).expect(401)
  })
})

it('a challenge of a Digest strategy reaches the client with its nonce', async () => {
  const { app } = buildApp({
    strategies: [new DigestStrategy({ qop: 'auth' }, (_name, done) => done(null, false)) as never, pin()],
    options: { steps: ['digest', 'pin'], factors: { pin: device } },
  })
  expect((await browser(app).post('/login/digest')).headers['www-authenticate']).toMatch(/^Digest realm="Users", nonce="\w+", qop="auth"$/)
})
