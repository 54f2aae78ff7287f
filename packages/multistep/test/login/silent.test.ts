import type { Express as ExpressApp } from 'express'
import { anyOf, type FactorOptions, type Multistep } from '../../src/index.js'
import { browser, buildApp, people, pin, Scripted } from '../support/app.js'
import { device, stateIn, texting, texts } from '../support/factors.js'

const users = people()
const authorize = 'https://operator.example/authorize?response_type=code&prompt=none'

/** A check by the network: it leaves at once, and takes what the operator's answer says. */
const network = (users = people(), begin?: (strategy: Scripted) => void) => new Scripted('network', function (req) {
  const { code, error } = req.query ?? {}
  if (code === 'broken') throw new Error('The operator answered nonsense.')
  if (users[code]) return this.success(users[code])
  if (code !== undefined) return this.fail({ code: 'person_mismatch', message: 'That is another number.' } as never, 401)
  if (error !== undefined) return this.fail({ code: 'unavailable', reason: 'not-on-mobile-network', message: `The operator says ${error}.` } as never)
  if (begin) return begin(this as Scripted)
  this.redirect(authorize)
})

const silent = { redirects: true, silent: true, sees: 'pending', kind: 'possession', channel: 'phone', amr: 'nv' } as const

interface Given {
  steps?: readonly unknown[]
  begin?: (strategy: Scripted) => void
  options?: FactorOptions
  routes?: (app: ExpressApp, login: Multistep<never>) => void
}

function setup({ steps = ['local', anyOf('network', 'text')], begin, options = {}, routes }: Given = {}) {
  const text = texts('text', users)
  const strategy = network(users, begin)
  const mentioned = (factors: Record<string, FactorOptions>) =>
    Object.fromEntries(Object.entries(factors).filter(([name]) => JSON.stringify(steps).includes(`"${name}"`)))
  const built = buildApp({
    users,
    routes: routes as never,
    strategies: [strategy, text.strategy, pin()],
    options: {
      steps, factors: mentioned({ network: { ...silent, ...options }, text: texting, pin: device }), lockout: { after: 2 },
    } as never,
  })
  const heard: [string, unknown][] = []
  for (const name of ['step.passed', 'step.failed', 'challenge.sent', 'factor.fallback', 'factor.locked', 'flow.completed'] as const) {
    built.login.on(name, (event) => { heard.push([name, event]) })
  }
  return { ...built, ada: browser(built.app), sent: text.sent, strategy, heard }
}

const callback = '/login/network/callback'

