import { randomUUID } from 'node:crypto'
import session from 'express-session'
import { createClient } from 'redis'
import { describeWithRedisServer, startRedisServer } from '../../../../test/support/redis.js'
import { MemoryFlowStore, RedisFlowStore, type FlowStore } from '../../src/index.js'
import { browser, buildApp } from '../support/app.js'
import { texting, texts } from '../support/factors.js'

type Operation = keyof FlowStore
type Trouble = 'rejects' | 'throws' | 'never answers' | 'answers too late'
const troubles: Trouble[] = ['rejects', 'throws', 'never answers', 'answers too late']

/** A memory store, one operation of which is in trouble while a test says so. */
function troubled() {
  const store = new MemoryFlowStore()
  const state: { operation?: Operation, trouble?: Trouble } = {}
  const late: (() => Promise<unknown>)[] = []
  const proxy = new Proxy(store, {
    get(target, name: Operation) {
      const operation = (target[name] as (...args: unknown[]) => Promise<unknown>).bind(target)
      return (...args: unknown[]) => {
        if (state.operation !== name) return operation(...args)
        switch (state.trouble) {
          case 'rejects': return Promise.reject(new Error('READONLY You can\'t write against a read only replica.'))
          case 'throws': throw new Error('client is closed')
          case 'answers too late': {
            const answer = new Promise((resolve, reject) => late.push(async () => operation(...args).then(resolve, reject)))
            return answer
          }
          default: return new Promise(() => {})
        }
      }
    },
  })
  return { store: proxy as FlowStore, begin: (operation: Operation, trouble: Trouble) => Object.assign(state, { operation, trouble }), async end() {
    delete state.operation
    for (const answer of late.splice(0)) await answer()
  } }
}

function setup() {
  const trouble = troubled()
  const text = texts()
  const built = buildApp({ strategies: [text.strategy], options: {
    steps: ['local', 'text'], store: trouble.store, storeTimeout: '40ms', factors: { text: { ...texting, challengeOnEntry: false } },
  } })
  return { ...built, trouble, text, ada: browser(built.app) }
}

const unhandled = jest.fn()
beforeAll(() => process.on('unhandledRejection', unhandled))
afterAll(() => {
  process.off('unhandledRejection', unhandled)
  expect(unhandled).not.toHaveBeenCalled()
})

const code = { code: 'code of text 1' }
type Ada = ReturnType<typeof browser>
const steps = {
  password: async (ada: Ada) => ada.password(),
  begin: async (ada: Ada) => ada.post('/login/text/challenge'),
  prove: async (ada: Ada) => ada.post('/login/text', code),
}

describe.each(troubles)('a flow store that %s (R-59, X-01, X-02, X-04)', (trouble) => {
  const expect503 = (response: { status: number, body: any, text: string }) => {
    expect([response.status, response.body.code]).toEqual([503, 'store_unavailable'])
    expect(response.text).not.toMatch(/READONLY|client is closed/)
  }

  it.each<[string, Operation]>([['attempt', 'attempt'], ['createFlow', 'createFlow']])('a store that fails at the first factor, in %s, is a 503 and no login begins', async (_title, operation) => {
    const { ada, trouble: store } = setup()
    store.begin(operation, trouble)
    expect503(await steps.password(ada))
    await store.end()
    expect(await ada.who()).toEqual({ authenticated: false, user: null, amr: [] })
    expect((await steps.password(ada)).body.status).toBe('pending')
  })

  it.each<[string, Operation]>([['attempt', 'attempt'], ['settle', 'settle']])('a store that fails at a wrong password that is no attempt, in %s, is a 503', async (_title, operation) => {
    const { ada, trouble: store } = setup()
    store.begin(operation, trouble)
    expect503(await ada.post('/login/local', { username: 'ada' }))
    await store.end()
  })

  it('a store that fails when a challenge reads the login is a 503, and nothing is sent', async () => {
    const { ada, text, trouble: store } = setup()
    await steps.password(ada)
    store.begin('readFlow', trouble)
    expect503(await steps.begin(ada))
    await store.end()
    expect(text.sent).toEqual([])
    expect((await steps.begin(ada)).status).toBe(200)
  })

  it('a store that fails when a challenge is kept is a 503, and the code proves nothing before it is sent again', async () => {
    const { ada, trouble: store, text } = setup()
    await steps.password(ada)
    store.begin('advanceFlow', trouble)
    expect503(await steps.begin(ada))
    expect(await ada.who()).toMatchObject({ authenticated: false })
    await store.end()
    await steps.begin(ada)
    expect((await ada.post('/login/text', { code: 'code of text 2' })).body.status).toBe('complete')
    expect(text.sent).toHaveLength(2)
  })

  it('a store that fails at a challenge of an unknown user is a 503, and nothing is sent: the store is asked first', async () => {
    const store = troubled()
    const text = texts()
    const ada = browser(buildApp({ strategies: [text.strategy], options: { steps: ['text'], store: store.store, storeTimeout: '40ms', factors: { text: { ...texting, lockout: 'own' } } } }).app)
    store.begin('time', trouble)
    expect503(await ada.post('/login/text/challenge', { phone: '+447400123456' }))
    await store.end()
    expect(text.sent).toEqual([])
  })

  it.each<Operation>(['readFlow', 'attempt', 'finishFlow'])('a store that fails at the last factor, in %s, is a 503 and no user is logged in, then or later', async (operation) => {
    const { ada, trouble: store } = setup()
    await steps.password(ada)
    await steps.begin(ada)
    store.begin(operation, trouble)
    expect503(await steps.prove(ada))
    await store.end()
    expect(await ada.who()).toEqual({ authenticated: false, user: null, amr: [] })
    expect((await ada.get('/account')).status).toBe(401)
  })

  it('a store that fails when a login of one step is kept is a 503, and no user is logged in', async () => {
    const store = troubled()
    const ada = browser(buildApp({ options: { steps: ['local'], store: store.store, storeTimeout: '40ms' } }).app)
    store.begin('createLogin', trouble)
    expect503(await steps.password(ada))
    await store.end()
    expect(await ada.who()).toEqual({ authenticated: false, user: null, amr: [] })
  })

  it('a store that fails when the former login ends is a 503, and no user is logged in anew', async () => {
    const store = troubled()
    const { app, login } = buildApp({ options: { steps: ['local'], store: store.store, storeTimeout: '40ms' } })
    const completed: unknown[] = []
    login.on('flow.completed', ({ userId }) => completed.push(userId))
    const browse = browser(app)
    await browse.password('ada')
    store.begin('endLogin', trouble)
    expect503(await browse.password('grace'))
    await store.end()
    expect((await browse.who()).user).not.toBe('u2')
    expect(completed).toEqual(['u1'])
  })

  it('a store that fails when a request\'s login is read is a 503 for that request, and the login is there again afterwards', async () => {
    const { ada, trouble: store } = setup()
    await steps.password(ada)
    await steps.begin(ada)
    await steps.prove(ada)
    store.begin('readLogin', trouble)
    const response = await ada.get('/account')
    expect([response.status, response.body.code]).toEqual([503, 'store_unavailable'])
    await store.end()
    expect((await ada.get('/account')).body).toEqual({ id: 'u1' })
  })

  it('a store that fails at cancel and at logout is a 503', async () => {
    const { ada, trouble: store } = setup()
    await steps.password(ada)
    store.begin('dropFlow', trouble)
    expect503(await ada.post('/login/cancel'))
    await store.end()
    await steps.password(ada)
    await steps.begin(ada)
    await ada.post('/login/text', { code: `code of text 1` })
    store.begin('endLogin', trouble)
    expect503(await ada.post('/logout'))
    await store.end()
  })

  it('a store that fails shows a browser the router\'s page, and a visitor of the guard the app\'s', async () => {
    const { ada, trouble: store } = setup()
    await steps.password(ada)
    store.begin('readFlow', trouble)
    const page = await ada.page('/login')
    expect([page.status, page.headers['content-type']]).toEqual([503, 'text/html; charset=utf-8'])
    const guarded = await ada.page('/account')
    expect([guarded.status, guarded.body.code]).toEqual([503, 'store_unavailable'])
    await store.end()
  })
})

