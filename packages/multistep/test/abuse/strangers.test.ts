import { browser, buildApp, pin, Scripted } from '../support/app.js'
import { aFlow, otherFlow } from '../../src/stores/contract/kit.js'
import { nobodysPartition } from '../../src/stores/keys.js'
import type { LedgerKey } from '../../src/index.js'
import { describeWithBackends } from '../support/stores.js'

const policy = { after: 3, for: 60_000, max: 3_600_000 }
const name = (partition: string): LedgerKey => ({ partition, factor: 'local', of: 'name' })
const times = async <T>(count: number, work: (index: number) => PromiseLike<T>): Promise<T[]> => {
  const results: T[] = []
  for (let index = 0; index < count; index += 1) results.push(await work(index))
  return results
}
const few = 32

describeWithBackends('strangers who make names up', (create) => {
  const setup = async () => {
    const backend = await create()
    const store = backend.flowsFor(few)
    const built = buildApp({ strategies: [pin()], session: { store: backend.sessions }, options: { steps: ['local'], lockout: { after: 3 }, store } })
    /** Wrong passwords for names that nobody has. */
    const flood = (each = 1) => times(few * 6, (index) => times(each, () => browser(built.app).password(`made-up-${index}`, 'wrong')))
    return { ...built, store, flood, close: () => backend.close() }
  }

  it('made-up names keep no user out, whether or not that user has logged in before (L-04 at steps)', async () => {
    const { app, flood, close } = await setup()
    await browser(app).password('ada').expect(200)
    await flood()
    for (const person of ['ada', 'grace', 'alan']) await browser(app).password(person).expect(200)
    await close()
  })

  it('made-up names lift no lock of an account, however often each of them is tried (L-04)', async () => {
    const { app, flood, close } = await setup()
    await browser(app).password('ada').expect(200)
    await times(3, () => browser(app).password('ada', 'wrong'))
    await flood(3)
    await browser(app).password('ada').expect(429)
    await close()
  })

  it('names that are tried once lift no lock of any name, so that a lock tells nothing of an account (L-04, R-57)', async () => {
    const { app, flood, close } = await setup()
    await browser(app).password('ada').expect(200)
    for (const one of ['ada', 'grace', 'nobody-here']) await times(3, () => browser(app).password(one, 'wrong'))
    await flood()
    const answers = await times(3, (index) => browser(app).password(['ada', 'grace', 'nobody-here'][index], 'wrong'))
    expect(answers.map(({ status }) => status)).toEqual([429, 429, 429])
    await close()
  })

  it('made-up names are forgotten, the oldest first, those with a lock apart from those without (L-04)', async () => {
    const { store, close } = await setup()
    // Of one shard, and more than all of them keep.
    const [first = name('A'), ...others] = Array.from({ length: few * 2 }, (_, index) => name(`A${index}`))
    await store.attempt(first, policy)
    for (const other of others) await store.attempt(other, policy)
    expect(await times(3, async () => (await store.attempt(first, policy)).status)).toEqual(['allowed', 'allowed', 'allowed'])
    expect((await store.attempt(first, policy)).status).toBe('locked')
    for (const other of others) await store.attempt(other, policy)
    expect((await store.attempt(first, policy)).status).toBe('locked')
    await close()
  })

  it('flows of strangers end no flow of a user, and the oldest of them yields (L-04)', async () => {
    const { store, close } = await setup()
    expect(await store.createFlow('ada.pending', aFlow, 60_000)).toBe(true)
    const partition = nobodysPartition('A')
    const ids = Array.from({ length: few * 2 }, (_, index) => `${partition}.r${index}`)
    for (const id of ids) expect(await store.createFlow(id, otherFlow, 60_000)).toBe(true)
    expect((await store.readFlow(ids[0]!)).flow).toBe(undefined)
    expect((await store.readFlow(ids.at(-1)!)).flow).toMatchObject({ version: 1 })
    expect((await store.readFlow('ada.pending')).flow).toMatchObject({ version: 1 })
    await close()
  })

  it('one-time tokens of strangers end none of an account (L-04)', async () => {
    const { store, close } = await setup()
    const once = { token: 'token', ttl: 60_000 }
    const loose = { ...policy, after: 100 }
    await store.attempt(name('ada'), loose)
    await store.settle(name('ada'), 'passed')
    await store.attempt(name('ada'), loose, once)
    await times(few * 6, (index) => store.attempt(name(`a${index}`), loose, { ...once, token: `t${index}` }))
    expect((await store.attempt(name('ada'), loose, once)).status).toBe('replayed')
    await close()
  })
})

describeWithBackends('a login that begins with a challenge', (create) => {
  it('a login that begins with a challenge begins for a user when strangers have begun more of them than are kept (L-04)', async () => {
    const backend = await create()
    const texting = new Scripted('text', function (req, options) {
      if (options.action === 'send') (this as { pass(info?: object): void }).pass({ challenge: 'c', public: {} })
      else if (options.challenge === 'c' && req.body.code === '246810') this.success({ id: 'u1', name: 'ada' })
      else this.fail(undefined as never)
    })
    const { app } = buildApp({
      strategies: [texting], session: { store: backend.sessions },
      options: { steps: ['text'] as never, factors: { text: { fields: ['code'], challenge: { action: 'send' }, lockout: 'own' } } as never, store: backend.flowsFor(8) },
    })
    for (let index = 0; index < 200; index += 1) await browser(app).post('/login/text/challenge').expect(200)
    const ada = browser(app)
    await ada.post('/login/text/challenge').expect(200)
    await ada.post('/login/text', { code: '246810' }).expect(200)
    expect(await ada.who()).toMatchObject({ authenticated: true })
    await backend.close()
  })
})
