import { anyOf, type FactorOptions } from '../../src/index.js'
import { browser, buildApp, people, pin, Scripted } from '../support/app.js'
import { device, texting, texts } from '../support/factors.js'

type Run = ConstructorParameters<typeof Scripted>[1]

const elsewhere = 'https://op.example/authorize'
const silent = { redirects: true, silent: true, sees: 'pending', kind: 'possession', channel: 'phone', amr: 'nv' } as const

function setup(steps: readonly unknown[], scripted: Record<string, Run>, more: Record<string, FactorOptions> = {}) {
  const users = people()
  const text = texts('text', users)
  const all: Record<string, FactorOptions> = { text: texting, pin: device, network: silent, relay: { ...silent, channel: 'relay' }, ...more }
  const factors = Object.fromEntries(Object.entries(all).filter(([name]) => JSON.stringify(steps).includes(`"${name}"`)))
  const mine = Object.entries(scripted).map(([name, run]) => new Scripted(name, run))
  const others = [text.strategy, pin()].filter(({ name }) => !(name in scripted))
  const built = buildApp({ users, strategies: [...mine, ...others], options: { steps, factors } as never })
  const heard: [string, any][] = []
  for (const name of ['challenge.sent', 'step.failed', 'factor.fallback'] as const) built.login.on(name, (event) => { heard.push([name, event]) })
  return { ...built, ada: browser(built.app), sent: text.sent, heard, runs: mine }
}

/** Begins a challenge as the test says, and takes the code `246810`. */
const beginning = (begin: Run): Run => function (req, options) {
  if (options.action === 'send') begin.call(this, req, options)
  else if (req.body?.code === '246810') this.success(req.user)
  else this.fail(undefined as never)
}

describe('a challenge that begins as its step opens', () => {
  it('a strategy that answers the request itself is left to it, and the step is open', async () => {
    const { ada, heard } = setup(['local', 'text'], { text: beginning((req) => { req.res.json({ said: 'by the strategy' }) }) })
    expect((await ada.password()).body).toEqual({ said: 'by the strategy' })
    expect((await ada.get('/login')).body).toMatchObject({ status: 'pending', factors: [{ factor: 'text' }] })
    expect((await ada.post('/login/text/challenge')).body).toEqual({ said: 'by the strategy' })
    expect(heard).toEqual([])
    expect((await ada.post('/login/text', { code: '246810' })).body.status).toBe('complete')
  })

  it('a strategy that would send the browser away waits for the person to ask for it', async () => {
    const { ada, heard } = setup(['local', 'text'], { text: beginning(function () { this.redirect(elsewhere) }) })
    expect((await ada.password()).body).toMatchObject({ status: 'pending', factors: [{ factor: 'text' }] })
    expect((await ada.post('/login/text/challenge')).body).toEqual({ status: 'redirect', url: elsewhere })
    expect(heard).toEqual([])
  })

  it('a strategy whose answer comes back from another site leaves with a mark', async () => {
    const { ada } = setup(['local', 'text'], { text: beginning(function () { this.redirect(elsewhere) }) }, { text: { ...texting, redirects: true, challengeOnEntry: false } })
    await ada.password()
    const { body } = await ada.post('/login/text/challenge')
    expect(body).toEqual({ status: 'redirect', url: expect.stringMatching(/^https:\/\/op\.example\/authorize\?state=[\w-]{22}$/) })
  })

  it('a strategy that asks to wait is told as its problem, where nothing was sent before', async () => {
    const { ada, heard } = setup(['local', 'text'], { text: beginning(function () { this.fail({ code: 'too_soon', message: 'Wait.', retryAfter: 30 } as never, 429) }) })
    expect((await ada.password()).body).toMatchObject({ status: 'pending', problem: { code: 'too_soon', retryAfter: 30 } })
    expect(heard).toEqual([])
  })
})

describe('silent factors of one step', () => {
  const unavailable: Run = function () { this.fail({ code: 'unavailable', message: 'No network.' } as never) }

  it('a silent factor gives its place to the next one, also to a silent one, which leaves', async () => {
    const { ada, heard } = setup(['local', anyOf('network', 'relay', 'text')], { network: unavailable, relay() { this.redirect(elsewhere) } })
    expect((await ada.password()).body).toEqual({ status: 'redirect', url: expect.stringContaining(elsewhere) })
    expect(heard).toMatchObject([['factor.fallback', { factor: 'network', to: 'relay' }]])
  })

  it('two silent factors that say nothing give their place to the text, one after the other', async () => {
    const { ada, heard, sent, runs } = setup(['local', anyOf('network', 'relay', 'text')], { network: unavailable, relay: unavailable })
    expect((await ada.password()).body).toMatchObject({ status: 'pending', factors: [{ factor: 'text', challenge: { attemptsLeft: 5 } }] })
    expect(heard.map(([name, { factor, to }]) => [name, factor, to])).toEqual([
      ['factor.fallback', 'network', 'relay'], ['factor.fallback', 'relay', 'text'], ['challenge.sent', 'text', undefined],
    ])
    expect([sent.length, runs.map((one) => one.runs)]).toEqual([1, [1, 1]])
  })

  it('a silent factor that is withdrawn as it begins is offered no more in this login', async () => {
    const { ada } = setup(['local', anyOf('network', 'pin')], { network() { this.fail({ code: 'moved', message: 'Moved.', withdrawn: true } as never, 403) } })
    expect((await ada.password()).body.factors).toMatchObject([{ factor: 'pin' }])
    expect((await ada.post('/login/network')).body.code).toBe('factor_withdrawn')
    expect((await ada.post('/login/pin', { code: '246810' })).body.status).toBe('complete')
  })

  it('a silent factor that answers the request itself is left to it, and was tried', async () => {
    const { ada, runs } = setup(['local', anyOf('network', 'pin')], { network(req) { req.res.json({ said: 'by the strategy' }) } })
    expect((await ada.password()).body).toEqual({ said: 'by the strategy' })
    expect((await ada.get('/login')).body).toMatchObject({ status: 'pending', factors: [{ factor: 'pin' }] })
    expect(runs[0]!.runs).toBe(1)
    expect((await ada.post('/login/pin', { code: '246810' })).body.status).toBe('complete')
  })

  it('a silent factor that is all that a person has is told as unavailable, and its words are kept from them', async () => {
    const { ada } = setup(['local', 'network'], { network: unavailable })
    const { body } = await ada.password()
    expect(body).toMatchObject({ status: 'pending', factors: [{ factor: 'network' }], problem: { code: 'factor_unavailable' } })
    expect(JSON.stringify(body)).not.toContain('No network.')
  })

  it('a silent factor that breaks and is all that a person has is told as broken', async () => {
    const { ada, heard } = setup(['local', 'network'], { network() { throw new Error('secret') } })
    const { body } = await ada.password()
    expect(body).toMatchObject({ status: 'pending', factors: [{ factor: 'network' }], problem: { code: 'factor_unavailable', status: 503 } })
    expect(JSON.stringify(body)).not.toContain('secret')
    expect(heard.map(([name, { factor, code }]) => [name, factor, code])).toEqual([['step.failed', 'network', 'factor_unavailable']])
  })
})
