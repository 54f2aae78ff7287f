import { createHash } from 'node:crypto'
import type { UnconfirmedAnswer } from 'passport-mobileconnect'
import { startApp, type App, type AppOptions, type Tab } from './support/app.js'
import { startForger, type Forger } from './support/forger.js'

const number = '447700900001'
const people = { ada: { id: 'ada', phone: `+${number}` }, alan: { id: 'alan' } }
const hashed = (hint: string) => createHash('sha256').update(hint).digest('hex')
const unconfirmed = { status: 403, body: { info: { code: 'person_unconfirmed' } } }
const mismatch = { status: 403, body: { info: { code: 'person_mismatch' } } }

describe.each(['redirect', 'backchannel'] as const)('what an answer says of a known user, by %s', (mode) => {
  let forger: Forger
  let app: App
  let links: Map<string, string>
  let verified: string[]
  beforeAll(async () => { forger = await startForger() })
  afterAll(() => forger.close())
  beforeEach(() => { forger.reset(); links = new Map(); verified = [] })
  afterEach(() => app.close())

  const start = async (options: Partial<AppOptions> = {}) => {
    app = await startApp(() => ({
      operator: forger.operator(), mode, people,
      verify: async ({ issuer, sub }) => {
        verified.push(sub)
        const owner = links.get(`${issuer} ${sub}`)
        return owner === undefined ? undefined : { id: owner }
      },
      link: ({ id }: any, { issuer, sub }) => { links.set(`${issuer} ${sub}`, id); return true },
      ...options,
    }))
  }
  const linked = () => ({ linked: ({ id }: any, issuer: string) => [...links].filter(([name, owner]) => owner === id && name.startsWith(`${issuer} `)).map(([name]) => name.slice(issuer.length + 1)) })
  const claim = (claims: object) => { forger.script.claims = { ...forger.script.claims, ...claims, ...mode === 'backchannel' ? { nonce: undefined } : {} } }
  const answer = async (id = 'ada', tab: Tab = app.tab()) => {
    await tab.post(`/as/${id}`)
    claim({})
    if (mode === 'redirect') return tab.get(`/callback/forger?${forger.approve((await tab.get('/login')).location!)}`)
    await tab.post('/login', {}, { 'x-route': '{"action":"begin"}' })
    return tab.post('/callback')
  }

  it('an answer that says nothing of a known user lets nobody pass, saves nothing, and does not blame the user (C-01)', async () => {
    await start()
    const tab = app.tab()
    expect(await answer('ada', tab)).toMatchObject(unconfirmed)
    expect(links.size).toBe(0)
    expect((await tab.get('/me')).body.session.mobileconnect).toBeUndefined()
  })

  it.each<[string, object, object?]>([
    ['the number, which nobody has verified', {}, { phone_number: `+${number}` }],
    ['the number, verified in other words', {}, { phone_number: `+${number}`, phone_number_verified: 'yes' }],
    ['the digest of nothing', { hashed_login_hint: '' }, {}],
  ])('an answer confirms no known user by %s (C-01)', async (_, claims, userinfo) => {
    await start()
    claim(claims)
    forger.script.userinfo = { sub: 'pcr-of-ada', ...userinfo }
    const { status, body } = await answer()
    expect([status, ['person_unconfirmed', 'person_mismatch'].includes(body.info.code), links.size]).toEqual([403, true, 0])
  })

  it.each<[string, object]>([
    ['another number, verified', { phone_number: '+447700900666', phone_number_verified: true }],
    ['another number, verified, beside the right hint', { phone_number: '+447700900666', phone_number_verified: true, hashed_login_hint: hashed(`MSISDN:${number}`) }],
    ['another hint', { hashed_login_hint: hashed('MSISDN:447700900666') }],
    ['another hint, and the right number', { hashed_login_hint: hashed('MSISDN:447700900666'), phone_number: `+${number}`, phone_number_verified: true }],
    ['a list of hints', { hashed_login_hint: [hashed(`MSISDN:${number}`)] }],
  ])('an answer is another person\'s, and the known user does not pass, when it has %s (C-01)', async (_, claims) => {
    await start({ confirm: () => true })
    claim(claims)
    expect(await answer()).toMatchObject(mismatch)
    expect(links.size).toBe(0)
  })

  it.each<[string, object, object?]>([
    ['the number, verified, in the ID token', { phone_number: `+${number}`, phone_number_verified: true }],
    ['the number, verified, in userinfo', {}, { phone_number: number, phone_number_verified: true }],
    ['the hint that was sent', { hashed_login_hint: hashed(`MSISDN:${number}`) }],
    ['the hint, in capitals', { hashed_login_hint: hashed(`MSISDN:${number}`).toUpperCase() }],
  ])('an answer confirms the known user, and is linked, by %s (C-01)', async (_, claims, userinfo = {}) => {
    await start(linked())
    claim(claims)
    forger.script.userinfo = { sub: 'pcr-of-ada', ...userinfo }
    expect((await answer()).body).toMatchObject({ user: { id: 'ada' } })
    expect([...links.values()]).toEqual(['ada'])
  })

  it.each([true, false])('an identity that was linked before confirms its user, though the answer says nothing of the number; with linked given: %j (C-01)', async (given) => {
    await start(given ? linked() : {})
    links.set(`${forger.issuer} pcr-of-ada`, 'ada')
    expect((await answer()).body).toMatchObject({ user: { id: 'ada' } })
  })

  it('a linked identity whose account verify no longer finds, such as a locked one, lets nobody pass (C-01, M-29)', async () => {
    await start({ ...linked(), verify: async () => undefined })
    links.set(`${forger.issuer} pcr-of-ada`, 'ada')
    claim({ phone_number: `+${number}`, phone_number_verified: true })
    expect(await answer()).toMatchObject({ status: 403, body: { info: { code: 'user_unknown' } } })
  })

  it('an answer that confirms nothing lets nobody pass even where verify would answer with the user of the request: verify never hears of it (C-01)', async () => {
    await start({ verifyWithRequest: async (req) => { verified.push('asked'); return req.user } })
    expect(await answer()).toMatchObject(unconfirmed)
    expect(verified).toEqual([])
    claim({ phone_number: `+${number}`, phone_number_verified: true })
    expect((await answer()).body).toMatchObject({ user: { id: 'ada' } })
  })

  it('an identity of another issuer with the same sub is not the linked one (C-01)', async () => {
    await start(linked())
    links.set('https://another.example pcr-of-ada', 'ada')
    expect(await answer()).toMatchObject(unconfirmed)
  })

  it('the strategy believes what is linked before it asks verify, which never hears of an answer that confirms nothing (C-01)', async () => {
    await start({ ...linked(), verify: async () => { verified.push('asked'); return { id: 'ada' } } })
    expect(await answer()).toMatchObject(unconfirmed)
    expect(verified).toEqual([])
  })

  it('the app may find out by itself, with the tokens and the number of the account, and only true is a yes (C-01)', async () => {
    const asked: UnconfirmedAnswer[] = []
    for (const [said, status] of [[true, 200], ['yes', 403], [undefined, 403], [Promise.resolve(true), 200]] as const) {
      links.clear()
      await start({ confirm: (given) => { asked.push(given); return said } })
      expect((await answer()).status).toBe(status)
      await app.close()
    }
    links.clear()
    expect(asked[0]).toMatchObject({ user: { id: 'ada' }, phone: `+${number}`, issuer: forger.issuer, sub: 'pcr-of-ada', tokens: { accessToken: 'an-access-token' } })
    await start({ confirm: () => { throw new Error('not reached') } })
    expect((await answer()).status).toBe(500)
  })

  it('a second sub of one operator is not linked beside a first one, even for the right number (C-02)', async () => {
    await start(linked())
    links.set(`${forger.issuer} her-first-contract`, 'ada')
    claim({ phone_number: `+${number}`, phone_number_verified: true })
    expect(await answer()).toMatchObject(mismatch)
    expect([...links.keys()]).toEqual([`${forger.issuer} her-first-contract`])
  })

  it.each([[true, 200], [false, 403], [undefined, 403]])('a second sub takes the place of a first one only where the app answers true: %j (C-02)', async (said, status) => {
    const replaced: unknown[] = []
    await start({ ...linked(), replaceLink: (_, identity) => { replaced.push(identity); return said } })
    links.set(`${forger.issuer} her-first-contract`, 'ada')
    claim({ phone_number: `+${number}`, phone_number_verified: true })
    expect((await answer()).status).toBe(status)
    expect(replaced).toEqual([{ issuer: forger.issuer, sub: 'pcr-of-ada', phone: `+${number}`, replaces: ['her-first-contract'] }])
    claim({ phone_number: undefined, phone_number_verified: undefined })
    expect(await answer()).toMatchObject(unconfirmed)
    expect(replaced).toHaveLength(1)
  })

  if (mode === 'redirect') it('a hint of the network\'s own confirms nobody where the account has no number, even if the answer repeats it (C-01)', async () => {
    const { issuer } = forger
    const operator = { id: 'forger', issuer, clientId: forger.operator().clientId, clientSecret: forger.operator().clientSecret!, metadata: { issuer, authorization_endpoint: `${issuer}/authorize`, token_endpoint: `${issuer}/token`, jwks_uri: `${issuer}/jwks` } }
    // The exchange knows the subscriber behind the address: the thief's own line.
    await start({ operator: undefined, discovery: { issuers: [issuer], find: async () => ({ status: 'found', operator, subscriberId: 'abcdef' }), returned: () => undefined } })
    claim({ hashed_login_hint: hashed('ENCR_MSISDN:abcdef') })
    expect(await answer('alan')).toMatchObject(unconfirmed)
  })

  it('a whole hint of the account is confirmed by its digest, and another digest says nothing of it (C-01)', async () => {
    await start({ phone: () => 'PCR:of-ada' })
    claim({ hashed_login_hint: hashed(`MSISDN:${number}`) })
    if (mode === 'redirect') expect(await answer()).toMatchObject(unconfirmed)
    claim({ hashed_login_hint: hashed('PCR:of-ada') })
    expect((await answer()).status).toBe(200)
  })
})

describe('start-up', () => {
  it('the strategy says at start-up what replaceLink and link need', async () => {
    const { Strategy } = await import('passport-mobileconnect')
    const operator = { issuer: 'https://a.example', clientId: 'x', clientSecret: 'y' }
    const warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    const make = (more: object) => new Strategy({ operator, callbackURL: 'https://app.example/cb', ...more }, () => undefined)
    expect(() => make({ replaceLink: () => true })).toThrow('replaceLink needs linked')
    make({ link: () => true })
    expect(warned.mock.calls.map(([, options]) => options)).toEqual([{ code: 'MOBILECONNECT_LINKED_MISSING' }])
    make({ link: () => true, linked: () => undefined })
    expect(warned).toHaveBeenCalledTimes(1)
    warned.mockRestore()
  })
})