describe('a silent factor', () => {
  it('is begun by the post of the step before, and completes the login without anything asked of the person', async () => {
    const { ada, sent } = setup()
    const { status, body } = await ada.password()
    expect([status, body]).toEqual([200, { status: 'redirect', url: expect.stringContaining(authorize) }])
    expect((await ada.get(`${callback}?code=ada&state=${stateIn(body.url)}`)).body).toMatchObject({ status: 'complete', amr: ['pwd', 'nv', 'mfa'] })
    expect(sent).toEqual([])
  })

  it('that can say nothing begins the next factor in the same answer, and is not counted', async () => {
    const { ada, sent, heard } = setup()
    for (let login = 0; login < 3; login += 1) {
      const { body } = await ada.password()
      const answer = await ada.get(`${callback}?error=login_required&state=${stateIn(body.url)}`)
      expect(answer.body).toMatchObject({ status: 'pending', factors: [{ factor: 'text', challenge: { attemptsLeft: 5 } }] })
      expect(answer.body.factors).toHaveLength(1)
      await ada.post('/login/cancel')
    }
    expect(sent).toHaveLength(3)
    expect(heard.slice(1, 3)).toEqual([
      ['factor.fallback', { factor: 'network', to: 'text', userId: 'u1', reason: 'unavailable: not-on-mobile-network: The operator says login_required.' }],
      ['challenge.sent', { factor: 'text', userId: 'u1' }],
    ])
    expect(heard.map(([name]) => name)).not.toContain('factor.locked')
  })

  it('that can say nothing leads a browser to the page for the code of the next factor', async () => {
    const { ada, sent } = setup()
    const page = await ada.form('/login/local', { username: 'ada', password: 'lovelace-1815' })
    expect(page.status).toBe(200)
    const [, url = ''] = /http-equiv="refresh" content="0;url=([^"]+)"/.exec(page.text) ?? []
    const state = stateIn(url.replaceAll('&amp;', '&'))
    expect(page.text).toContain('action="/login/text/challenge" data-after="5"')
    const back = await ada.page(`${callback}?error=consent_required&state=${state}`)
    expect([back.status, back.headers.location]).toEqual([303, '/login?factor=text'])
    expect((await ada.page('/login?factor=text')).text).toContain('name="code"')
    expect(sent).toHaveLength(1)
    expect((await ada.post('/login/text', { code: 'code of text 1' })).body.status).toBe('complete')
  })

  it('whose number is another one is refused and counted, and the person may take another factor', async () => {
    const { ada, sent, heard } = setup()
    const { body } = await ada.password()
    const answer = await ada.get(`${callback}?code=thief&state=${stateIn(body.url)}`)
    expect(answer.body).toMatchObject({ status: 401, code: 'person_mismatch' })
    expect(sent).toEqual([])
    expect((await ada.get('/login')).body.factors).toMatchObject([{ factor: 'text' }])
    expect(heard.map(([name]) => name)).toEqual(['step.passed', 'step.failed'])
  })

  it('of another person ends the login, as of every other factor', async () => {
    const { ada } = setup()
    const { body } = await ada.password()
    expect((await ada.get(`${callback}?code=alan&state=${stateIn(body.url)}`)).body).toMatchObject({ status: 403, code: 'person_mismatch' })
    expect((await ada.get('/login')).body.status).toBe('anonymous')
  })

  it('is tried once in a login: what was tried cannot be begun again while there is another factor', async () => {
    const { ada, strategy } = setup()
    const { body } = await ada.password()
    const again = await ada.post('/login/network')
    expect(again.body).toMatchObject({ status: 409, code: 'factor_unexpected' })
    expect(strategy.runs).toBe(1)
    // The answer to the one try still counts.
    expect((await ada.get(`${callback}?code=ada&state=${stateIn(body.url)}`)).body.status).toBe('complete')
  })

  it('that breaks leaves the step to the next factor, and is told as broken', async () => {
    const { ada, sent, heard } = setup()
    const { body } = await ada.password()
    expect((await ada.get(`${callback}?code=broken&state=${stateIn(body.url)}`)).body).toMatchObject({ status: 'pending', factors: [{ factor: 'text' }] })
    expect(sent).toHaveLength(1)
    expect(heard.map(([name]) => name)).toEqual(['step.passed', 'step.failed', 'factor.fallback', 'challenge.sent'])
    expect(heard[1]?.[1]).toMatchObject({ factor: 'network', code: 'factor_unavailable', status: 503 })
  })

  it.each([
    ['fails', (strategy: Scripted) => strategy.fail({ code: 'unavailable', message: 'No budget is left.' } as never)],
    ['throws', () => { throw new Error('broken') }],
    ['reports an error', (strategy: Scripted) => strategy.error(new Error('broken'))],
    ['answers with success before anybody has left', (strategy: Scripted) => strategy.success({ id: 'u1' })],
    ['passes', (strategy: Scripted) => strategy.pass()],
  ])('that does not even leave, as it %s, begins the next factor with the post itself', async (_, begin) => {
    const { ada, sent, heard } = setup({ begin: begin })
    const { body } = await ada.password()
    expect(body).toMatchObject({ status: 'pending', factors: [{ factor: 'text', challenge: { attemptsLeft: 5 } }] })
    expect(sent).toHaveLength(1)
    expect(heard.map(([name]) => name)).toContain('factor.fallback')
    expect((await ada.post('/login/text', { code: 'code of text 1' })).body.status).toBe('complete')
  })

  it('sees nothing of the post that begins it, which is another factor\'s', async () => {
    const { ada, strategy } = setup({ steps: ['local', 'pin', anyOf('network', 'text')] })
    const seen: unknown[] = []
    strategy.run = function (req, options) {
      seen.push({ method: req.method, body: { ...req.body }, query: { ...req.query }, url: req.url, user: req.user.id, sameOrigin: options.sameOrigin })
      this.redirect(authorize)
    }
    await ada.password()
    await ada.post('/login/pin?code=alan', { code: '246810', error: 'x' })
    expect(seen).toEqual([{ method: 'GET', body: {}, query: {}, url: '/pin', user: 'u1', sameOrigin: true }])
  })

  it('gives its place to the factor behind it, which is shown first where it has no challenge', async () => {
    const { ada, sent } = setup({ steps: ['local', anyOf('text', 'network', 'pin')] })
    const page = await ada.form('/login/local', { username: 'ada', password: 'lovelace-1815' })
    const [, url = ''] = /http-equiv="refresh" content="0;url=([^"]+)"/.exec(page.text) ?? []
    const back = await ada.page(`${callback}?error=login_required&state=${stateIn(url.replaceAll('&amp;', '&'))}`)
    expect(back.headers.location).toBe('/login?factor=pin')
    expect(sent).toEqual([])
    expect((await ada.post('/login/pin', { code: '246810' })).body.status).toBe('complete')
  })

  it('that is all that a person has is offered again by hand, and is never counted', async () => {
    const { ada } = setup({ steps: ['local', 'network'] })
    let url: string = (await ada.password()).body.url
    for (let tries = 0; tries < 4; tries += 1) {
      expect((await ada.get(`${callback}?error=login_required&state=${stateIn(url)}`)).body).toMatchObject({ status: 401, code: 'unavailable' })
      url = (await ada.post('/login/network')).body.url
    }
    expect((await ada.get(`${callback}?code=ada&state=${stateIn(url)}`)).body.status).toBe('complete')
  })

  it('of a first step waits for a click, and falls back to a page that asks who the person is', async () => {
    const { ada, sent } = setup({ steps: [anyOf('network', 'local'), 'pin'] })
    expect((await ada.get('/login')).body.factors).toMatchObject([{ factor: 'network' }, { factor: 'local' }])
    const { body } = await ada.post('/login/network')
    expect((await ada.get(`${callback}?error=login_required&state=${stateIn(body.url)}`)).body).toMatchObject({ status: 'anonymous' })
    expect(sent).toEqual([])
    expect((await ada.password()).body.status).toBe('pending')
  })

  it('whose answer of another browser or of an earlier login counts for nothing', async () => {
    const { app, ada } = setup()
    const thief = browser(app)
    const first = (await ada.password()).body.url as string
    await thief.password()
    expect((await thief.get(`${callback}?code=ada&state=${stateIn(first)}`)).body.code).toBe('flow_expired')
    const second = (await ada.password()).body.url as string
    expect((await ada.get(`${callback}?code=ada&state=${stateIn(first)}`)).body.code).toBe('flow_expired')
    expect((await ada.get(`${callback}?code=ada&state=${stateIn(second)}`)).body.status).toBe('complete')
  })

  it('is not tried where an app vouches for the step before, because the app answers itself', async () => {
    const { ada, strategy } = setup({
      routes: (app, login) => app.post('/signed-up', async (req, res) => { res.json(await login.vouch(req as never, users.ada as never, 'local' as never)) }),
    })
    expect((await ada.post('/signed-up')).body).toMatchObject({ status: 'pending', factors: [{ factor: 'network' }, { factor: 'text' }] })
    expect(strategy.runs).toBe(0)
    expect((await ada.post('/login/network')).body.status).toBe('redirect')
  })

  it('of a step-up waits for a click, and falls back to the next factor for the same requirement', async () => {
    const { ada, sent } = setup({
      steps: ['local', anyOf('network', 'text')],
      routes: (app, login) => app.post('/pay', login.require({ factors: anyOf('network', 'text'), maxAge: '1s', bind: () => ({ to: 'Bob' }) } as never), (_req, res) => { res.json({ paid: true }) }),
    })
    const { body } = await ada.password()
    await ada.get(`${callback}?code=ada&state=${stateIn(body.url)}`)
    const { requirement } = (await ada.post('/pay')).body
    const { url } = (await ada.post('/login/network', { for: requirement.id })).body
    const back = await ada.get(`${callback}?error=login_required&state=${stateIn(url)}`)
    expect(back.body).toMatchObject({ status: 'step-up', requirement: { id: requirement.id }, factors: [{ factor: 'text' }] })
    expect(sent).toMatchObject([{ details: { to: 'Bob' } }])
    expect((await ada.post('/login/text', { code: 'code of text 1', for: requirement.id })).body.status).toBe('complete')
    expect((await ada.post('/pay')).body).toEqual({ paid: true })
  })

  it('that binds its answers itself falls back only for what this browser began: another site makes no text leave', async () => {
    const begin = (strategy: Scripted) => strategy.redirect(`${authorize}&state=of-this-login`)
    const { ada, sent } = setup({ begin, options: { state: 'own' } })
    expect(stateIn((await ada.password()).body.url)).toBe('of-this-login')
    for (const forged of ['', '&state=', '&state=of-another-login']) {
      const answer = await ada.get(`${callback}?error=login_required${forged}`)
      expect(answer.body).toMatchObject({ status: 409, code: 'factor_unexpected' })
    }
    expect(sent).toEqual([])
    expect((await ada.get(`${callback}?error=login_required&state=of-this-login`)).body.status).toBe('pending')
    expect(sent).toHaveLength(1)
  })

  it('must send the person away, which is said at start-up', () => {
    expect(() => setup({ options: { redirects: false } })).toThrow('multistep: \'network\' is silent, and sends nobody away')
  })

  it('is begun anew by no address with a query while another factor is offered', async () => {
    const { ada, strategy } = setup()
    await ada.password()
    for (const path of ['/login/network?x=1', `${callback}?x=1`]) {
      expect((await ada.get(path)).body).toMatchObject({ status: 409, code: 'factor_unexpected' })
    }
    expect(strategy.runs).toBe(1)
  })

  it('that is locked gives its place away, so that a thief\'s failures cost the owner nothing', async () => {
    const { app, sent } = setup()
    const thief = browser(app)
    for (let tries = 0; tries < 2; tries += 1) {
      const { url } = (await thief.password()).body
      await thief.get(`${callback}?code=thief&state=${stateIn(url)}`)
      await thief.post('/login/cancel')
    }
    const ada = browser(app)
    const { url } = (await ada.password()).body
    expect((await ada.get(`${callback}?code=ada&state=${stateIn(url)}`)).body).toMatchObject({ status: 'pending', factors: [{ factor: 'text' }] })
    expect(sent).toHaveLength(1)
  })

  it('is not tried again in a later step of the login', async () => {
    const { ada, strategy } = setup({ steps: ['local', anyOf('network', 'pin'), anyOf('network', 'text')] })
    const { url } = (await ada.password()).body
    await ada.get(`${callback}?error=login_required&state=${stateIn(url)}`)
    expect((await ada.post('/login/pin', { code: '246810' })).body).toMatchObject({ status: 'pending', factors: [{ factor: 'text' }] })
    expect(strategy.runs).toBe(2)
  })

  it('that cannot begin, and is all that a person has, says so and names no other factor', async () => {
    const { ada, heard } = setup({ steps: ['local', 'network'], begin: (strategy) => strategy.fail({ code: 'unavailable', message: 'No budget.' } as never) })
    expect((await ada.password()).body).toMatchObject({ status: 'pending', factors: [{ factor: 'network' }], problem: { code: 'factor_unavailable' } })
    expect(heard.map(([name]) => name)).not.toContain('factor.fallback')
  })
})
