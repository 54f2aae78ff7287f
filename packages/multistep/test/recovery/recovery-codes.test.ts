import { Passport } from 'passport'
import { MemoryRecoveryCodeStore, RecoveryCodeStrategy, type RecoveryCodeOptions, type RecoveryCodeStore } from '../../src/recovery-codes.js'
import { costOfHashes } from '../../../../test/support/cheap-crypto.js'
import { browser, buildApp, people, pin, type Person } from '../support/app.js'
import { device } from '../support/factors.js'
import { describeWithBackends, type Backend } from '../support/stores.js'

const nobody = { authenticated: false, user: null, amr: [] }

async function setup(backend?: Backend, more: Partial<RecoveryCodeOptions> = {}) {
  const users = people()
  const store = new MemoryRecoveryCodeStore()
  const strategy = new RecoveryCodeStrategy({ store, ...more })
  const built = buildApp({
    users,
    strategies: [strategy as never, pin()],
    ...(backend ? { session: { store: backend.sessions } } : {}),
    options: {
      steps: ['local', { type: 'anyOf', factors: ['pin', 'recovery-code'] }],
      factors: { pin: device, 'recovery-code': { enrolled: async (user) => (await strategy.remaining(user)) > 0 } },
      ...(backend ? { store: backend.flows } : {}),
    },
  })
  const used: unknown[] = []
  built.login.on('recovery.used', (event) => used.push(event))
  const codes = await strategy.generate(users.ada as never)
  const pending = async (name = 'ada') => {
    const browsing = browser(built.app)
    await browsing.password(name).expect(200)
    return browsing
  }
  return { ...built, strategy, store, codes, used, pending }
}

it('recovery.used names the person of the login, whatever id the strategy\'s own users have', async () => {
  const used: unknown[] = []
  const strategy = new RecoveryCodeStrategy({ store: new MemoryRecoveryCodeStore() })
  const [code] = await strategy.generate({ id: 'u1' })
  const paper = { name: 'paper', authenticate(this: any, req: any) {
    const succeed = this.success
    strategy.authenticate.call(Object.assign(Object.create(strategy), this, { success: (_: unknown, info: unknown) => succeed({ id: 'sheet 9' }, info) }), req)
  } }
  const { app, login } = buildApp({
    strategies: [paper as never],
    options: { steps: ['local', 'recovery-code'], factors: { 'recovery-code': { strategy: 'paper', enrolled: () => true, samePerson: () => true } } },
  })
  login.on('recovery.used', (event) => used.push(event))
  const ada = browser(app)
  await ada.password().expect(200)
  expect((await ada.post('/login/recovery-code', { code }).expect(200)).body.status).toBe('complete')
  expect(used).toMatchObject([{ userId: 'u1', remaining: 9 }])
})

describe('the codes (R-60)', () => {
  it('recovery codes are ten, of fifty random bits each, and read well from paper', async () => {
    const { codes } = await setup()
    expect(codes).toHaveLength(10)
    expect(new Set(codes).size).toBe(10)
    for (const code of codes) expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}$/)
  })

  it('recovery codes use every letter of the alphabet alike: 256 is a multiple of 32', async () => {
    const strategy = new RecoveryCodeStrategy({ store: { replace: () => undefined, list: () => [], remove: () => false }, count: 100 })
    const letters = (await strategy.generate({ id: 'u' })).join('').replaceAll('-', '')
    const counts = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'.split('').map((letter) => letters.split(letter).length - 1)
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(1000)
    // Chi-square with 31 degrees of freedom: above 80 once in 200 000 runs.
    expect(counts.reduce((sum, count) => sum + (count - 1000 / 32) ** 2 / (1000 / 32), 0)).toBeLessThan(80)
  })

  it('recovery codes are kept as salted password hashes, and none can be read from what the store holds', async () => {
    const { store, codes } = await setup()
    const kept = store.list('u1')
    expect(kept).toHaveLength(10)
    for (const hash of kept) expect(hash).toMatch(/^scrypt\$[\w-]{22}\$[\w-]{43}$/)
    for (const code of codes) expect(JSON.stringify(kept)).not.toContain(code.replace('-', ''))
  })

  it('recovery codes are hashed at Node\'s default cost (N=2^14, r=8, p=1), when they are made and when one is tried', async () => {
    const { codes, pending } = await setup()
    await (await pending()).post('/login/recovery-code', { code: codes[0] }).expect(200)
    expect(costOfHashes()).not.toHaveLength(0)
    for (const cost of costOfHashes()) expect(cost).toEqual({})
  })

  it('recovery codes of two users, or of two generations, share no salt', async () => {
    const { store, strategy } = await setup()
    const salt = (id: string) => store.list(id)[0]?.split('$')[1]
    const first = salt('u1')
    await strategy.generate({ id: 'u2' })
    await strategy.generate({ id: 'u1' })
    expect(new Set([first, salt('u1'), salt('u2')]).size).toBe(3)
  })

  it('recovery codes of an earlier generation are refused', async () => {
    const { strategy, codes, pending, users } = await setup()
    const fresh = await strategy.generate(users.ada as never)
    const ada = await pending()
    expect((await ada.post('/login/recovery-code', { code: codes[0] })).body).toMatchObject({ code: 'code_wrong', status: 401 })
    expect((await ada.post('/login/recovery-code', { code: fresh[0] })).body).toMatchObject({ status: 'complete' })
  })
})

