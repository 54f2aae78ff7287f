import { cookiesOf, listening, posted } from '../support/network.js'
import { describeWithBackends, type Backend } from '../support/stores.js'
import { browser, buildApp, people, pin, Scripted } from '../support/app.js'
import type { FactorOptions } from '../../src/index.js'

const device: FactorOptions = { sees: 'pending', kind: 'possession', channel: 'device', amr: 'otp', fields: ['code'] }
const right = { code: '246810' }
const ada = { username: 'ada', password: people().ada!.password }
const nobody = { authenticated: false, user: null, amr: [] }

/** Beside the lockout, which would stop some of them first. */
const unlimited: FactorOptions = { ...device, lockout: 'own' }

interface Held {
  /** What `/slow` waits for. */
  hold?: Promise<void>
  factor?: FactorOptions
}

/** A strategy that answers nobody before all of `size` requests have come: none of them can be first by being early. */
function together(size: number, name = 'pin') {
  const waiting: (() => void)[] = []
  return new Scripted(name, function (req) {
    waiting.push(() => (req.body.code === '246810' ? this.success(req.user) : this.fail(undefined as never)))
    if (waiting.length >= size) for (const go of waiting.splice(0)) setImmediate(go)
  })
}

describeWithBackends('parallel requests', (create) => {
  let backend: Backend
  let closeServer: () => Promise<void>
  beforeEach(async () => { backend = await create() })
  afterEach(async () => {
    await closeServer()
    await backend.close()
  })

  const started = async (strategies: Scripted[], steps: string[], { hold = Promise.resolve(), factor = unlimited }: Held = {}) => {
    const factors = Object.fromEntries(strategies.map(({ name }) => [name, { ...factor, channel: name }]))
    const built = buildApp({
      strategies,
      session: { store: backend.sessions },
      options: { steps, factors, store: backend.flows, storeTimeout: '100s', stepTimeout: '100s' },
      routes: (app) => {
        app.post('/slow', async (req, res) => {
          ;(req.session as unknown as { note: string }).note = 'written by a slow request'
          res.setHeader('X-Reached', 'yes')
          res.flushHeaders()
          await hold
          res.end()
        })
      },
    })
    const events: string[] = []
    for (const name of ['step.passed', 'flow.completed'] as const) built.login.on(name, ({ userId }) => events.push(`${name} ${userId}`))
    const server = await listening(built.app)
    closeServer = server.close
    const first = await posted(`${server.url}/login/local`, ada)
    events.length = 0
    return { ...built, server, events, cookie: first.cookie }
  }
  const loggedIn = async () => Object.values(await backend.keptSessions()).filter(({ passport }) => passport !== undefined)
  const who = async (url: string, cookie: string): Promise<unknown> => (await fetch(`${url}/who`, { headers: { cookie } })).json()

  it.each([20, 200])('of %i final posts at once exactly one logs in: one session, one record (F-18 at steps, O-05)', async (count) => {
    const { server, cookie, events } = await started([together(count)], ['local', 'pin'])
    const answers = await Promise.all(Array.from({ length: count }, () => posted(`${server.url}/login/pin`, right, cookie)))
    const winners = answers.filter(({ status }) => status === 200)
    expect(winners.map(({ body }) => body.status)).toEqual(['complete'])
    expect(answers.filter(({ status, body }) => status === 409 && body.code === 'flow_conflict')).toHaveLength(count - 1)
    expect(Object.keys(await backend.keptSessions())).toHaveLength(1)
    expect(await loggedIn()).toHaveLength(1)
    expect(await backend.keptLogins()).toBe(1)
    expect(events).toEqual(['step.passed u1', 'flow.completed u1'])
    expect(await who(server.url, winners[0]!.cookie)).toMatchObject({ user: 'u1' })
    expect(await who(server.url, cookie)).toEqual(nobody)
  })

  it('twenty forms posted at once log in once, and what the losers leave in the old session proves nothing (F-18)', async () => {
    const { server, cookie } = await started([together(20)], ['local', 'pin'])
    const form = () => fetch(`${server.url}/login/pin`, {
      method: 'POST', redirect: 'manual', body: new URLSearchParams(right), headers: { cookie, accept: 'text/html', 'sec-fetch-site': 'same-origin' },
    })
    const answers = await Promise.all(Array.from({ length: 20 }, form))
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(303))
    expect(answers.map(({ headers }) => headers.get('location'))).toEqual(Array(20).fill('/'))
    expect(answers.filter(({ headers }) => headers.has('set-cookie'))).toHaveLength(1)
    expect(Object.keys(await backend.keptSessions())).toHaveLength(1)
    expect(await loggedIn()).toHaveLength(1)
    expect(await backend.keptLogins()).toBe(1)
    expect(await who(server.url, cookie)).toEqual(nobody)
  })

  it('of 20 posts of a middle step at once exactly one goes on, and the others change nothing (F-18)', async () => {
    const { server, cookie, events } = await started([together(20, 'one'), pin('two')], ['local', 'one', 'two'])
    const answers = await Promise.all(Array.from({ length: 20 }, () => posted(`${server.url}/login/one`, right, cookie)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(answers.filter(({ status, body }) => status === 409 && body.code === 'flow_conflict')).toHaveLength(19)
    expect(events).toEqual(['step.passed u1'])
    expect(await backend.keptLogins()).toBe(0)
    expect((await posted(`${server.url}/login/two`, right, cookie)).body).toMatchObject({ status: 'complete' })
  })

  it('of parallel posts under the default lockout exactly one logs in, and the user stays free to log in again (F-18)', async () => {
    const { server, cookie } = await started([pin()], ['local', 'pin'], { factor: device })
    const answers = await Promise.all(Array.from({ length: 20 }, () => posted(`${server.url}/login/pin`, right, cookie)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(await loggedIn()).toHaveLength(1)
    expect(await backend.keptLogins()).toBe(1)
    const again = await posted(`${server.url}/login/local`, ada)
    expect((await posted(`${server.url}/login/pin`, right, again.cookie)).body).toMatchObject({ status: 'complete' })
  })

  it('a final post that follows the winner\'s is refused, however often it is sent (F-18)', async () => {
    const { server, cookie } = await started([pin()], ['local', 'pin'])
    await posted(`${server.url}/login/pin`, right, cookie)
    for (let time = 0; time < 3; time += 1) expect((await posted(`${server.url}/login/pin`, right, cookie)).status).toBe(401)
    expect(await backend.keptLogins()).toBe(1)
  })

  it('a cancel beside 20 final posts ends in one login with its record, or in none', async () => {
    const { server, cookie } = await started([pin()], ['local', 'pin'])
    const [, ...answers] = await Promise.all([posted(`${server.url}/login/cancel`, {}, cookie), ...Array.from({ length: 20 }, () => posted(`${server.url}/login/pin`, right, cookie))])
    const winners = answers.filter(({ status }) => status === 200).length
    expect(winners).toBeLessThanOrEqual(1)
    expect(await loggedIn()).toHaveLength(winners)
    expect(await backend.keptLogins()).toBe(winners)
  })

  it('a slow request that writes to the old session brings back a flow that is gone, and a replay is 401 (P-04 at steps)', async () => {
    let release = () => {}
    const { server, cookie } = await started([pin()], ['local', 'pin'], { hold: new Promise((resolve) => { release = resolve }) })
    const slow = await fetch(`${server.url}/slow`, { method: 'POST', headers: { cookie } })
    expect(slow.headers.get('x-reached')).toBe('yes')
    const final = await posted(`${server.url}/login/pin`, right, cookie)
    expect(final.body).toMatchObject({ status: 'complete' })
    release()
    await slow.text()
    const revived = Object.values(await backend.keptSessions()).filter((session) => 'note' in session)
    expect(revived).toEqual([{ cookie: expect.anything(), note: 'written by a slow request', multistep: { flow: expect.any(String) } }])
    expect(await who(server.url, cookie)).toEqual(nobody)
    expect((await posted(`${server.url}/login/pin`, right, cookie)).body).toMatchObject({ code: 'flow_expired' })
    expect(await who(server.url, cookie)).toEqual(nobody)
    expect(await loggedIn()).toHaveLength(1)
  })

  it('a user who is logged in and begins a login again is not logged in twice by a slow request that brings the old session back (R-43, P-05)', async () => {
    let release = () => {}
    const { server, cookie } = await started([pin()], ['local', 'pin'], { hold: new Promise((resolve) => { release = resolve }) })
    const { cookie: inside } = await posted(`${server.url}/login/pin`, right, cookie)
    const slow = await fetch(`${server.url}/slow`, { method: 'POST', headers: { cookie: inside } })
    const again = await posted(`${server.url}/login/local`, ada, inside)
    expect(again.body).toMatchObject({ status: 'pending' })
    release()
    await slow.text()
    expect(Object.values(await backend.keptSessions()).filter((session) => 'note' in session)).toHaveLength(1)
    expect(await who(server.url, inside)).toEqual(nobody)
    expect(await who(server.url, again.cookie)).toMatchObject({ user: 'u1' })
    expect((await posted(`${server.url}/login/pin`, right, again.cookie)).body).toMatchObject({ status: 'complete' })
  })

  it('a slow request that writes to the session of before the first step brings nothing back (P-01)', async () => {
    let release = () => {}
    const { app, server } = await started([pin()], ['local', 'pin'], { hold: new Promise((resolve) => { release = resolve }) })
    const browsing = browser(app)
    const before = cookiesOf(await browsing.form('/login/local', { username: 'ada', password: 'wrong' }))
    const slow = await fetch(`${server.url}/slow`, { method: 'POST', headers: { cookie: before } })
    const first = await posted(`${server.url}/login/local`, ada, before)
    expect(first.body).toMatchObject({ status: 'pending' })
    release()
    await slow.text()
    expect((await posted(`${server.url}/login/pin`, right, before)).body).toMatchObject({ status: 401, code: 'login_required' })
    expect(await who(server.url, before)).toEqual(nobody)
  })
})
