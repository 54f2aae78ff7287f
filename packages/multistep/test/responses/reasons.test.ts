import { execFile } from 'node:child_process'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { promisify } from 'node:util'
import { buildSync } from 'esbuild'
import { reasonIn } from '../../src/lib/event-reason.js'
import { browser, buildApp, pin, Scripted } from '../support/app.js'
import { device, stateIn } from '../support/factors.js'

describe('Why a step failed (C-05 at steps)', () => {
  const site = (run: (this: Scripted, req: any) => void) => {
    const { app, login } = buildApp({ strategies: [new Scripted('odd', run as never), pin()], options: { steps: ['odd', 'pin'], factors: { odd: { redirects: true }, pin: device } } })
    const failures: any[] = []
    return { ada: browser(app), login, failures, heard: () => login.on('step.failed', (event) => failures.push(event)) }
  }

  it('the reason of a failed step is told to the developer where the words of a redirecting strategy are kept from the user', async () => {
    const { ada, failures, heard } = site(function (req) {
      if (req.query.error) this.fail({ message: `${req.query.error_description}` } as never)
      else this.redirect('https://op.example/authorize')
    })
    heard()
    const { body } = await ada.post('/login/odd')
    const refused = await ada.get(`/login/odd/callback?error=invalid_scope&error_description=scope+email+of+ada@example.com+unknown&state=${stateIn(body.url)}`)
    expect(refused.body.detail).toBe('That was not right. Try again.')
    expect(failures).toEqual([{ factor: 'odd', code: 'factor_failed', status: 401, reason: 'scope email of …@… unknown' }])
  })

  it('the reason of a failed step is published to a channel, with the cause of what broke, and warns of nothing then', async () => {
    const { ada } = site(function () { this.error(new Error('Failed to obtain access token', { cause: new TypeError('fetch failed') })) })
    const seen: any[] = []
    const listen = (event: unknown) => seen.push(event)
    const warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    subscribe('multistep:step.failed', listen)
    await ada.post('/login/odd').expect(503)
    unsubscribe('multistep:step.failed', listen)
    expect(seen).toEqual([expect.objectContaining({ code: 'factor_unavailable', reason: expect.stringMatching(/Failed to obtain access token ← TypeError fetch failed$/) })])
    expect(JSON.stringify(warned.mock.calls)).not.toContain('broke')
    warned.mockRestore()
  })

  it.each([
    ['code 123456 is wrong', 'code … is wrong'],
    ['no account +44 7400 123456', 'no account …'],
    ['Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJlc2lnbmF0dXJl', 'Bearer …'],
    ['POST https://op.example/token?client_secret=s3cret failed', 'POST https://op.example/… failed'],
    ['two\nlines\u0000', 'two lines'],
    ['status 401, ECONNREFUSED', 'status 401, ECONNREFUSED'],
  ])('the reason of a failed step is without secrets: %j', (words, reason) => {
    expect(reasonIn(words)).toEqual({ reason })
  })

  it('the reason of a failed step is short, and left out where there are no words', () => {
    expect(reasonIn('word '.repeat(10_000)).reason!.length).toBeLessThanOrEqual(301)
    expect([reasonIn(undefined), reasonIn(''), reasonIn(' ')]).toEqual([{}, {}, {}])
  })
})

/** Its own process: Node reads `NODE_DEBUG` when it starts. */
const program = `
  import express from 'express'
  import session from 'express-session'
  import { Passport } from 'passport'
  import { Strategy } from 'passport-local'
  import { multistep } from '../../src/index.js'

  const passport = new Passport()
  passport.use(new Strategy((name, password, done) => done(null, false, { message: 'Nobody with ' + password + ', write to ada@example.com' })))
  const login = multistep(passport, { steps: ['local'] })
  const app = express()
  app.use(session({ secret: 'a secret of the tests', resave: false, saveUninitialized: false }), express.json(), login.session())
  app.use('/login', login.router())
  app.post('/reset/:token', login.authenticate('local'))
  const server = app.listen(0, '127.0.0.1', async () => {
    const post = (path, body, headers) => fetch('http://127.0.0.1:' + server.address().port + path, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json', ...headers } })
    await post('/login/local', {}, { 'sec-fetch-site': 'cross-site' })
    await post('/reset/s3cret?token=s3cret', {}, { 'sec-fetch-site': 'cross-site' })
    await post('/login/local', { username: 'ada', password: '246810' })
    server.closeAllConnections()
    server.close()
  })
`

describe('NODE_DEBUG=multistep (C-05)', () => {
  const [bundle] = buildSync({ stdin: { contents: program, resolveDir: __dirname, loader: 'ts' }, bundle: true, packages: 'external', platform: 'node', write: false }).outputFiles
  const printed = async (debug: string): Promise<string> => {
    const running = promisify(execFile)(process.execPath, ['-'], { cwd: __dirname, env: { ...process.env, NODE_DEBUG: debug } })
    running.child.stdin!.end(bundle!.text)
    return (await running).stderr
  }

  it('NODE_DEBUG=multistep prints events and refusals before any step, each in one line, without what users enter', async () => {
    const lines = (await printed('multistep')).split('\n').filter((line) => line.startsWith('MULTISTEP'))
    expect(lines.map((line) => line.replace(/^MULTISTEP \d+: /, ''))).toEqual([
      'refused {"route":"POST /login/…","factor":"local","code":"cross_site","status":403}',
      'refused {"route":"POST /reset/:token","factor":"local","code":"cross_site","status":403}',
      'step.failed {"factor":"local","code":"factor_failed","status":401,"reason":"Nobody with …, write to …@…"}',
      'refused {"route":"POST /login/…","factor":"local","code":"factor_failed","status":401}',
    ])
  })

  it('nothing is printed without NODE_DEBUG=multistep', async () => {
    expect(await printed('http')).not.toContain('MULTISTEP ')
  })
})

it('a factor of a well-known name has a label without being given one (C-05)', async () => {
  const { app } = buildApp({
    strategies: ['google', 'saml', 'work'].map((name) => new Scripted(name, () => undefined)),
    options: { steps: [{ type: 'anyOf', factors: ['google', 'saml', 'team', 'work'] } as never], factors: { google: {}, saml: {}, team: { strategy: 'google', label: 'Team' }, work: {} } as never },
  })
  const { body } = await browser(app).get('/login')
  expect(body.factors.map(({ label }: { label: string }) => label)).toEqual(['Google', 'Single sign-on', 'Team', 'work'])
})
