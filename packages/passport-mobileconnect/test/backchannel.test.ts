import type { ServerResponse } from 'node:http'
import { startSimulator, type Simulator } from 'mobileconnect-simulator'
import { MemoryTransactionStore } from 'passport-mobileconnect'
import { startApp, type App, type AppOptions, type Tab } from './support/app.js'
import { startForger, type Forger } from './support/forger.js'
import { ada, configured, grace, hinted } from './support/operators.js'

const many = <T>(times: number, work: (index: number) => Promise<T>) => Promise.all(Array.from({ length: times }, (_, index) => work(index)))
const pending = { status: 401, body: { info: { code: 'authorization_pending', message: 'Confirm the login on your phone.', pending: true } } }
const unknown = { status: 403, body: { info: { code: 'transaction_unknown' } } }

describe('over the backchannel', () => {
  let forger: Forger
  let app: App
  let now: number
  beforeAll(async () => { forger = await startForger() })
  afterAll(() => forger.close())
  beforeEach(() => { forger.reset(); forger.calls.length = 0; now = 1_800_000_000_000; waiting() })
  afterEach(() => app.close())

  let token: (res: ServerResponse) => boolean
  const answering = (status: number, body: unknown) => (res: ServerResponse) => { res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body)); return true }
  const waiting = () => { token = answering(400, { error: 'authorization_pending' }) }
  const approved = () => { token = () => false; forger.script.claims = { nonce: undefined } }

  const start = async (options: Partial<AppOptions> = {}) => {
    forger.script.answer = ({ path }, res) => path === '/token' && token(res)
    app = await startApp(() => ({ operator: forger.operator(), mode: 'backchannel', loginHint: (req) => req.body.phone && `MSISDN:${req.body.phone}`, store: new MemoryTransactionStore({ now: () => now }), ...options }))
  }
  const begin = (tab: Tab, fields: Record<string, string> = { phone: '447700900001' }, route: object = {}) => tab.post('/login', fields, { 'x-route': JSON.stringify({ action: 'begin', ...route }) })
  const ask = (tab: Tab, route: object = {}) => tab.post('/callback', {}, { 'x-route': JSON.stringify(route) })
  const polls = () => forger.count('/token')

  it('a backchannel login rings the phone, waits, and ends when the user has accepted (R-78)', async () => {
    await start()
    const tab = app.tab()
    const begun = await begin(tab)
    expect(begun.body.begun).toEqual({ bindingMessage: expect.stringMatching(/^[BCDFGHJKLMNPQRSTVWXZ2-9]{3}-[BCDFGHJKLMNPQRSTVWXZ2-9]{3}$/), expiresAt: expect.stringMatching(/^\d{4}-.*Z$/) })
    const asked = forger.calls.find(({ path }) => path === '/backchannel')!
    expect(Object.fromEntries(asked.body)).toMatchObject({ scope: 'openid mc_authn', login_hint: 'MSISDN:447700900001', acr_values: '2', binding_message: begun.body.begun.bindingMessage })
    expect(asked.authorization).toMatch(/^Basic /)
    expect(await ask(tab)).toMatchObject({ ...pending, retryAfter: '5' })
    approved()
    now += 5000
    expect((await ask(tab)).body).toMatchObject({ user: { id: `${forger.issuer} pcr-of-ada` }, info: { amr: ['mca', 'SIM_OK'] } })
    expect(app.identities).toHaveLength(1)
  })

  it('auth_req_id never leaves the server (R-78)', async () => {
    const kept: string[] = []
    const store = new MemoryTransactionStore({ now: () => now })
    const put = store.put.bind(store)
    store.put = async (id, sealed, ttl) => { kept.push(sealed, Buffer.from(sealed, 'base64url').toString('latin1')); await put(id, sealed, ttl) }
    await start({ store })
    const tab = app.tab()
    const seen = [await begin(tab), await ask(tab), await tab.get('/me')]
    approved()
    now += 5000
    seen.push(await ask(tab))
    expect(JSON.stringify([seen, kept])).not.toContain('secret-auth-req-id')
    expect(kept).toHaveLength(2)
  })

  it('a backchannel login asks the operator only as often as it allows, however often the browser asks (M-28, R-78)', async () => {
    await start()
    const tab = app.tab()
    await begin(tab)
    expect((await many(10, () => ask(tab))).every(({ body }) => body.info.pending === true)).toBe(true)
    expect(polls()).toBe(1)
    now += 4999
    expect(await ask(tab)).toMatchObject({ ...pending, retryAfter: '1' })
    expect(polls()).toBe(1)
    now += 1
    await ask(tab)
    expect(polls()).toBe(2)
  })

  it('each slow_down of the operator adds five seconds to all later polls (M-28, R-78)', async () => {
    await start()
    const tab = app.tab()
    await begin(tab)
    token = answering(400, { error: 'slow_down' })
    expect((await ask(tab)).retryAfter).toBe('10')
    now += 10_000
    expect((await ask(tab)).retryAfter).toBe('15')
    waiting()
    now += 15_000
    expect((await ask(tab)).retryAfter).toBe('15')
    expect(polls()).toBe(3)
  })

  it('of 20 polls at the same time, one gets the outcome (M-13, M-28)', async () => {
    await start()
    const tab = app.tab()
    await begin(tab)
    approved()
    const answers = await many(20, () => ask(tab))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(polls()).toBe(1)
    expect(app.identities).toHaveLength(1)
    now += 60_000
    expect((await ask(tab)).status).toBe(403)
    expect(polls()).toBe(1)
  })

  it('a poll of another session learns nothing, and leaves the login alone (M-28)', async () => {
    await start()
    const [tab, mallory] = [app.tab(), app.tab()]
    await begin(tab)
    approved()
    expect(await ask(mallory)).toMatchObject(unknown)
    for (const guess of ['secret-auth-req-id', 'x'.repeat(43), '', '__proto__']) expect(await ask(mallory, { challenge: guess })).toMatchObject(unknown)
    expect(polls()).toBe(0)
    expect((await ask(tab)).status).toBe(200)
  })

  it('a backchannel login ends when the operator\'s time is over (M-28)', async () => {
    await start()
    const tab = app.tab()
    await begin(tab)
    approved()
    now += 120_000
    expect(await ask(tab)).toMatchObject(unknown)
    expect(polls()).toBe(0)
  })

  it.each([['access_denied', 'user_refused'], ['expired_token', 'user_timeout'], ['transaction_failed', 'user_refused']])('a backchannel login ends when the operator answers %s (%s)', async (error, code) => {
    await start()
    const tab = app.tab()
    await begin(tab)
    token = answering(400, { error, error_description: '<b>' })
    expect(await ask(tab)).toMatchObject({ status: 403, body: { info: { code } } })
    approved()
    now += 60_000
    expect(await ask(tab)).toMatchObject(unknown)
    expect(polls()).toBe(1)
  })

  it('a backchannel login goes on after a moment of trouble at the operator', async () => {
    await start()
    const tab = app.tab()
    await begin(tab)
    token = answering(503, {})
    expect(await ask(tab)).toMatchObject({ status: 503, body: { error: { code: 'operator_unavailable' } } })
    approved()
    now += 5000
    expect((await ask(tab)).status).toBe(200)
  })

  it.each<[string, unknown, number, string]>([
    ['unknown_user_id', { error: 'unknown_user_id' }, 403, 'user_unknown'],
    ['access_denied', { error: 'access_denied' }, 403, 'user_refused'],
    ['invalid_client', { error: 'invalid_client' }, 500, 'operator_misconfigured'],
    ['invalid_binding_message', { error: 'invalid_binding_message' }, 500, 'operator_misconfigured'],
  ])('a backchannel login does not begin when the operator answers %s', async (_, body, status, code) => {
    await start()
    forger.script.answer = ({ path }, res) => path === '/backchannel' && answering(400, body)(res)
    const answer = await begin(app.tab())
    expect(answer.status).toBe(status)
    expect(answer.body.info?.code ?? answer.body.error.code).toBe(code)
  })

  it('one number is rung 5 times in ten minutes at most, for all senders, each time with other letters (M-30, R-78)', async () => {
    await start()
    const answers = await many(20, () => begin(app.tab()))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(5)
    expect(answers.filter(({ status, body }) => status === 429 && body.info.code === 'begin_throttled')).toHaveLength(15)
    expect(Number(answers.find(({ status }) => status === 429)!.retryAfter)).toBe(600)
    expect(forger.count('/backchannel')).toBe(5)
    const messages = forger.calls.filter(({ path }) => path === '/backchannel').map(({ body }) => body.get('binding_message'))
    expect(new Set(messages).size).toBe(5)
    expect((await begin(app.tab(), { phone: '447700900002' })).status).toBe(200)
    now += 600_000
    expect((await begin(app.tab())).status).toBe(200)
  })

  it('all spellings of a number count as one, and it is rung by one spelling (M-30)', async () => {
    await start({ loginHint: (req) => req.body.phone })
    const spellings = ['MSISDN:447700900001', 'MSISDN:+447700900001', 'msisdn:44 7700 900001', 'tel:+44-7700-900001', 'MSISDN:+44 (7700) 900001', 'TEL:447700900001', 'MSISDN:44.7700.900001']
    const answers = await many(spellings.length, (index) => begin(app.tab(), { phone: spellings[index]! }))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(5)
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(2)
    const rung = forger.calls.filter(({ path }) => path === '/backchannel').map(({ body }) => body.get('login_hint'))
    expect(rung.filter((hint) => hint !== 'MSISDN:447700900001' && hint !== 'tel:+447700900001')).toEqual([])
  })

  it.each(['447700900001;x=1', '447700900001\n1234567', 'hello', '', '٤٤٧٧٠٠٩٠٠٠٠١', '[object Object]', '0447700900001', '1'.repeat(16)])('a login hint that is no number rings no phone: %j (M-30)', async (phone) => {
    await start({ loginHint: () => `MSISDN:${phone}` })
    expect(await begin(app.tab())).toMatchObject({ status: 400, body: { info: { code: 'login_hint_missing', message: 'Enter your phone number.' } } })
    expect(forger.count('/backchannel')).toBe(0)
  })

  it('a login hint about no number is sent unchanged', async () => {
    await start({ loginHint: () => 'PCR:of-ada' })
    await begin(app.tab())
    expect(forger.calls.find(({ path }) => path === '/backchannel')!.body.get('login_hint')).toBe('PCR:of-ada')
  })

  it('one number is rung 20 times a day at most (M-30)', async () => {
    await start()
    let rung = 0
    for (let index = 0; index < 30; index += 1) {
      rung += (await begin(app.tab())).status === 200 ? 1 : 0
      now += 600_000
    }
    expect(rung).toBe(20)
  })

  it('a new ring of the same login makes the phone that rang before confirm nothing', async () => {
    await start()
    const tab = app.tab()
    const [first, second] = [await begin(tab, undefined, { challenge: null }), await begin(tab, undefined, { challenge: null })]
    expect([first.status, second.status]).toEqual([200, 200])
    const inSession = app.tab()
    await begin(inSession)
    const before = (await inSession.get('/me')).body.session.mobileconnect.challenge
    await begin(inSession)
    approved()
    expect(await ask(app.tab(), { challenge: before })).toMatchObject(unknown)
    expect((await ask(inSession)).status).toBe(200)
  })

  it('a backchannel login shows the details on the phone, and ends only for them', async () => {
    await start()
    const tab = app.tab()
    const details = { payee: 'Bob', amount: '10 GBP' }
    const begun = await begin(tab, undefined, { details })
    expect(begun.body.begun.bindingMessage).toMatch(/^[B-Z2-9]{3}-[B-Z2-9]{3} amount: 10 GBP, payee: Bob$/)
    expect(forger.calls.find(({ path }) => path === '/backchannel')!.body.get('context')).toBe('amount: 10 GBP, payee: Bob')
    approved()
    expect(await ask(tab, { details: { ...details, amount: '1000 GBP' } })).toMatchObject(unknown)
    expect((await ask(tab, { details })).status).toBe(200)
  })

  it('the phone shows the app\'s own bindingMessage if it has one', async () => {
    const bindingMessage = jest.fn(() => 'W4SCT')
    await start({ bindingMessage, context: () => 'login' })
    expect((await begin(app.tab())).body.begun.bindingMessage).toBe('W4SCT')
    expect(forger.calls.find(({ path }) => path === '/backchannel')!.body.get('binding_message')).toBe('W4SCT')
    expect(bindingMessage).toHaveBeenCalledTimes(1)
  })

  it('verify runs after the user has accepted, so that an account that was locked meanwhile stays out (M-29, R-78)', async () => {
    let locked = false
    let asked = 0
    await start({ verify: () => { asked += 1; return Promise.resolve(locked ? undefined : { id: 'ada' }) } })
    const tab = app.tab()
    await begin(tab)
    expect(asked).toBe(0)
    locked = true
    approved()
    expect((await ask(tab)).body.info.code).toBe('user_unknown')
    expect(asked).toBe(1)
    expect((await tab.get('/me')).body.user).toBeNull()
  })

  it('a backchannel second factor rings the number of the account, and ends for that user alone (R-77)', async () => {
    await start({ people: { ada: { id: 'ada', phone: ada }, grace: { id: 'grace', phone: grace } }, verify: async () => ({ id: 'grace' }) })
    const tab = app.tab()
    await tab.post('/as/ada')
    await begin(tab, { phone: '447700900666' })
    expect(forger.calls.find(({ path }) => path === '/backchannel')!.body.get('login_hint')).toBe('MSISDN:447700900001')
    approved()
    expect((await ask(tab)).body.info.code).toBe('person_mismatch')
  })

  it('a backchannel login does not end for a number that the account got meanwhile (R-77)', async () => {
    const link = jest.fn(() => true)
    await start({ people: { ada: { id: 'ada', phone: ada } }, verify: async () => undefined, link })
    const tab = app.tab()
    await tab.post('/as/ada')
    await begin(tab)
    app.people.ada = { id: 'ada', phone: grace }
    approved()
    expect(await ask(tab)).toMatchObject({ status: 403, body: { info: { code: 'person_mismatch' } } })
    expect([polls(), link.mock.calls.length]).toEqual([0, 0])
  })

  it('the interval of the operator counts, even in fractions of a second', async () => {
    await start()
    forger.script.answer = ({ path }, res) => (path === '/backchannel' ? answering(200, { auth_req_id: 'x', expires_in: 60.5, interval: 1.23456 })(res) : path === '/token' && token(res))
    const tab = app.tab()
    expect((await begin(tab)).status).toBe(200)
    expect(await ask(tab)).toMatchObject({ ...pending, retryAfter: '2' })
    now += 1235
    approved()
    expect((await ask(tab)).status).toBe(200)
  })

  it('a backchannel login does not end for another user', async () => {
    await start({ people: { ada: { id: 'ada', phone: ada }, grace: { id: 'grace', phone: grace } } })
    const [tab, other] = [app.tab(), app.tab()]
    await tab.post('/as/ada')
    await other.post('/as/grace')
    await begin(tab)
    const handle = (await tab.get('/me')).body.session.mobileconnect.challenge
    expect((await ask(other, { challenge: handle })).body.info.code).toBe('person_mismatch')
    expect((await ask(app.tab(), { challenge: handle })).status).toBe(403)
    expect(polls()).toBe(0)
  })

  it('a backchannel login without a hint is login_hint_missing', async () => {
    await start()
    expect((await begin(app.tab(), {})).body.info).toMatchObject({ code: 'login_hint_missing', message: 'Enter your phone number.' })
    expect(forger.count('/backchannel')).toBe(0)
  })

  it('a backchannel login begins and polls by POST alone', async () => {
    await start()
    const tab = app.tab()
    for (const method of ['GET', 'HEAD', 'PUT']) {
      const answer = await tab.browser.request(`${app.origin}/login`, { method, headers: { 'x-route': '{"action":"begin"}' } })
      expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST'])
    }
    expect(forger.count('/backchannel')).toBe(0)
  })

  it('an operator without a backchannel endpoint is an error that names it', async () => {
    await start()
    forger.script.metadata = { backchannel_authentication_endpoint: undefined }
    await app.close()
    await start()
    expect((await begin(app.tab())).body.error.code).toBe('operator_misconfigured')
    expect(app.errors[0].message).toContain('set mode: \'redirect\'')
  })

  it('an unknown action of authenticate() is refused with the known one', async () => {
    await start()
    expect((await ask(app.tab(), { action: 'start' })).status).toBe(500)
    expect(app.errors[0].message).toBe('The action of mobileconnect is \'begin\', or none; not "start".')
  })

  it.each<[string, Record<string, unknown>]>([['of another person', { aud: 'another-client' }], ['that has expired', { exp: 1 }], ['of another issuer', { iss: 'https://another.example' }]])('a backchannel login refuses an ID token %s (R-73)', async (_, claims) => {
    await start()
    const tab = app.tab()
    await begin(tab)
    approved()
    forger.script.claims = { nonce: undefined, ...claims }
    expect((await ask(tab)).body.error.code).toBe('token_invalid')
    expect(app.identities).toEqual([])
  })

  it('an ID token with a lower level than the app asked for is acr_insufficient (M-12)', async () => {
    await start({ levelOfAssurance: 3 })
    const tab = app.tab()
    await begin(tab)
    approved()
    expect((await ask(tab)).body.info.code).toBe('acr_insufficient')
  })
})

