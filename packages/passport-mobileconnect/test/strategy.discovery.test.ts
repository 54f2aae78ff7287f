import { startSimulator, type Simulator } from 'mobileconnect-simulator'
import { gsmaDiscovery, MemoryTransactionStore, type Discovery } from '../src/index.js'
import { startApp, type App, type AppOptions, type Tab } from './support/app.js'
import { told } from './support/exchange.js'
import { ada, answered, grace, hinted, path } from './support/operators.js'

let sim: Simulator
let app: App
beforeAll(async () => { sim = await startSimulator() })
afterAll(() => sim.close())
beforeEach(() => { sim.discovery.restore() })
afterEach(() => app.close())

/** Both operators of the simulator, found by its discovery service. */
const discoveryOf = (redirectURL: string, parts: object = {}): Discovery => {
  const { url, clientId, clientSecret } = sim.discovery
  return gsmaDiscovery({ url, clientId, clientSecret, redirectURL, issuers: sim.operators.map(({ issuer }) => issuer), ...parts })
}
const start = async (options: AppOptions = {}, parts: object = {}) => {
  // So that the address says what is asked.
  app = await startApp((origin) => ({ discovery: discoveryOf(`${origin}/callback`, parts), pushedAuthorizationRequests: false, ...options }))
  return app.tab()
}
const idOf = (operator: string) => sim.operator(operator).issuer.replace('http://', '').replace(/[:/]+/g, '-')
const queryOf = (location: string | undefined) => Object.fromEntries(new URL(location!).searchParams)

/** What the person's browser brings back from the operator-selection page. */
async function choose(tab: Tab, fields: Record<string, string>): Promise<string> {
  const { location } = await tab.get('/login')
  const page = await tab.browser.request(location!, { method: 'POST', body: new URLSearchParams(fields) })
  return path(page.headers.get('location')!)
}

describe('A login whose operator is found by discovery', () => {
  it.each([[ada, 'a'], [grace, 'b']])('a login by discovery goes from the number %s to operator %s and back, and the number stands in no URL (M-32)', async (number, operator) => {
    const tab = await start({ loginHint: hinted(number) })
    const { location } = await tab.get('/login')
    expect(location).toContain(sim.operator(operator).issuer)
    expect(location).not.toContain(number.slice(1))
    expect(queryOf(location)).toMatchObject({ login_hint: expect.stringMatching(/^ENCR_MSISDN:[0-9a-f]{512}$/), redirect_uri: `${app.origin}/callback/${idOf(operator)}` })
    const { body } = await tab.get(path(await answered(sim, app, tab, location!, { number })))
    expect(body).toMatchObject({ outcome: { verified: true } })
    expect(app.identities).toEqual([expect.objectContaining({ issuer: sim.operator(operator).issuer, operator: idOf(operator) })])
  })

  it('a login by discovery asks anew for each person, and another person\'s encrypted number is never used (M-21)', async () => {
    const numbers = [ada, grace, ada]
    const tab = await start({ loginHint: () => hinted(numbers.shift()!)() })
    const hints = []
    for (let times = 0; times < 3; times += 1) hints.push(queryOf((await tab.get('/login')).location).login_hint)
    expect(new Set(hints).size).toBe(3)
  })

  it('a login by discovery fails with operator_unknown when no operator knows the number', async () => {
    const tab = await start({ loginHint: hinted('+447700900999') })
    expect(await tab.get('/login')).toMatchObject({ status: 400, body: { info: { code: 'operator_unknown' } } })
  })

  it.each<[string, object, number, string]>([
    ['discovery does not answer', {}, 503, 'discovery_failed'],
    ['the operator is not on the list', { issuers: ['https://other.example'] }, 502, 'issuer_not_allowed'],
  ])('a login by discovery is our error, and shows nothing of it, when %s (R-75)', async (_, parts, status, code) => {
    const tab = await start({ loginHint: hinted(ada) }, parts)
    if (code === 'discovery_failed') sim.discovery.fail({ status: 500 })
    expect(await tab.get('/login')).toMatchObject({ status, body: { error: { name: 'MobileConnectError', code } } })
    expect(app.errors).toEqual([expect.objectContaining({ code, expose: false })])
    expect(told(app.errors)).not.toContain(ada.slice(1))
  })

  it('a login by discovery sends the number in clear where the operator takes no encrypted one', async () => {
    const tab = await start({ loginHint: hinted(ada), discovery: withMetadata((metadata) => ({ ...metadata, login_hint_methods_supported: ['MSISDN'] })) })
    expect(queryOf((await tab.get('/login')).location).login_hint).toBe(`MSISDN:${ada.slice(1)}`)
  })

  it.each([[['msisdn', 'Encrypted_MSISDN']], [['ENCR_MSISDN']], [[]], [undefined]])('a login by discovery sends the encrypted number where the operator takes %j', async (methods) => {
    const discovery = withMetadata(({ login_hint_types_supported: _, ...metadata }) => ({ ...metadata, login_hint_methods_supported: methods }))
    const tab = await start({ loginHint: hinted(ada), discovery })
    expect(queryOf((await tab.get('/login')).location).login_hint).toMatch(/^ENCR_MSISDN:/)
  })
})