describeWithBackends('a login with a recovery code', (create) => {
  let backend: Backend
  beforeEach(async () => { backend = await create() })
  afterEach(() => backend.close())

  it('a recovery code completes the login, the app is told, and what is left is counted', async () => {
    const { codes, strategy, used, pending, users } = await setup(backend)
    const ada = await pending()
    expect((await ada.post('/login/recovery-code', { code: codes[3] })).body).toMatchObject({ status: 'complete', amr: ['pwd', 'otp'] })
    expect(await ada.who()).toMatchObject({ user: 'u1' })
    expect(await strategy.remaining(users.ada as never)).toBe(9)
    expect(used).toEqual([{ factor: 'recovery-code', userId: 'u1', remaining: 9 }])
  })

  it('a login with a recovery code is never `mfa`, and its evidence says that it was a recovery', async () => {
    const { app, codes, login, pending } = await setup(backend)
    app.get('/evidence', (req, res) => { res.json(login.evidence(req as never)) })
    const ada = await pending()
    await ada.post('/login/recovery-code', { code: codes[0] }).expect(200)
    expect((await ada.who()).amr).not.toContain('mfa')
    expect((await ada.get('/evidence')).body).toEqual([
      expect.objectContaining({ factor: 'local', via: 'fresh' }),
      expect.objectContaining({ factor: 'recovery-code', via: 'recovery' }),
    ])
  })

  it('a recovery code that was used before is refused (D-11 at steps, R-60 at steps)', async () => {
    const { codes, pending } = await setup(backend)
    await (await pending()).post('/login/recovery-code', { code: codes[0] }).expect(200)
    const again = await pending()
    expect((await again.post('/login/recovery-code', { code: codes[0] })).body).toMatchObject({ code: 'code_wrong', status: 401 })
    expect(await again.who()).toEqual(nobody)
  })

  it('of twenty browsers with one recovery code at the same moment one logs in (D-12 at steps)', async () => {
    const { codes, pending } = await setup(backend)
    const browsers = []
    while (browsers.length < 20) browsers.push(await pending())
    // Beyond ten failures in a row the ledger locks: that, too, is no login.
    const answers = await Promise.all(browsers.map((browsing) => browsing.post('/login/recovery-code', { code: codes[0] })))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 401 || status === 429)).toHaveLength(19)
    const logged = await Promise.all(browsers.map((browsing) => browsing.who()))
    expect(logged.filter(({ authenticated }) => authenticated)).toHaveLength(1)
  })

  it('guesses of recovery codes are counted in a ledger of their own, which the password does not clear (D-14 at steps)', async () => {
    const { codes, pending } = await setup(backend)
    for (let guess = 0; guess < 10; guess += 1) {
      await (await pending()).post('/login/recovery-code', { code: `00000-0000${guess}` }).expect(401)
    }
    const ada = await pending()
    expect((await ada.post('/login/recovery-code', { code: codes[0] })).body).toMatchObject({ code: 'factor_locked', status: 429 })
    expect((await ada.post('/login/pin', { code: '246810' })).body).toMatchObject({ status: 'complete' })
  })
})

