import { createApp, type App } from '../src/app.js'
import { describeOnEveryStore } from './support/stores.js'
import { adaPhone, reader, visitor } from './support/visitor.js'

describeOnEveryStore('the pages', (start) => {
  it('GET / tells the pages of the app in JSON', async () => {
    const { body } = await visitor(await start()).get('/')
    expect(body.accounts.map(({ id, password }: { id: string, password: string }) => [id, password])).toEqual([
      ['ada', 'lovelace-1815'], ['grace', 'hopper-1906'], ['alan', 'turing-1912'],
    ])
  })

  it.each(['/account', '/transfer', '/settings'])('a page behind the login refuses strangers: %s', async (path) => {
    const app = await start()
    const refused = await visitor(app).get(path)
    expect(refused.headers['content-type']).toMatch('application/problem+json')
    expect(refused.body).toMatchObject({ status: 401, code: 'login_required' })
    const page = await visitor(app).agent.get(path).set('Accept', 'text/html')
    expect([page.status, page.headers.location]).toEqual([303, '/login'])
  })

  it('GET /settings shows the number masked, and which second factors are set up', async () => {
    const ada = visitor(await start())
    await ada.begin()
    await ada.post('/login/sms-otp', { code: await ada.texted(adaPhone) })
    const { body, text } = await ada.get('/settings')
    expect(body).toEqual({
      user: { id: 'ada' },
      phone: '+44 •••• •••456',
      secondFactors: [
        { factor: 'sms-otp', label: 'Code by text', set: true },
        { factor: 'mobileconnect', label: 'Mobile Connect', set: true },
        { factor: 'totp', label: 'Authenticator app', set: false },
        { factor: 'recovery-code', label: 'Recovery codes', set: true },
      ],
      recoveryCodes: 10,
      devices: 0,
      codes: expect.any(Array),
    })
    for (const line of body.codes) expect(line).toEqual({ at: expect.stringMatching(/Z$/), to: '+44 •••• •••456', text: expect.stringMatching(/\.$/) })
    expect(text).not.toContain(adaPhone)
  })

  it('no page but the handset shows a key', async () => {
    const app = await start()
    const alan = visitor(app)
    await alan.password('alan')
    await alan.post('/login/totp', { code: await alan.authenticator() })
    const { body } = await alan.get('/handset')
    for (const path of ['/account', '/settings', '/legacy/session']) expect((await alan.get(path)).text).not.toContain(body.authenticators[0].key)
  })

  it('GET /healthz answers', async () => {
    const { status, body } = await visitor(await start()).get('/healthz')
    expect([status, body]).toEqual([200, { status: 'ok' }])
  })
})

describe('every page', () => {
  let started: App
  beforeAll(async () => { started = await createApp() })
  afterAll(() => started.close())

  it.each(['/', '/login', '/handset', '/nowhere'])('a page runs only its own files: %s', async (path) => {
    const { headers, text } = await visitor(started.app).agent.get(path).set('Accept', 'text/html')
    expect(headers['content-security-policy']).toMatch(/default-src 'none'.*script-src 'self'/)
    expect(headers['content-security-policy']).not.toContain('unsafe')
    expect(headers['x-powered-by']).toBeUndefined()
    expect(headers['referrer-policy']).toBe('same-origin')
    expect(text).not.toMatch(/<style|\sstyle=|<[^>]+\son\w+=|javascript:|<script(?![^>]*\ssrc=)/i)
  })

  it.each(['/style.css', '/handset.js', '/beside.css', '/beside.js', '/icon.svg'])('a page finds its files: %s', async (path) => {
    expect((await visitor(started.app).agent.get(path)).status).toBe(200)
  })
})

describe('what is refused', () => {
  let started: App
  const log: string[] = []
  beforeAll(async () => { started = await createApp({ log: (line) => log.push(line) }) })
  afterAll(() => started.close())

  it.each([
    ['an unknown page', 404, 'not_found', (agent: ReturnType<typeof visitor>) => agent.get('/nowhere')],
    ['an unknown factor', 404, 'factor_unexpected', (agent: ReturnType<typeof visitor>) => agent.post('/login/smoke-signals')],
    ['JSON that is none', 400, 'request_unreadable', (agent: ReturnType<typeof visitor>) => agent.agent.post('/login/local').type('json').send('{"password":"lovelace-1815')],
    ['a body that is too large', 413, 'request_unreadable', (agent: ReturnType<typeof visitor>) => agent.post('/login/local', { username: 'a'.repeat(20_000) })],
    ['an encoding that nobody reads', 415, 'request_unreadable', (agent: ReturnType<typeof visitor>) => agent.agent.post('/login/local').set('Content-Type', 'application/json; charset=klingon').send('{}')],
  ])('%s is refused with problem+json that quotes nothing', async (_, status, code, ask) => {
    const { headers, body, text } = await ask(visitor(started.app))
    expect(headers['content-type']).toMatch('application/problem+json')
    expect(body).toMatchObject({ status, code, title: expect.any(String), detail: expect.any(String) })
    expect(text).not.toMatch(/lovelace|node_modules|\.ts|\.js/)
  })

  it('a refusal is a page for browsers', async () => {
    const page = await reader(started.app).open('/nowhere')
    expect(page).toContain('<h1>Not Found</h1>')
    expect(page).toContain('There is no such page.')
  })

  it('a refusal is not logged', () => expect(log).toEqual([]))
})