/** The same discovery, of an operator that publishes something else. */
const withMetadata = (change: (metadata: Record<string, unknown>) => Record<string, unknown>): Discovery => {
  const discovery = discoveryOf('http://127.0.0.1/callback')
  return {
    ...discovery,
    find: async (question, call) => {
      const answer = await discovery.find(question, call)
      return answer.status === 'found' ? { ...answer, operator: { ...answer.operator, metadata: change(answer.operator.metadata!) as never } } : answer
    },
  }
}

/** At the operator's page: the person types their number, and says yes on their phone. */
async function typed(tab: Tab, location: string, number: string): Promise<string> {
  const page = await tab.browser.follow(location, app.origin)
  await tab.browser.request(page, { method: 'POST', body: new URLSearchParams({ msisdn: number.slice(1) }) })
  await sim.handset(number).next()
  await sim.handset(number).approve()
  return tab.browser.follow(page, app.origin)
}

const stateOf = (back: string) => new URL(back, app.origin).searchParams.get('correlation_id')!
const unknown = { status: 403, body: { info: { code: 'transaction_unknown' } } }

describe('The operator-selection page', () => {
  it('the operator-selection page sends the user back, then on to the operator that they chose, and they are logged in', async () => {
    const tab = await start()
    const back = await choose(tab, { operator: '', msisdn: grace })
    const { location } = await tab.get(back)
    expect(queryOf(location)).toMatchObject({ redirect_uri: `${app.origin}/callback/${idOf('b')}` })
    const { body } = await tab.get(path(await typed(tab, location!, grace)))
    expect(body).toMatchObject({ outcome: { verified: true }, user: { id: expect.stringContaining(sim.operator('b').issuer) } })
  })

  it('the operator-selection page is believed in nothing: the server asks for the network again, with its credentials (M-19)', async () => {
    const tab = await start()
    const state = stateOf(await choose(tab, { operator: 'a', msisdn: '' }))
    const evil = 'endpoint=https%3A%2F%2Fevil.example&client_id=evil&issuer=https%3A%2F%2Fevil.example&subscriber_id=%3Cscript%3E'
    const { location } = await tab.get(`/callback?mcc_mnc=001_02&correlation_id=${state}&${evil}`)
    expect(location).toContain(sim.operator('b').issuer)
    expect(queryOf(location)).toMatchObject({ client_id: sim.operator('b').clientId })
    expect(location).not.toMatch(/evil|script/)
  })

  it.each(['999_99', '001', '001_02_03', '001_02&mcc_mnc=001_01', ''])('the operator-selection page sends nobody on when it names no operator: %s (M-19)', async (network) => {
    const tab = await start()
    const state = stateOf(await choose(tab, { operator: 'a', msisdn: '' }))
    expect(await tab.get(`/callback?mcc_mnc=${network}&correlation_id=${state}`)).toMatchObject({ status: 400, body: { info: { code: 'operator_unknown' } } })
  })

  it('a user who comes back from the operator-selection page without a choice has refused', async () => {
    const tab = await start()
    const back = await choose(tab, { operator: 'a', msisdn: '' })
    expect(await tab.get(`/callback?error=access_denied&error_description=User+cancelled&correlation_id=${stateOf(back)}`)).toMatchObject({ status: 403, body: { info: { code: 'user_refused' } } })
    expect(await tab.get(back)).toMatchObject(unknown)
  })

  it('an error that the operator-selection page comes back with is shown to nobody in its words (R-80)', async () => {
    const tab = await start()
    const state = stateOf(await choose(tab, { operator: 'a', msisdn: '' }))
    const answer = await tab.get(`/callback?error=Not_Found_Entity&error_description=%3Cscript%3E&correlation_id=${state}`)
    expect(answer).toMatchObject({ status: 400, body: { info: { code: 'operator_unknown' } } })
    expect(told(answer)).not.toContain('script')
  })

  it('the operator-selection page comes back to the browser that was sent there, and to no other', async () => {
    const tab = await start()
    const back = await choose(tab, { operator: 'a', msisdn: '' })
    expect(await app.tab().get(back)).toMatchObject({ status: 403, body: { info: { code: 'transaction_unknown' } } })
    expect((await tab.get(back)).status).toBe(302)
  })

  it('the operator-selection page comes back for the begin that sent the user there, and for no other begin (C-05)', async () => {
    const tab = await start()
    const theirs = await choose(app.tab(), { operator: 'b', msisdn: grace })
    const back = await choose(tab, { operator: 'a', msisdn: '' })
    // While the person is on the page, another site sends their browser back from a selection of its own.
    for (const forged of [theirs, back.replace(/&?correlation_id=[^&]*/, ''), back.replace(/(correlation_id=)[^&]*/, `$1${'x'.repeat(43)}`), `${back}&correlation_id=${stateOf(theirs)}`]) {
      expect(await tab.get(forged, { 'sec-fetch-site': 'cross-site' })).toMatchObject(unknown)
    }
    expect(await tab.get(back, { 'sec-fetch-site': 'cross-site' })).toMatchObject({ status: 302, location: expect.stringContaining(sim.operator('a').issuer) })
  })

  it('a browser that comes back from the operator-selection page too late is refused (C-05)', async () => {
    let now = Date.now()
    const tab = await start({ store: new MemoryTransactionStore({ now: () => now }), ttl: '10m' })
    const back = await choose(tab, { operator: 'a', msisdn: '' })
    now += 601_000
    expect(await tab.get(back)).toMatchObject(unknown)
  })

  it('a login goes on with what its beginning asked for, where the operator-selection page comes back to a route that asks for less (C-05)', async () => {
    const tab = await start({ beginning: { levelOfAssurance: 3, maxAge: '5m', prompt: 'login' } })
    const { location } = await tab.get(await choose(tab, { operator: 'a', msisdn: '' }))
    expect(queryOf(location)).toMatchObject({ acr_values: '3', max_age: '300', prompt: 'login' })
  })

  it('the operator-selection page makes no phone ring: the user who comes back gives their number at the operator (C-07)', async () => {
    const tab = await start()
    const back = await choose(tab, { operator: '', msisdn: ada })
    expect(back).toContain('subscriber_id=')
    const { location } = await tab.get(`${back}&subscriber_id_token=a.b.c`)
    expect(Object.keys(queryOf(location))).not.toEqual(expect.arrayContaining([expect.stringMatching(/^login_hint/)]))
    await tab.browser.follow(location!, app.origin)
    expect(sim.handset(ada).pending()).toEqual([])
  })

  it('the operator-selection page comes back once, and not unasked', async () => {
    const tab = await start()
    expect(await tab.get('/callback?mcc_mnc=001_01')).toMatchObject({ status: 403, body: { info: { code: 'transaction_unknown' } } })
    const back = await choose(tab, { operator: 'a', msisdn: '' })
    const answers = await Promise.all(Array.from({ length: 10 }, () => tab.get(back)))
    expect(answers.filter(({ status }) => status === 302)).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 403)).toHaveLength(9)
  })

  it('the operator-selection page has no say about a known user: their phone is the one of their account (M-19)', async () => {
    const people = { ada: { id: 'ada', phone: ada }, nobody: { id: 'nobody' } }
    // The exchange has to ask, although it is told the number.
    const discovery = discoveryOf('http://127.0.0.1/callback')
    let state = ''
    const asking: Discovery = {
      ...discovery,
      find: async (question, call) => {
        if (question.selected) return discovery.find(question, call)
        state = question.correlationId!
        return { status: 'select', url: 'https://discovery.example/select' }
      },
    }
    for (const [id, hint] of [['ada', `MSISDN:${ada.slice(1)}`], ['nobody', undefined]] as const) {
      const tab = await start({ people, discovery: asking })
      await tab.post(`/as/${id}`)
      await tab.get('/login')
      const { location } = await tab.get(`/callback?mcc_mnc=001_01&subscriber_id=abcdef&subscriber_id_token=a.b.c&correlation_id=${state}`)
      expect(queryOf(location).login_hint).toBe(hint)
      expect(location).not.toMatch(/abcdef|login_hint_token/)
      if (id === 'ada') await app.close()
    }
  })

  it('a browser that comes back from the operator-selection page ends the login only for the user who began it', async () => {
    const tab = await start({ people: { ada: { id: 'ada' } } })
    await tab.post('/as/ada')
    const back = await choose(tab, { operator: 'a', msisdn: '' })
    // The session stays, and is another person's.
    app.people.ada = { id: 'grace' }
    expect(await tab.get(back)).toMatchObject({ status: 403, body: { info: { code: 'transaction_unknown' } } })
  })
})
