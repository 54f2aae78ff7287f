import { idOf, idText, keysOf, ownId } from '../../src/factors/person-id.js'
import { browser, buildApp, pin, Scripted, type Person } from '../support/app.js'
import { device } from '../support/factors.js'
import { describeWithBackends, type Backend } from '../support/stores.js'

type Id = string | number | bigint
const code = { code: '246810' }
const nobody = { authenticated: false, user: null, amr: [] }

/** Two accounts whose ids are written alike. */
const accounts = (one: Id, other: Id): Record<string, Person> => ({
  ada: { id: one as never, name: 'ada', password: 'lovelace-1815' },
  eve: { id: other as never, name: 'eve', password: 'lovelace-1815' },
})

describeWithBackends('the ids 1 and \'1\'', (create) => {
  let backend: Backend
  beforeEach(async () => { backend = await create() })
  afterEach(() => backend.close())

  function host(one: Id = 1, other: Id = '1', { second = 'pin', ...more }: { second?: 'pin' | 'card', lockout?: object } = {}) {
    const users = accounts(one, other)
    const card = new Scripted('card', function (req) { this.success(users[req.body.as]) })
    const built = buildApp({
      users,
      strategies: [pin(), card],
      session: { store: backend.sessions },
      serialize: (user, done) => done(null, user.name),
      deserialize: (name, done) => done(null, users[name] ?? false),
      options: { steps: ['local', second], factors: { [second]: device }, store: backend.flows, ...more },
      routes: (app) => app.post('/as/:name', (req, res, next) => req.login(users[req.params.name] as never, (error) => (error ? next(error) : res.json({})))),
    })
    return { ...built, users, ada: browser(built.app), eve: browser(built.app) }
  }
  const completed = async (browsing: ReturnType<typeof browser>, name: string) => {
    await browsing.password(name, 'lovelace-1815')
    await browsing.post('/login/pin', code).expect(200)
  }

  it('the ids 1 and \'1\' are two users at the second step: 403 person_mismatch (G-08 at steps)', async () => {
    const { ada } = host(1, '1', { second: 'card' })
    await ada.password('ada', 'lovelace-1815')
    expect((await ada.post('/login/card', { as: 'eve' })).body).toMatchObject({ status: 403, code: 'person_mismatch' })
    expect(await ada.who()).toEqual(nobody)
  })

  it('the ids 1 and \'1\' are two users for req.login, too (G-08)', async () => {
    const { ada } = host()
    await completed(ada, 'ada')
    await ada.post('/as/eve').expect(500)
    expect(await ada.who()).toMatchObject({ user: 1 })
  })

  it('the ids 1 and \'1\' have a lockout each: failures of the one do not count for the other (G-08)', async () => {
    const { ada, eve } = host(1, '1', { lockout: { after: 2 } })
    for (const browsing of [ada, eve]) await browsing.password(browsing === ada ? 'ada' : 'eve', 'lovelace-1815')
    for (let attempt = 0; attempt < 2; attempt += 1) await ada.post('/login/pin', { code: 'wrong' })
    expect((await ada.post('/login/pin', code)).body.code).toBe('factor_locked')
    expect((await eve.post('/login/pin', code)).body.status).toBe('complete')
  })

  it.each<[string, Id]>([['a number', 1], ['text, as events and links carry it', '1'], ['a bigint', 1n]])('the id 1, given as %s to unlock and revokeAll, reaches each user who may be meant (G-08)', async (_how, id) => {
    const { ada, eve, login } = host(1, '1', { lockout: { after: 2 } })
    await completed(eve, 'eve')
    await ada.password('ada', 'lovelace-1815')
    for (let attempt = 0; attempt < 2; attempt += 1) await ada.post('/login/pin', { code: 'wrong' })
    await login.unlock(id)
    expect((await ada.post('/login/pin', code)).body.status).toBe('complete')
    await login.sessions.revokeAll(id)
    for (const browsing of [ada, eve]) expect(await browsing.who()).toEqual(nobody)
    expect(await login.devices.list(id)).toEqual([])
    await login.devices.revokeAll(id)
    expect(await login.devices.revoke(id, 'none')).toBe(false)
  })

  it('the ids 1 and \'1\' are told in events as the app writes them (G-08)', async () => {
    const { ada, eve, login } = host()
    const told: string[] = []
    login.on('flow.completed', ({ userId }) => told.push(userId))
    await completed(ada, 'ada')
    await completed(eve, 'eve')
    expect(told).toEqual(['1', '1'])
  })

  it('the number 1 and the bigint 1n are one user (G-08)', async () => {
    const { ada } = host(1, 1n, { second: 'card' })
    await ada.password('ada', 'lovelace-1815')
    expect((await ada.post('/login/card', { as: 'eve' })).body).toMatchObject({ status: 'complete' })
  })
})

describe('the key of a user id (G-08)', () => {
  const key = (id: unknown) => idOf({ id }, (user: { id: unknown }) => user.id)

  it('each user id has a key of its own: no two are one', () => {
    const ids = [1, '1', '01', ' 1', '1 ', '1.0', '+1', '1e0', -1, '-1', 0, '0', '-0', 1.5, '1.5', '"1"', '\'1\'', '"', 'null', 'NaN', 'Infinity', 'a', 'A', 'á', 'a\u0301', '\ud800', '\ud801', '9007199254740993', 9007199254740993n, '9007199254740992', 9007199254740992n]
    expect(new Set(ids.map(key)).size).toBe(ids.length)
  })

  it('an ObjectId has the key of its text, at every call, and is read from _id where there is no id', () => {
    const objectId = (text: string) => ({ toHexString: () => text, toString: () => text })
    for (const text of ['65a1f0c2e4b0a1b2c3d4e5f6', '123456789012345678901234']) {
      expect(key(objectId(text))).toBe(key(text))
      expect(keysOf(objectId(text))).toEqual(keysOf(text))
      expect(idOf({ _id: objectId(text) }, ownId)).toBe(key(text))
    }
    expect(() => key({})).toThrow('or an ObjectId, not an object')
    expect(() => key(new Date(0))).toThrow('not an object')
  })

  it('a number has the same key, however it is held', () => {
    expect([key(1.0), key(1n), key(-0)]).toEqual([key(1), key(1), key(0)])
  })

  it('an id that looks like no number keeps its text, and its key gives the text back', () => {
    for (const id of ['u1', 'ada@example.org', '64b7f0c2', '01', '7d1f0b1e-8c8e-4a2e-9d0c-2f5a4c1b7a10']) expect(key(id)).toBe(id)
    for (const id of [1, '1', 12n, '"x"', 'u1']) expect(idText(key(id))).toBe(String(id))
  })

  it('the id given to a call stands for each user who may be meant', () => {
    expect(keysOf('u1')).toEqual([key('u1')])
    for (const id of [1, '1', 1n]) expect([...keysOf(id)].sort()).toEqual([key(1), key('1')].sort())
  })

  it.each([undefined, null, '', Number.NaN, 2 ** 53, {}, true])('the user id %p is refused, and the calls say so', (id) => {
    expect(() => keysOf(id as never)).toThrow('this takes a user id')
  })
})