describe('a ledger that cannot be cleared after a success', () => {
  it.each(troubles)('a ledger that cannot be cleared because the store %s is not in the way of the login', async (trouble) => {
    const { ada, trouble: store } = setup()
    store.begin('settle', trouble)
    expect((await steps.password(ada)).body.status).toBe('pending')
    await store.end()
  })
})

describe('a full memory store (X-11)', () => {
  it('a full memory store refuses a new login with 503, and keeps those it has', async () => {
    const store = new MemoryFlowStore({ capacity: 1 })
    const { app } = buildApp({ strategies: [texts().strategy], options: { steps: ['local', 'text'], store, factors: { text: texting } } })
    const [ada, grace] = [browser(app), browser(app)]
    await ada.password('ada')
    const refused = await grace.password('grace')
    expect([refused.status, refused.body.code]).toEqual([503, 'store_unavailable'])
    expect((await ada.post('/login/text', code)).body.status).toBe('complete')
  })
})

describe('A session store that is down (X-01)', () => {
  it('a session store that is down sends nothing to a browser without a session, which could not enter the code', async () => {
    class Down extends session.MemoryStore {
      override set(_id: string, _session: session.SessionData, done?: (error?: unknown) => void) { done?.(new Error('down')) }
    }
    const text = texts()
    const { app } = buildApp({ session: { store: new Down() }, strategies: [text.strategy], options: { steps: ['local', 'text'], factors: { text: texting } } })
    const ada = browser(app)
    expect([(await ada.password()).status, (await ada.password()).status, text.sent.length]).toEqual([503, 503, 0])
  })
})

describeWithRedisServer('Redis that ends in the middle of a login (X-01)', () => {
  it('Redis that ends in the middle of a login is a 503 while it is gone, nothing is sent, and logging in works when it is back', async () => {
    const server = await startRedisServer()
    const client = await createClient({ url: server.url, disableOfflineQueue: true, socket: { reconnectStrategy: () => 5 } }).on('error', () => {}).connect()
    try {
      const text = texts()
      const { app } = buildApp({ strategies: [text.strategy], options: {
        steps: ['local', 'text'], store: new RedisFlowStore({ client, prefix: `test:${randomUUID()}:` }), factors: { text: { ...texting, challengeOnEntry: false } },
      } })
      const ada = browser(app)
      expect((await steps.password(ada)).body.status).toBe('pending')
      await server.stop()
      for (const step of [steps.begin, steps.prove, steps.password]) {
        const response = await step(ada)
        expect([response.status, response.body.code]).toEqual([503, 'store_unavailable'])
        expect(response.text).not.toContain('127.0.0.1')
      }
      expect(text.strategy.runs).toBe(0)

      const ready = new Promise((resolve) => client.once('ready', resolve))
      await server.restart()
      await ready
      expect((await steps.begin(ada)).body.code).toBe('flow_expired')
      expect((await steps.password(ada)).body.status).toBe('pending')
      await steps.begin(ada)
      expect((await steps.prove(ada)).body.status).toBe('complete')
    } finally {
      client.destroy()
      await server.close()
    }
  })
})
