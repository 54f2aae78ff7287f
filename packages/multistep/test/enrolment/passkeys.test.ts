import { anyOf, optional } from '../../src/index.js'
import { MemoryPasskeyStore, PasskeyStrategy } from '../../src/passkeys.js'
import { browser, buildApp, people, pin } from '../support/app.js'
import { device } from '../support/factors.js'
import { describeWithBackends, type Backend } from '../support/stores.js'

const page = '/login/webauthn/set-up'

/**
 * In place of @simplewebauthn/server, whose part is to check what a browser signed: examples/test/passkeys.browser.test.ts has the real one. Here
 * an answer is right when it repeats its challenge and origin.
 */
function webauthn() {
  let count = 0
  const challenge = () => ({ challenge: `challenge-${++count}` })
  const isRight = ({ response, expectedChallenge, expectedOrigin }: any): boolean =>
    response?.challenge === expectedChallenge && expectedOrigin.includes(response.origin)
  return {
    generateRegistrationOptions: async ({ rpID, rpName, userName, excludeCredentials }: any) =>
      ({ ...challenge(), rp: { id: rpID, name: rpName }, user: { name: userName }, excludeCredentials }),
    generateAuthenticationOptions: async (options: any) => ({ ...challenge(), allowCredentials: options.allowCredentials }),
    verifyRegistrationResponse: async (options: any) => {
      if (!isRight(options)) throw new Error('Unexpected challenge')
      return { verified: true, registrationInfo: { credential: { id: options.response.id, publicKey: new Uint8Array([1, 2]), counter: 0, transports: ['usb'] } } }
    },
    verifyAuthenticationResponse: async (options: any) => {
      if (!isRight(options)) throw new Error('Unexpected challenge')
      return { verified: options.credential.publicKey[1] === 2, authenticationInfo: { newCounter: Number(options.credential.counter) + 1, credentialDeviceType: options.response.device ?? 'singleDevice' } }
    },
  }
}