it('a strategy of recovery codes is one under any name that a policy gives it: never fresh, never mfa', async () => {
  const strategy = new RecoveryCodeStrategy({ store: new MemoryRecoveryCodeStore() })
  const { app, users } = buildApp({
    strategies: [strategy as never],
    options: { steps: ['local', 'paper'], factors: { paper: { strategy: 'recovery-code', kind: 'possession', channel: 'paper', sees: 'pending', fields: ['code'] } } },
    routes: (host, { evidence }) => { host.get('/evidence', (req, res) => { res.json(evidence(req as never)) }) },
  })
  const [code] = await strategy.generate(users.ada as never)
  const ada = browser(app)
  await ada.password().expect(200)
  expect((await ada.post('/login/paper', { code })).body).toMatchObject({ status: 'complete', amr: ['pwd'] })
  expect((await ada.get('/evidence')).body).toMatchObject([{ via: 'fresh' }, { factor: 'paper', via: 'recovery' }])
})

describe('what is entered', () => {
  it.each([
    ['lower case', (code: string) => code.toLowerCase()],
    ['no dash', (code: string) => code.replace('-', '')],
    ['blanks', (code: string) => ` ${code.replace('-', ' ')} `],
    ['O for 0, and I and l for 1', (code: string) => code.replaceAll('0', 'O').replace('1', 'I').replaceAll('1', 'l')],
  ])('a recovery code may be spelt with %s', async (_, spelt) => {
    const { codes, pending } = await setup()
    const code = codes.find((one) => /[01]/.test(one)) ?? codes[0]!
    expect((await (await pending()).post('/login/recovery-code', { code: spelt(code) })).body).toMatchObject({ status: 'complete' })
  })

  it.each([
    ['nothing', undefined, 'code_missing'],
    ['an empty field', '', 'code_missing'],
    ['too little', '1234', 'code_malformed'],
    ['too much', '7G3KM-Q2XPT-7G3KM', 'code_malformed'],
    ['a letter that no code has', '7G3KM-Q2XPU', 'code_malformed'],
    ['ten times what folds to other letters', 'ſſſſſſſſſſ', 'code_malformed'],
    ['a megabyte', 'A'.repeat(90_000), 'code_malformed'],
  ])('a recovery code that is refused is told as what it is: %s', async (_, code, expected) => {
    const { pending, strategy, users } = await setup()
    const ada = await pending()
    for (let time = 0; time < 12; time += 1) {
      expect((await ada.post('/login/recovery-code', { code })).body).toMatchObject({ code: expected, status: 400 })
    }
    expect(await strategy.remaining(users.ada as never)).toBe(10)
  })

  it.each([[['a']], [{ $ne: null }], [1234567890], [null], [true]])('a recovery code that is no text is refused: %j', async (code) => {
    const { pending } = await setup()
    const ada = await pending()
    expect((await ada.post('/login/recovery-code', { code })).status).toBe(400)
    expect(await ada.who()).toEqual(nobody)
  })

  it('a recovery code is read from a POST only, and from its own field of the body', async () => {
    const { codes, pending } = await setup()
    const ada = await pending()
    expect((await ada.get(`/login/recovery-code?code=${codes[0]}`)).status).toBe(405)
    expect((await ada.post(`/login/recovery-code?code=${codes[0]}`, {})).body).toMatchObject({ code: 'code_missing' })
    expect(await ada.who()).toEqual(nobody)
  })
})

