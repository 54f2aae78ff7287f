import { MemoryFlowStore, type MultistepOptions, type WaitUntil } from '../../src/index.js'
import { browser, buildApp } from '../support/app.js'

const vercel = Symbol.for('@vercel/request-context')
const platform = globalThis as unknown as Record<symbol, unknown> & { Netlify?: unknown }

afterEach(() => {
  platform[vercel] = undefined
  platform.Netlify = undefined
})

/** Logs in with a password alone; what was handed on meanwhile. */
async function handed(options: Partial<MultistepOptions>, listen: (email: () => Promise<unknown>) => unknown = (email) => email()) {
  const promises: Promise<unknown>[] = []
  let send!: (outcome: Promise<void>) => void
  const sent = new Promise<void>((resolve) => { send = resolve })
  const waitUntil: WaitUntil = (promise) => { promises.push(promise) }
  const build = (more: Partial<MultistepOptions>) => {
    const { app, login } = buildApp({ options: { steps: ['local'], ...options, ...more } })
    login.on('flow.completed', () => listen(() => sent))
    return browser(app)
  }
  return { promises, waitUntil, send, build }
}

describe('What goes on after a response (C-09 at steps)', () => {
  it.each(['the option waitUntil', 'Vercel', 'Netlify'])('work after the response is handed to %s, and no answer waits for it', async (host) => {
    const { promises, waitUntil, send, build } = await handed({})
    if (host === 'Vercel') platform[vercel] = { get: () => ({ waitUntil }) }
    if (host === 'Netlify') platform.Netlify = { context: { waitUntil } }
    expect((await build(host === 'the option waitUntil' ? { waitUntil } : {}).password()).body.status).toBe('complete')
    expect(promises).toHaveLength(1)
    let settled = false
    void promises[0]!.then(() => { settled = true })
    await new Promise((resolve) => { setImmediate(resolve) })
    expect(settled).toBe(false)
    send(Promise.resolve())
    await promises[0]
  })

  it('work after the response never rejects, and the app is warned of a listener that did', async () => {
    const warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    const { promises, waitUntil, send, build } = await handed({})
    await build({ waitUntil }).password()
    send(Promise.reject(new Error('no mail server')))
    await expect(Promise.all(promises)).resolves.toEqual([undefined])
    expect(warned.mock.calls.flat()).toContainEqual(expect.stringContaining('a listener of "flow.completed" failed: no mail server'))
    warned.mockRestore()
  })

  it('work that a listener has done at once is not handed on', async () => {
    const { promises, waitUntil, build } = await handed({}, () => 'done')
    await build({ waitUntil }).password()
    expect(promises).toEqual([])
  })

  it('what the store is told while the response leaves is handed on, so that a second click finds where the first one went', async () => {
    const notes: Promise<void>[] = []
    const store = new MemoryFlowStore()
    const change = store.changeTombstone.bind(store)
    store.changeTombstone = (...args) => {
      const note = change(...args)
      notes.push(note)
      return note
    }
    const promises: Promise<unknown>[] = []
    const { app } = buildApp({
      options: { steps: ['local'], store, waitUntil: (promise: Promise<unknown>) => { promises.push(promise) } },
      session: { saveUninitialized: true },
      router: false,
      routes: (host, login) => { host.post('/enter', login.authenticate('local') as never, (_req, res) => { res.redirect('/home') }) },
    })
    const ada = browser(app)
    await ada.page('/who')
    expect((await ada.form('/enter', { username: 'ada', password: 'lovelace-1815' })).headers.location).toBe('/home')
    expect([notes.length, promises.length]).toEqual([1, 1])
  })

  it('a login works where no host takes the work after the response', async () => {
    const warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    const { build } = await handed({})
    const status = (await build({ waitUntil: () => { throw new RangeError('too late') } }).password()).body.status as string
    expect([status, JSON.stringify(warned.mock.calls).includes('waitUntil failed with RangeError')]).toEqual(['complete', true])
    warned.mockRestore()
  })
})
