import { anyOf, type RequireOptions } from '../../src/index.js'
import { browser, buildApp, people, pin } from '../support/app.js'
import { device, texting, texts } from '../support/factors.js'
import { describeWithBackends, type Backend } from '../support/stores.js'

const minute = 60_000

describeWithBackends('login.require({ bind })', (create) => {
  let backend: Backend
  let instant: number
  beforeEach(async () => {
    instant = 1_700_000_000_000
    const made = await create()
    backend = { ...made, flows: made.flowsAt(() => instant) }
  })
  afterEach(() => backend.close())

  const built = (bind: RequireOptions['bind'] = (req) => req.body, more: Partial<RequireOptions<'pin' | 'text'>> = {}) => {
    const text = texts('text')
    const handled: unknown[] = []
    const { app } = buildApp({
      strategies: [pin(), text.strategy],
      session: { store: backend.sessions },
      options: { steps: ['local', anyOf('pin', 'text')], store: backend.flows, factors: { pin: device, text: texting }, stepTimeout: '200ms' },
      routes: (host, login) => {
        const guard = login.require({ factors: 'text', bind: bind, ...more }) as any
        const handle = (req: any, res: any) => {
          handled.push(req.body)
          res.json({ done: true })
        }
        host.post('/transfer', guard, handle)
        host.put('/transfer', guard, handle)
        host.post('/other', guard, handle)
        host.get('/download', guard, handle)
        const weak = login.require({ maxAge: '5m', bind }) as any
        host.post('/both', (req, res, next) => { (req.query.weak === undefined ? guard : weak)(req, res, next) }, handle)
      },
    })
    return { app, text, handled }
  }
  const loggedIn = async (app: ReturnType<typeof built>['app'], name = 'ada') => {
    const person = browser(app)
    await person.post('/login/local', { username: name, password: people()[name]!.password }).expect(200)
    await person.post('/login/pin', { code: '246810' }).expect(200)
    return person
  }
  type Browser = Awaited<ReturnType<typeof loggedIn>>
  let texted = 0
  beforeEach(() => { texted = 0 })
  const confirm = async (person: Browser, body: object, path = '/transfer') => {
    const { id } = (await person.post(path, body).expect(403)).body.requirement
    await person.post('/login/text/challenge', { for: id }).expect(200)
    texted += 1
    await person.post('/login/text', { for: id, code: `code of text ${texted}` }).expect(200)
  }

  it('require({ bind }) lets exactly one of twenty equal requests through, and asks the next one again', async () => {
    const { app, handled } = built()
    const ada = await loggedIn(app)
    await confirm(ada, { to: 'Bob', amount: 5 })
    const answers = await Promise.all(Array.from({ length: 20 }, () => ada.post('/transfer', { amount: 5, to: 'Bob' })))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 403)).toHaveLength(19)
    expect(handled).toEqual([{ to: 'Bob', amount: 5 }])
    expect(new Set(answers.flatMap(({ body }) => (body.requirement ? [body.requirement.id] : []))).size).toBe(1)
  })

  it.each([
    ['another amount', { to: 'Bob', amount: 6 }],
    ['another type', { to: 'Bob', amount: '5' }],
    ['another name', { to: 'Bob', sum: 5 }],
    ['one value more', { to: 'Bob', amount: 5, urgent: false }],
    ['one value fewer', { amount: 5 }],
    ['values changed about', { to: 5, amount: 'Bob' }],
    ['another case', { to: 'bob', amount: 5 }],
    ['a space', { to: 'B ob', amount: 5 }],
  ])('require({ bind }) opens for no request with %s', async (_, other) => {
    const { app, handled } = built()
    const ada = await loggedIn(app)
    await confirm(ada, { to: 'Bob', amount: 5 })
    await ada.post('/transfer', other).expect(403)
    expect(handled).toEqual([])
    await ada.post('/transfer', { to: 'Bob', amount: 5 }).expect(200)
  })

  it('require({ bind }) tells names and values apart, however they are written', async () => {
    const { app } = built()
    const ada = await loggedIn(app)
    await confirm(ada, { a: 'x', b: 'y' })
    for (const other of [{ a: 'x","b":"y' }, { 'a b': 'x y' }, { a: 'xb', y: '-' }, { ab: 'xy' }]) await ada.post('/transfer', other).expect(403)
    await confirm(ada, { on: true })
    for (const other of [{ on: 'true' }, { on: 1 }]) await ada.post('/transfer', other).expect(403)
    await ada.post('/transfer', { on: true }).expect(200)
  })

  it('a grant of require({ bind }) opens no other path, method, login or user', async () => {
    const { app, handled } = built()
    const [ada, again, alan] = [await loggedIn(app), await loggedIn(app), await loggedIn(app, 'alan')]
    const values = { to: 'Bob', amount: 5 }
    await confirm(ada, values)
    await ada.post('/other', values).expect(403)
    await ada.agent.put('/transfer').send(values).expect(403)
    await again.post('/transfer', values).expect(403)
    await alan.post('/transfer', values).expect(403)
    expect(handled).toEqual([])
    await ada.post('/transfer?whatever=1', values).expect(200)
  })

  it('a grant of require({ bind }) opens no stronger guard on the same path, because it holds what was asked for', async () => {
    const { app, handled } = built()
    const ada = await loggedIn(app)
    const { id } = (await ada.post('/both?weak', { n: 1 }).expect(403)).body.requirement
    await ada.post('/login/pin', { code: '246810', for: id }).expect(200)
    expect((await ada.post('/both', { n: 1 }).expect(403)).body).toMatchObject({ missing: ['text'] })
    expect(handled).toEqual([])
    await ada.post('/both?weak', { n: 1 }).expect(200)
  })

  it('require({ bind }) is not met by a fresh login: a proof must have been begun for these values', async () => {
    const { app } = built()
    const ada = await loggedIn(app)
    await confirm(ada, { n: 1 })
    expect((await ada.post('/transfer', { n: 2 }).expect(403)).body).toMatchObject({ code: 'step_up_required', missing: ['text'], expired: [], maxAge: '5m' })
  })

  it('a grant of require({ bind }) lives as long as maxAge, five minutes by default', async () => {
    for (const [maxAge, lives] of [[undefined, 5], ['2m', 2]] as const) {
      const { app, handled } = built((req) => req.body, maxAge === undefined ? {} : { maxAge })
      const ada = await loggedIn(app)
      texted = 0
      await confirm(ada, { n: 1 })
      instant += lives * minute
      await ada.post('/transfer', { n: 1 }).expect(403)
      texted = 1
      await confirm(ada, { n: 2 })
      instant += lives * minute - 1
      await ada.post('/transfer', { n: 2 }).expect(200)
      expect(handled).toEqual([{ n: 2 }])
    }
  })

  it('a grant of require({ bind }) ends with the login', async () => {
    const { app } = built()
    const ada = await loggedIn(app)
    await confirm(ada, { n: 1 })
    await ada.post('/logout').expect(200)
    await ada.post('/transfer', { n: 1 }).expect(401)
    await ada.post('/login/local', { username: 'ada', password: people().ada!.password }).expect(200)
    await ada.post('/login/pin', { code: '246810' }).expect(200)
    await ada.post('/transfer', { n: 1 }).expect(403)
  })

  it('require({ bind }) gives the strategy the values as texts and the age of the proof, at its begin and end', async () => {
    const seen: unknown[] = []
    const { app, text } = built((req) => req.body, { maxAge: '90s' })
    const plain = text.strategy.run
    text.strategy.run = function (req, options) {
      seen.push([options.action, options.details, options.maxAge])
      return plain.call(this, req, options)
    }
    const ada = await loggedIn(app)
    await confirm(ada, { to: 'Bob', amount: 5.5, urgent: true })
    const details = { to: 'Bob', amount: '5.5', urgent: 'true' }
    expect(seen).toEqual([['send', details, '90s'], [undefined, details, '90s']])
  })

  it('require({ bind }) shows the values on the page, as text', async () => {
    const { app } = built()
    const ada = await loggedIn(app)
    const { location } = (await ada.form('/transfer', { to: '<b>Bob</b>', amount: '5' }).expect(303)).headers
    const { text } = await ada.page(location!).expect(200)
    expect(text).toContain('You are confirming:')
    expect(text).toContain('<dt>to</dt><dd dir="auto">&lt;b&gt;Bob&lt;/b&gt;</dd>')
  })

  it('require({ bind }) takes an async bind', async () => {
    const { app } = built(async (req) => ({ n: await Promise.resolve(req.body.n) }))
    const ada = await loggedIn(app)
    await confirm(ada, { n: 1 })
    await ada.post('/transfer', { n: 1 }).expect(200)
  })

  it.each<[string, any]>([
    ['nothing', () => undefined],
    ['null', () => null],
    ['text', () => 'x'],
    ['a list', () => ['x']],
    ['nothing in it', () => ({})],
    ['a missing value', (req: any) => ({ amount: req.body.nothing })],
    ['a null', () => ({ n: null })],
    ['a list in it', () => ({ n: [1] })],
    ['an object in it', () => ({ n: { valueOf: () => 1 } })],
    ['a text object', () => ({ n: new String('x') })],
    ['a bigint', () => ({ n: 1n })],
    ['NaN', () => ({ n: NaN })],
    ['infinity', () => ({ n: 1 / 0 })],
    ['a date', () => ({ n: new Date(0) })],
    ['a function', () => ({ n: () => 1 })],
    ['a map', () => new Map([['n', 1]])],
    ['a throw', () => { throw new Error('inside bind') }],
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
    ['a rejection with nothing', () => Promise.reject(undefined)],
    ['a rejection', async () => { throw new Error('inside bind') }],
    ['a field of no body', (req: any) => ({ n: req.nothing.n })],
  ])('a bind that returns %s is 400 bind_invalid, and nothing is asked or opened', async (_, bind) => {
    const { app, handled } = built(bind)
    const ada = await loggedIn(app)
    const { body } = await ada.post('/transfer', { n: 1 }).expect(400)
    expect(body).toMatchObject({ code: 'bind_invalid', status: 400 })
    expect(JSON.stringify(body)).not.toContain('inside bind')
    await ada.form('/transfer', { n: 1 }).expect(400)
    expect(handled).toEqual([])
    expect((await ada.get('/login')).body.status).toBe('complete')
  })

  it('require({ bind }) is 400 bind_invalid for a field that was sent twice, and for a missing body', async () => {
    const { app } = built((req) => ({ to: req.body.to }))
    const ada = await loggedIn(app)
    await ada.agent.post('/transfer').set('Accept', 'application/json').type('form').send('to=Bob&to=Eve').expect(400)
    await ada.agent.post('/transfer').expect(400)
    await ada.agent.post('/transfer').set('Content-Type', 'text/plain').send('to=Bob').expect(400)
  })

  it('a bind that never answers is 503', async () => {
    const { app } = built(() => new Promise(() => undefined))
    const ada = await loggedIn(app)
    expect((await ada.post('/transfer', { n: 1 }).expect(503)).body.code).toBe('factor_unavailable')
  })

  it('bind is not called for an anonymous request', async () => {
    const { app } = built(() => { throw new Error('not to be called') })
    await browser(app).post('/transfer', { n: 1 }).expect(401)
  })

  it('require({ bind }) guards a GET, to which the browser returns by itself', async () => {
    const { app, handled } = built((req) => ({ file: String(req.query.file) }))
    const ada = await loggedIn(app)
    const { location } = (await ada.page('/download?file=a').expect(303)).headers
    const id = /for=([\w-]+)/.exec(location!)![1]!
    await ada.form('/login/text/challenge', { for: id })
    expect((await ada.form('/login/text', { for: id, code: 'code of text 1' }).expect(303)).headers.location).toBe('/download?file=a')
    await ada.page('/download?file=b').expect(303)
    await ada.page('/download?file=a').expect(200)
    await ada.page('/download?file=a').expect(303)
    expect(handled).toHaveLength(1)
  })
})

describe('a guard whose login ends while the guard decides', () => {
  it('a login that is ended while bind reads its values opens no requirement', async () => {
    const { app } = buildApp({
      strategies: [texts().strategy], options: { steps: ['local', 'text'], factors: { text: texting } },
      routes: (host, login) => host.post('/pay', login.require({ factors: 'text', bind: async () => {
        await login.sessions.revokeAll('u1')
        return { amount: 5 }
      } }) as never, (_req, res) => { res.json({ paid: true }) }),
    })
    const ada = browser(app)
    await ada.password()
    await ada.post('/login/text', { code: 'code of text 1' }).expect(200)
    expect((await ada.post('/pay')).body).toMatchObject({ status: 401, code: 'login_required' })
    expect((await ada.who()).authenticated).toBe(false)
  })
})