describe('trouble', () => {
  it('a store of recovery codes that is in trouble is a 503, and the login can go on', async () => {
    const broken: RecoveryCodeStore = { replace: () => undefined, list: () => ['scrypt$AAAA$AAAA'], remove: () => { throw new Error('connection lost') } }
    const users = people()
    const strategy = new RecoveryCodeStrategy({ store: { ...broken, list: () => { throw new Error('connection lost') } } })
    const { app } = buildApp({
      users,
      strategies: [strategy as never, pin()],
      options: { steps: ['local', { type: 'anyOf', factors: ['pin', 'recovery-code'] }], factors: { pin: device, 'recovery-code': { enrolled: () => true } } },
    })
    const ada = browser(app)
    await ada.password().expect(200)
    const answer = await ada.post('/login/recovery-code', { code: '7G3KM-Q2XPT' })
    expect(answer.status).toBe(503)
    expect(JSON.stringify(answer.body)).not.toContain('connection lost')
    expect((await ada.post('/login/pin', { code: '246810' })).body).toMatchObject({ status: 'complete' })
    await expect(strategy.remaining(users.ada as never)).rejects.toMatchObject({ code: 'store_unavailable', status: 503 })
  })

  it('a store that answers a removal with something else than true logs no user in', async () => {
    const store = new MemoryRecoveryCodeStore()
    const lax = new RecoveryCodeStrategy({
      store: { replace: (id, hashes) => store.replace(id, hashes), list: (id) => store.list(id), remove: () => 1 as never },
    })
    const { app, users } = buildApp({
      strategies: [lax as never],
      options: { steps: ['local', 'recovery-code'], factors: { 'recovery-code': { enrolled: () => true } } },
    })
    const [code] = await lax.generate(users.ada as never)
    const ada = browser(app)
    await ada.password().expect(200)
    expect((await ada.post('/login/recovery-code', { code })).status).toBe(401)
    expect(await ada.who()).toEqual(nobody)
  })

  it('a hash in the store that is of another scheme matches nothing', async () => {
    const strategy = new RecoveryCodeStrategy({ store: { replace: () => undefined, list: () => ['plain', 'scrypt$$', 'sha256$c2FsdA$ZGlnZXN0', null as never], remove: () => true } })
    const { app } = buildApp({ strategies: [strategy as never], options: { steps: ['local', 'recovery-code'], factors: { 'recovery-code': { enrolled: () => true } } } })
    const ada = browser(app)
    await ada.password().expect(200)
    expect((await ada.post('/login/recovery-code', { code: '7G3KM-Q2XPT' })).status).toBe(401)
  })
})

describe('on its own, without multistep', () => {
  it('RecoveryCodeStrategy works without multistep for a user who is logged in, and refuses a request without one', async () => {
    const passport = new Passport()
    const strategy = new RecoveryCodeStrategy({ store: new MemoryRecoveryCodeStore() })
    passport.use(strategy as never)
    const user = { id: 'u1' }
    const [code] = await strategy.generate(user)
    const run = (req: object) => new Promise((resolve) => {
      const answered = (error: unknown, found: unknown, info: unknown, status: unknown) => resolve({ error, found, info, status })
      passport.authenticate('recovery-code', answered)({ method: 'POST', headers: {}, ...req }, {}, resolve)
    })
    expect(await run({ body: { code } })).toMatchObject({ found: false, info: { code: 'user_unknown' }, status: 403 })
    expect(await run({ user, method: 'GET' })).toMatchObject({ found: false, info: { code: 'method_not_allowed' }, status: 405 })
    expect(await run({ user })).toMatchObject({ found: false, info: { code: 'code_missing' } })
    expect(await run({ user, body: { code } })).toMatchObject({ error: null, found: user })
  })
})

describe('its options', () => {
  const store = new MemoryRecoveryCodeStore()
  it.each([
    [undefined, 'the options are|is an object'],
    [{}, 'needs a store'],
    [{ store: {} }, 'an object with the methods replace, list, remove'],
    [{ store, count: 0 }, 'a whole number from 1 to 100'],
    [{ store, count: '10' }, 'a whole number from 1 to 100'],
    [{ store, fields: 'code' }, 'there is no option'],
    [{ store, codeField: '' }, 'codeField is text'],
  ])('the options %j are refused in words', (options, words) => {
    expect(() => new RecoveryCodeStrategy(options as never)).toThrow(new RegExp(words))
  })

  it('the options name the field, the number of codes, and the user', async () => {
    const own = new RecoveryCodeStrategy({ store, count: 3, codeField: 'backup', userId: (user) => (user as unknown as Person).name })
    expect(await own.generate({ name: 'ada' })).toHaveLength(3)
    expect(store.list('ada')).toHaveLength(3)
    await expect(own.generate({})).rejects.toMatchObject({ code: 'misconfigured' })
  })
})