describeWithBackends('passkeys', (create) => {
  let backend: Backend
  let ahead: number
  beforeEach(async () => {
    ahead = 0
    backend = await create()
  })
  afterEach(() => backend.close())
  const origin = 'https://acme.example'

  const setup = () => {
    const store = new MemoryPasskeyStore()
    const passkeys = new PasskeyStrategy({ webauthn: webauthn(), store, rpName: 'Acme', rpID: 'acme.example', origin, now: () => now() })
    const events: unknown[] = []
    const now = () => Date.now() + ahead
    const built = buildApp({
      users: people(),
      strategies: [passkeys as never, pin()],
      session: { store: backend.sessions },
      options: {
        steps: ['local', optional(anyOf('webauthn', 'pin'))], store: backend.flowsAt(now), now,
        factors: { webauthn: passkeys.factor, pin: { ...device, enrolled: (user: any) => user.name === 'alan' } },
      },
    })
    built.login.on('factor.set-up', (event) => events.push(event))
    built.login.on('factor.removed', (event) => events.push(event))
    const loggedIn = async (name = 'ada') => {
      const person = browser(built.app)
      await person.password(name).expect(200)
      return person
    }
    return { ...built, store, events, loggedIn }
  }
  type Person = ReturnType<typeof browser>
  const add = async (person: Person, id: string, name = 'My laptop') => {
    const { options } = (await person.post(page).expect(200)).body
    return person.post(page, { passkey: { id, challenge: options.challenge, origin }, name })
  }

  it('are added with a name, listed, asked for by the next login, and removed', async () => {
    const { app, store, events, loggedIn } = setup()
    const ada = await loggedIn()
    expect((await ada.page(page).expect(200)).text).toContain('You have no passkey.')
    expect((await add(ada, 'k1')).body).toMatchObject({ passkeys: [{ id: 'k1', name: 'My laptop' }] })
    expect((await ada.page(page)).text).toContain('My laptop')
    expect(store.list('u1')).toEqual([{ id: 'k1', publicKey: 'AQI', counter: 0, transports: ['usb'], name: 'My laptop', createdAt: expect.any(String) }])

    const again = browser(app)
    const { factors } = (await again.password('ada').expect(200)).body
    expect(factors).toMatchObject([{ factor: 'webauthn', fields: ['passkey'], challenge: { publicKey: { challenge: expect.any(String), allowCredentials: [{ id: 'k1' }] } } }])
    const { challenge } = factors[0].challenge.publicKey
    for (const wrong of [{ id: 'k1', challenge: 'other', origin }, { id: 'k1', challenge, origin: 'https://evil.example' }, { id: 'k2', challenge, origin }]) {
      expect((await again.post('/login/webauthn', { passkey: JSON.stringify(wrong) })).body).toMatchObject({ code: 'passkey_wrong', status: 401 })
    }
    for (const text of ['{', '[]', 'null']) expect((await again.post('/login/webauthn', { passkey: text })).body).toMatchObject({ code: 'passkey_missing', status: 400 })
    const shown = await again.page('/login').expect(200)
    expect(shown.text).toContain('data-passkey="get"')
    expect((await again.post('/login/webauthn', { passkey: JSON.stringify({ id: 'k1', challenge, origin }) })).body).toMatchObject({ status: 'complete', amr: ['pwd', 'hwk', 'user', 'mfa'] })
    expect(store.list('u1')[0]!.counter).toBe(1)

    expect((await again.post(page, { remove: 'k1' })).body.passkeys).toEqual([])
    expect(events).toEqual([{ factor: 'webauthn', userId: 'u1', name: 'My laptop' }, { factor: 'webauthn', userId: 'u1' }])
  })

  it('an attacker with the password alone, or with a stolen session, adds and removes none (R-52)', async () => {
    const { app, store, loggedIn } = setup()
    const ada = await loggedIn()
    await add(ada, 'k1')
    const thief = browser(app)
    await thief.password('ada')
    for (const body of [{}, { remove: 'k1' }, { passkey: { id: 'x' } }]) expect((await thief.post(page, body)).body).toMatchObject({ code: 'factor_required' })
    for (const body of [{}, { remove: 'k1' }]) expect((await ada.post(page, body)).body).toMatchObject({ code: 'step_up_required', missing: ['webauthn'] })
    expect(store.list('u1')).toHaveLength(1)
  })

  it('a challenge is answered once, in its session, within ten minutes', async () => {
    const { store, loggedIn } = setup()
    const [ada, elsewhere] = [await loggedIn(), await loggedIn()]
    const begun = async () => (await ada.post(page).expect(200)).body.options.challenge
    const passkey = { id: 'k1', challenge: await begun(), origin }
    expect((await elsewhere.post(page, { passkey })).body).toMatchObject({ code: 'flow_expired' })
    expect((await ada.post(page, { passkey: { ...passkey, challenge: 'guessed' } })).body).toMatchObject({ code: 'factor_failed', status: 400 })
    expect((await ada.post(page, { passkey })).body).toMatchObject({ code: 'flow_expired' })
    const late = { ...passkey, challenge: await begun() }
    ahead += 11 * 60_000
    expect((await ada.post(page, { passkey: late })).body).toMatchObject({ code: 'flow_expired' })
    expect(store.list('u1')).toEqual([])
  })

  it('that was removed while it logs in logs nobody in, and does not come back', async () => {
    const { app, store, loggedIn } = setup()
    await add(await loggedIn(), 'k1')
    const person = browser(app)
    const { challenge } = (await person.password('ada')).body.factors[0].challenge.publicKey
    const { save } = store
    store.save = (...passkey) => {
      store.remove('u1', 'k1')
      return save.apply(store, passkey)
    }
    expect((await person.post('/login/webauthn', { passkey: JSON.stringify({ id: 'k1', challenge, origin }) })).body).toMatchObject({ code: 'passkey_wrong' })
    expect(store.list('u1')).toEqual([])
  })

  it('whose counter another login has raised meanwhile is taken for a copy', () => {
    const store = new MemoryPasskeyStore()
    const passkey = { id: 'k1', publicKey: 'AQI', counter: 4, name: '', createdAt: '2026-01-01T00:00:00.000Z' }
    expect(store.save('u1', passkey, 'used')).toBe(false)
    expect(store.save('u1', passkey, 'new')).toBe(true)
    for (const counter of [3, 4]) expect(store.save('u1', { ...passkey, counter }, 'used')).toBe(false)
    expect(store.save('u2', { ...passkey, counter: 5 }, 'used')).toBe(false)
    expect(store.save('u1', { ...passkey, counter: 5 }, 'used')).toBe(true)
    expect(store.list('u1')).toMatchObject([{ counter: 5 }])
  })

  it('a challenge to log in can be answered for five minutes', async () => {
    const { app, loggedIn } = setup()
    await add(await loggedIn(), 'k1')
    const person = browser(app)
    const { challenge } = (await person.password('ada')).body.factors[0].challenge.publicKey
    ahead += 5 * 60_000
    const passkey = JSON.stringify({ id: 'k1', challenge, origin })
    expect((await person.post('/login/webauthn', { passkey })).body).toMatchObject({ code: 'challenge_unknown', status: 401 })
  })

  it('that the person\'s devices share is evidence of a key in software (RFC 8176)', async () => {
    const { app, loggedIn } = setup()
    await add(await loggedIn(), 'k1')
    const person = browser(app)
    const { challenge } = (await person.password('ada')).body.factors[0].challenge.publicKey
    const passkey = JSON.stringify({ id: 'k1', challenge, origin, device: 'multiDevice' })
    expect((await person.post('/login/webauthn', { passkey })).body.amr).toEqual(['pwd', 'swk', 'user', 'mfa'])
  })

  it('of one person are nobody else\'s to add over or to remove', async () => {
    const { store, loggedIn } = setup()
    const [ada, grace] = [await loggedIn(), await loggedIn('grace')]
    await add(ada, 'k1')
    await add(grace, 'k2')
    const { id } = (await grace.post(page, { remove: 'k1' })).body.requirement
    const { publicKey } = (await grace.post('/login/webauthn/challenge', { for: id })).body.factors[0].challenge
    await grace.post('/login/webauthn', { for: id, passkey: JSON.stringify({ id: 'k2', challenge: publicKey.challenge, origin }) }).expect(200)
    expect((await grace.post(page, { remove: 'k1' })).body.passkeys).toMatchObject([{ id: 'k2' }])
    expect((await add(grace, 'k1')).status).toBe(503)
    expect(store.list('u1')).toHaveLength(1)
  })

  it('are added by no other site, and a name is text of at most forty signs (W-09)', async () => {
    const { store, loggedIn } = setup()
    const ada = await loggedIn()
    await ada.agent.post(page).set({ Accept: 'text/html', 'Sec-Fetch-Site': 'cross-site' }).type('form').send({}).expect(403)
    await add(ada, 'k1', '<b>'.repeat(40))
    expect(store.list('u1')[0]!.name).toHaveLength(40)
    expect((await ada.page(page)).text).not.toContain('<b>')
  })
})

it('PasskeyStrategy says at start-up what is missing', () => {
  const all = { webauthn: webauthn(), store: new MemoryPasskeyStore(), rpName: 'Acme', rpID: 'acme.example', origin: 'https://acme.example' }
  for (const name of Object.keys(all)) expect(() => new PasskeyStrategy({ ...all, [name]: undefined })).toThrow(`needs the option ${name}`)
  expect(() => new PasskeyStrategy({ ...all, origin: 'acme.example' })).toThrow('origin is an origin such as')
})
