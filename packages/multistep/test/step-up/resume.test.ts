import { anyOf, multistep, type RequireOptions } from '../../src/index.js'
import { browser, buildApp, people, pin } from '../support/app.js'
import { device, texting, texts } from '../support/factors.js'
import { describeWithBackends, type Backend } from '../support/stores.js'
import { Passport } from 'passport'

const minute = 60_000
const bob = { payee: 'Bob', amount: '25.5' }
const unescaped = (text: string) => text.replace(/&quot;/g, '"').replace(/&#39;/g, '\'').replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&amp;/g, '&')

/** The form of the last page that goes to `action`. */
const formTo = (page: string, action: string): Record<string, string> => {
  const [, form = ''] = page.split(`action="${action}"`)
  const inside = form.split('</form>')[0]!
  return Object.fromEntries([...inside.matchAll(/name="([^"]*)" value="([^"]*)"/g)].map(([, name = '', value = '']) => [name, unescaped(value)]))
}

describeWithBackends('a confirmed request', (create) => {
  let backend: Backend
  let instant: number
  beforeEach(async () => {
    instant = 1_700_000_000_000
    const made = await create()
    backend = { ...made, flows: made.flowsAt(() => instant) }
  })
  afterEach(() => backend.close())

  const built = (more: Partial<RequireOptions<'pin' | 'text'>> = {}, options: object = {}) => {
    const text = texts('text')
    const handled: unknown[] = []
    const { app } = buildApp({
      strategies: [pin(), text.strategy],
      session: { store: backend.sessions },
      options: {
        steps: ['local', anyOf('pin', 'text')], store: backend.flows, factors: { pin: device, text: texting }, stepTimeout: '200ms', now: () => instant, ...options,
      },
      routes: (host, login) => {
        const guard = login.require({
          factors: 'text', bind: (req) => ({ payee: req.body.payee, amount: Number(req.body.amount) }), currency: { amount: 'EUR' },
          resume: { text: { en: 'Pay {amount} to {payee}', de: '{amount} an {payee} zahlen' } }, ...more,
        }) as any
        host.get('/transfer', login.require() as any, (req, res, next) => { login.progress(req as any).then((state) => res.json(state), next) })
        host.post('/transfer', guard, (req, res) => {
          handled.push({ ...req.body })
          res.json({ done: true })
        })
        host.post('/only-posts', guard, (_req, res) => { res.json({ done: true }) })
        host.post('/by-hand', login.authenticate('text', { successRedirect: '/' }) as any)
      },
    })
    return { app, text, handled }
  }
  type App = ReturnType<typeof built>['app']
  const loggedIn = async (app: App) => {
    const person = browser(app)
    await person.post('/login/local', { username: 'ada', password: people().ada!.password }).expect(200)
    await person.post('/login/pin', { code: '246810' }).expect(200)
    return person
  }
  type Person = Awaited<ReturnType<typeof loggedIn>>
  const idIn = (location: string | undefined) => new URLSearchParams(location!.split('?')[1]).get('for')!
  const begun = async (person: Person, values: object = bob, path = '/transfer') => idIn((await person.form(path, values).expect(303)).headers.location)
  let texted = 0
  beforeEach(() => { texted = 0 })
  const proven = async (person: Person, id: string, path = '/login/text') => {
    await person.form('/login/text/challenge', { for: id }).expect(303)
    texted += 1
    return (await person.form(path, { for: id, code: `code of text ${texted}` }).expect(303)).headers.location!
  }
  const confirmed = async (person: Person) => {
    const id = await begun(person)
    return (await person.page(await proven(person, id)).expect(200)).text
  }

  it('is shown on the last page with one button that sends it, and passes once of twenty presses (E-05 at require and router)', async () => {
    const { app, text, handled } = built()
    const ada = await loggedIn(app)
    const id = await begun(ada)
    const location = await proven(ada, id)
    expect(location).toBe(`/login/confirm?for=${id}`)
    expect(text.sent[0]!.details).toEqual({ payee: 'Bob', amount: '25.50 EUR' })
    const page = (await ada.page(location).expect(200)).text
    expect(page).toContain('Pay <bdi dir="auto">25.50 EUR</bdi> to <bdi dir="auto">Bob</bdi></button>')
    expect(handled).toEqual([])
    const fields = formTo(page, '/transfer')
    expect(fields).toEqual({ _csrf: expect.any(String), _grant: id, payee: 'Bob', amount: '25.5' })
    const answers = await Promise.all(Array.from({ length: 20 }, () => ada.form('/transfer', fields)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    const others = answers.filter(({ status }) => status !== 200)
    for (const { status, text: said } of others) expect([status, said]).toEqual([401, expect.stringContaining('What you were confirming is done or has expired.')])
    expect(others[0]!.text).toContain('<a class="primary" href="/transfer">Go back</a>')
    expect(handled).toHaveLength(1)
    expect((await ada.get('/login')).body).not.toHaveProperty('granted')
    await ada.page(location).expect(401)
  })

  it('sends nothing by GET or HEAD, and its page takes no post (E-05)', async () => {
    const { app, handled } = built()
    const ada = await loggedIn(app)
    const id = await begun(ada)
    const location = await proven(ada, id)
    for (let visit = 0; visit < 3; visit++) await ada.page(location).expect(200)
    await ada.agent.head(location).expect(200)
    const posted = await ada.form(location, bob)
    expect([posted.status, posted.headers.allow]).toEqual([405, 'GET, HEAD'])
    expect(handled).toEqual([])
  })

  it('is sent by no other site, with the right values neither, and waits on for its person (E-05)', async () => {
    const { app, handled } = built()
    const ada = await loggedIn(app)
    const fields = formTo(await confirmed(ada), '/transfer')
    for (const headers of [{ 'Sec-Fetch-Site': 'cross-site' }, { 'Sec-Fetch-Site': 'same-site' }, { Origin: 'https://evil.example' }]) {
      const { _csrf, _grant, ...guessed } = fields
      for (const values of [guessed, { ...guessed, _csrf: 'x', _grant }]) {
        const answer = await ada.agent.post('/transfer').type('form').set({ Accept: 'text/html', ...headers }).send(values)
        expect([answer.status, answer.text]).toEqual([403, expect.stringContaining('came from another site')])
      }
    }
    expect(handled).toEqual([])
    await ada.form('/transfer', fields).expect(200)
  })

  it('is nobody else\'s: not another login\'s of the same person, not with other values (E-05)', async () => {
    const { app, handled } = built()
    const [ada, elsewhere] = [await loggedIn(app), await loggedIn(app)]
    const page = await confirmed(ada)
    const fields = formTo(page, '/transfer')
    const path = `/login/confirm?for=${fields._grant}`
    await elsewhere.page(path).expect(401)
    await elsewhere.form('/transfer', fields).expect(401)
    for (const change of [{ amount: '2500' }, { payee: 'Mallory' }, { amount: '25.50' }]) {
      const answer = await ada.form('/transfer', { ...fields, ...change })
      // 25.50 is the same number.
      expect(answer.status).toBe(change.amount === '25.50' ? 200 : 401)
    }
    expect(handled).toEqual([{ ...fields, amount: '25.50' }])
  })

  it('expires, and says so on its page and to its button (E-05)', async () => {
    const { app, handled } = built()
    const ada = await loggedIn(app)
    const fields = formTo(await confirmed(ada), '/transfer')
    instant += 5 * minute + 1
    await ada.page(`/login/confirm?for=${fields._grant}`).expect(401)
    const late = await ada.form('/transfer', fields)
    expect([late.status, late.text]).toEqual([401, expect.stringContaining('done or has expired')])
    expect(handled).toEqual([])
    await begun(ada)
  })

  it.each([['before it is proven', false], ['on the last page', true]])('is given up by Cancel %s: back on its page, with its values once, and nothing opens (E-05)', async (_, isProven) => {
    const { app, handled } = built()
    const ada = await loggedIn(app)
    const id = await begun(ada)
    const fields = isProven ? formTo((await ada.page(await proven(ada, id))).text, '/transfer') : { ...bob, _grant: id }
    expect((await ada.form('/login/cancel', { for: id }).expect(303)).headers.location).toBe('/transfer')
    expect((await ada.get('/transfer')).body).toMatchObject({ values: bob })
    expect((await ada.get('/transfer')).body).not.toHaveProperty('values')
    expect((await ada.get('/transfer')).body).not.toHaveProperty('granted')
    await ada.form('/transfer', fields).expect(401)
    expect(handled).toEqual([])
  })

  it('is told to a form of the app\'s own where there is no last page, and returns there without a Referer (E-05)', async () => {
    const { app, handled } = built({ resume: undefined as never })
    const ada = await loggedIn(app)
    expect(await proven(ada, await begun(ada))).toBe('/transfer')
    expect((await ada.get('/transfer')).body.granted).toEqual([{
      id: expect.stringMatching(/^[\w-]{22}$/), details: { payee: 'Bob', amount: '25.50 EUR' }, values: bob, page: '/transfer',
      expiresAt: new Date(instant + 5 * minute).toISOString(),
    }])
    await ada.form('/transfer', bob).expect(200)
    expect((await ada.get('/transfer')).body).not.toHaveProperty('granted')
    expect(handled).toEqual([bob])
    expect(await proven(ada, await begun(ada, bob, '/only-posts'))).toBe('/')
  })

  it('of steps that are mounted by hand ends on the app\'s page (E-05)', async () => {
    const { app } = built()
    const ada = await loggedIn(app)
    expect(await proven(ada, await begun(ada), '/by-hand')).toBe('/transfer')
  })

  it('takes fields of the app along, which nobody confirms (E-05)', async () => {
    const { app, handled } = built({ resume: { text: 'Pay', fields: (req) => ({ _csrf: `token of ${req.method}`, payee: 'Mallory' }) } })
    const ada = await loggedIn(app)
    const fields = formTo(await confirmed(ada), '/transfer')
    expect(fields).toMatchObject({ _csrf: 'token of POST', payee: 'Bob' })
    await ada.form('/transfer', fields).expect(200)
    expect(handled).toHaveLength(1)
  })

  it('that could not be sent as it was confirmed is the programmer\'s mistake, told before anything is sent (E-05)', async () => {
    const { app, text } = built({ bind: (req) => ({ payee: req.body.to, amount: Number(req.body.amount) }) })
    const ada = await loggedIn(app)
    const answer = await ada.form('/transfer', { to: 'Bob', amount: '1' })
    expect(answer.body).toMatchObject({ code: 'misconfigured', message: expect.stringContaining('bind did not take them') })
    expect(text.sent).toEqual([])
    // A program is not asked to press a button: it may send what no form could.
    expect((await ada.post('/transfer', { to: 'Bob', amount: 1 })).body).toMatchObject({ code: 'step_up_required', requirement: { details: { payee: 'Bob' } } })
    const odd = built({ bind: (req) => ({ payee: `${req.body.payee}!`, amount: 1 }) })
    const told = await (await loggedIn(odd.app)).form('/transfer', bob)
    expect([told.status, told.body]).toEqual([500, { handled: true, name: 'MultistepError', code: 'misconfigured', message: expect.stringContaining('bind gave another payee') }])
    const unnamed = await (await loggedIn(built({ resume: { text: 'Pay {sum}' } }).app)).form('/transfer', bob)
    expect(unnamed.body.message).toContain('resume.text names {sum}')
  })

  it('that bind reads with another type from a form is the programmer\'s mistake, told before anything is sent (E-05)', async () => {
    const { app, text } = built({ bind: (req) => ({ payee: req.body.payee, amount: req.body.first ? 1 : String(req.body.amount) }), currency: undefined as never, resume: { text: 'Pay' } })
    const ada = await loggedIn(app)
    const told = await ada.form('/transfer', { ...bob, amount: '1', first: 'yes' })
    expect([told.status, told.body.message]).toEqual([500, expect.stringContaining('bind gave another type for them')])
    expect(text.sent).toEqual([])
  })

  it.each([['a text', 'token'], ['a number in a field', { _csrf: 5 }], ['a list of numbers', [5]]])('whose fields of the app are %s is the programmer\'s mistake, told before anything is sent (E-05)', async (_, fields) => {
    const { app, text } = built({ resume: { text: 'Pay', fields: (() => fields) as never } })
    const told = await (await loggedIn(app)).form('/transfer', bob)
    expect([told.status, told.body.message]).toEqual([500, 'multistep: require: resume.fields must return an object of texts.'])
    expect(text.sent).toEqual([])
  })

  it('that a program sends a second time is told as over, and opens nothing (E-05)', async () => {
    const { app, handled } = built()
    const ada = await loggedIn(app)
    const id = await begun(ada)
    await proven(ada, id)
    await ada.post('/transfer', { ...bob, _grant: id }).expect(200)
    const again = await ada.post('/transfer', { ...bob, _grant: id })
    expect([again.status, again.body.code, again.body.requirement]).toEqual([401, 'flow_expired', undefined])
    expect(handled).toHaveLength(1)
  })

  it('whose amount has more decimals than its currency, or is no number, is refused (E-02)', async () => {
    const { app } = built({ bind: (req) => ({ payee: req.body.payee, amount: req.body.text ?? Number(req.body.amount) }) })
    const ada = await loggedIn(app)
    for (const values of [{ ...bob, amount: '1.005' }, { ...bob, text: '25 EUR' }]) expect((await ada.post('/transfer', values)).body).toMatchObject({ code: 'bind_invalid', status: 400 })
    expect((await ada.post('/transfer', { ...bob, amount: '0.1' })).body.requirement.details).toEqual({ payee: 'Bob', amount: '0.10 EUR' })
  })

  it('is worded in the person\'s language', async () => {
    const { app } = built({}, { locale: () => 'de-AT', messages: { fields: { payee: 'An', amount: 'Betrag' } } })
    const page = await confirmed(await loggedIn(app))
    expect(page).toContain('<bdi dir="auto">25.50 EUR</bdi> an <bdi dir="auto">Bob</bdi> zahlen</button>')
    expect(page).toContain('<dt>Betrag</dt>')
  })

  it('is repeated by programs themselves, as ever: with the same values, in JSON (E-05)', async () => {
    const { app, handled } = built()
    const ada = await loggedIn(app)
    const { id } = (await ada.post('/transfer', { payee: 'Bob', amount: 25.5 }).expect(403)).body.requirement
    await ada.post('/login/text/challenge', { for: id }).expect(200)
    const done = await ada.post('/login/text', { for: id, code: 'code of text 1' }).expect(200)
    expect(done.body).toMatchObject({ status: 'complete', returnTo: `/login/confirm?for=${id}`, granted: [{ id, details: { amount: '25.50 EUR' } }] })
    expect((await ada.get(`/login/confirm?for=${id}`)).body).toMatchObject({ grant: { id }, form: { action: '/transfer', fields: { payee: 'Bob', amount: '25.5' } } })
    await ada.post('/transfer', { payee: 'Bob', amount: 25.5 }).expect(200)
    expect(handled).toHaveLength(1)
  })
})

describe('login.require with resume or currency', () => {
  const login = () => {
    const passport = new Passport()
    passport.use(pin())
    passport.use('text', pin('text'))
    return multistep(passport, { steps: ['pin', 'text'], factors: { pin: { ...device, lockout: 'own' }, text: texting } })
  }
  const bind = () => ({ amount: 1 })

  it.each<[RequireOptions, string]>([
    [{ resume: { text: 'Pay' } }, 'require.resume is about the values of bind'],
    [{ currency: { amount: 'EUR' } }, 'require.currency is about the values of bind'],
    [{ bind, currency: { amount: 'EURO' } }, 'currency.amount is an ISO 4217 code'],
    [{ bind, resume: {} as never }, 'require.resume.text is missing'],
    [{ bind, resume: { text: {} } }, 'require.resume.text is a text'],
    [{ bind, resume: { text: 'Pay', button: 'x' } as never }, 'there is no option \'require.resume.button\''],
  ])('says at start-up what is wrong with %j', (options, words) => {
    expect(() => login().require(options as never)).toThrow(words)
  })
})