describe('over the backchannel of a simulated operator', () => {
  let sim: Simulator
  let app: App
  let ahead = 0
  const now = () => Date.now() + ahead
  beforeAll(async () => { sim = await startSimulator({ now }) })
  afterAll(() => sim.close())
  beforeEach(async () => {
    ahead = 0
    app = await startApp(() => ({ operator: configured(sim.operator('a')), mode: 'backchannel', loginHint: hinted(ada), now }))
  })
  afterEach(() => app.close())
  const begin = (tab: Tab) => tab.post('/login', {}, { 'x-route': '{"action":"begin"}' })
  const ask = (tab: Tab) => { ahead += 5000; return tab.post('/callback') }

  it.each<['approve' | 'deny' | 'ignore', number, string | undefined]>([['approve', 200, undefined], ['deny', 403, 'user_refused'], ['ignore', 403, 'user_timeout']])('the handset may %s', async (answer, status, code) => {
    const tab = app.tab()
    const { body } = await begin(tab)
    const prompt = await sim.handset(ada).next()
    expect(prompt.bindingMessage).toBe(body.begun.bindingMessage)
    expect(await ask(tab)).toMatchObject(pending)
    await sim.handset(ada)[answer]()
    const outcome = await ask(tab)
    expect(outcome.status).toBe(status)
    expect(outcome.body.info.code).toBe(code)
  })
})
