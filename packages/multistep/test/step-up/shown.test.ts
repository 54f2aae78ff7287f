import { allOf, anyOf, type FactorOptions, type RequireOptions } from '../../src/index.js'
import { flawOf } from '../../src/step-up/readable-values.js'
import { browser, buildApp, people, pin, Scripted } from '../support/app.js'
import { device, texting, texts } from '../support/factors.js'
import { describeWithBackends, type Backend } from '../support/stores.js'

type Names = 'local' | 'pin' | 'text' | 'mobileconnect'
const proving = (proves: unknown, name = 'mobileconnect') => Object.assign(new Scripted(name, function (req) { this.success(req.user) }), proves === undefined ? {} : { provesDetails: proves })

describeWithBackends('what a person confirms', (create) => {
  let backend: Backend
  beforeEach(async () => { backend = await create() })
  afterEach(() => backend.close())

  interface Given { mobile?: Scripted, mobileconnect?: FactorOptions, text?: ReturnType<typeof texts>, required?: Partial<RequireOptions<Names>> }
  function built({ mobile = proving(undefined), mobileconnect = {}, text = texts('text'), required = {} }: Given = {}) {
    const refused: unknown[] = []
    const { app, passport, login } = buildApp({
      strategies: [pin(), text.strategy, mobile],
      session: { store: backend.sessions },
      options: { store: backend.flows, steps: ['local', anyOf('pin', 'text', 'mobileconnect')], factors: { pin: device, text: texting, mobileconnect: { enrolled: () => true, ...mobileconnect } } },
      routes: (host, its) => {
        its.on('bind.refused', (event) => { refused.push(event) })
        host.post('/transfer', its.require({ factors: anyOf('text', 'mobileconnect'), bind: (req) => req.body, ...required }) as any, (_req, res) => { res.json({ done: true }) })
      },
    })
    return { app, passport, login, refused, text }
  }
  const loggedIn = async (app: ReturnType<typeof built>['app']) => {
    const ada = browser(app)
    await ada.password().expect(200)
    await ada.post('/login/pin', { code: '246810' }).expect(200)
    return ada
  }
  const values = { to: 'Bob', amount: 5 }
  const offered = (body: { factors: { factor: string }[] }) => body.factors.map(({ factor }) => factor)

  describe('is proven to be what they were shown (E-03 at require)', () => {
    it.each<[string, unknown, FactorOptions, boolean]>([
      ['neither the app nor the strategy of Mobile Connect says anything', undefined, {}, false],
      ['the strategy says that it does', true, {}, true],
      ['the strategy says that it does not', false, {}, false],
      ['the strategy says something else', 'yes', {}, false],
      ['the app says that it does, and the strategy that it does not', false, { provesDetails: true }, true],
      ['the app says that it does not, and the strategy that it does', true, { provesDetails: false }, false],
    ])('a bound value asks for no factor that does not prove what it showed: %s', async (_, proves, mobileconnect, counts) => {
      const { app, login } = built({ mobile: proving(proves), mobileconnect })
      const ada = await loggedIn(app)
      const { body } = await ada.post('/transfer', values).expect(403)
      expect(body.missing).toEqual(counts ? ['text', 'mobileconnect'] : ['text'])
      const { id } = body.requirement
      expect(offered((await ada.get(`/login?for=${id}`)).body)).toEqual(body.missing)
      await ada.post('/login/mobileconnect', { for: id }).expect(counts ? 200 : 409)
      await ada.post('/transfer', values).expect(counts ? 200 : 403)
      const { text, steps } = await login.explain(people().ada as never)
      expect(steps[1]!.factors.filter(({ provesDetails }) => provesDetails === false).map(({ factor }) => factor)).toEqual(counts ? [] : ['mobileconnect'])
      expect(text.includes('Not for require({ bind }): what its device showed is not proven.')).toBe(!counts)
    })

    it('a factor proves what it showed under any name that a policy gives to its strategy, and so does another strategy that says so', async () => {
      const build = (name: string, strategy: Scripted, options: FactorOptions) => () => buildApp({
        strategies: [strategy], options: { steps: ['local', name], factors: { [name]: { sees: 'pending', ...options } } },
      }).login.require({ factors: name, bind: () => values })
      expect(build('operator', proving(undefined), { strategy: 'mobileconnect' })).toThrow('nobody can meet bind')
      expect(build('ciba', proving(false, 'ciba'), {})).toThrow('nobody can meet bind: that what was shown is what was asked is not proven for ciba')
      expect(build('ciba', proving(undefined, 'ciba'), {})).not.toThrow()
      expect(build('operator', proving(true), { strategy: 'mobileconnect' })).not.toThrow()
    })

    it('a policy that only a factor without such proof could meet does not start', () => {
      for (const required of [{ factors: 'mobileconnect' }, { factors: allOf('local', 'mobileconnect') }, { factors: 'mobileconnect', mfa: true }] as const) {
        expect(() => built({ required })).toThrow('require: nobody can meet bind: that what was shown is what was asked is not proven for mobileconnect')
      }
      expect(() => built({ required: { factors: 'mobileconnect' }, mobileconnect: { provesDetails: true } })).not.toThrow()
      expect(() => built({ mobileconnect: { provesDetails: 'yes' as never } })).toThrow('provesDetails is true or false')
    })

    it('a proof opens nothing where its strategy was registered again between the beginning and the answer', async () => {
      const { app, passport } = built({ mobile: proving(true) })
      const ada = await loggedIn(app)
      const { id } = (await ada.post('/transfer', values).expect(403)).body.requirement
      expect(offered((await ada.get(`/login?for=${id}`)).body)).toContain('mobileconnect')
      passport.use(proving(false))
      await ada.post('/login/mobileconnect', { for: id }).expect(409)
      await ada.post('/transfer', values).expect(403)
    })

    it('a proof opens nothing where its strategy no longer proves what it shows when it answers', async () => {
      const mobile = Object.assign(new Scripted('mobileconnect', function (req) {
        Object.assign(mobile, { provesDetails: false })
        this.success(req.user)
      }), { provesDetails: true })
      const { app } = built({ mobile })
      const ada = await loggedIn(app)
      const { id } = (await ada.post('/transfer', values).expect(403)).body.requirement
      expect((await ada.post('/login/mobileconnect', { for: id }).expect(200)).body.status).toBe('step-up')
      await ada.post('/transfer', values).expect(403)
    })

    it('a grant opens nothing where its strategy no longer proves what it shows', async () => {
      const { app, passport } = built({ mobile: proving(true) })
      const ada = await loggedIn(app)
      const { id } = (await ada.post('/transfer', values).expect(403)).body.requirement
      await ada.post('/login/mobileconnect', { for: id }).expect(200)
      passport.use(proving(false))
      await ada.post('/transfer', values).expect(403)
    })

    it('a policy in which no factor is left that proves what it shows is a mistake of the app', async () => {
      const { app, passport } = built({ mobile: proving(true), required: { factors: 'mobileconnect' } })
      const ada = await loggedIn(app)
      passport.use(proving(false))
      expect((await ada.post('/transfer', values).expect(500)).body.code).toBe('misconfigured')
    })

    it('a factor without such proof meets a requirement that binds nothing', async () => {
      const { app } = built({ required: { bind: undefined as never } })
      const ada = await loggedIn(app)
      const { id } = (await ada.post('/transfer').expect(403)).body.requirement
      await ada.post('/login/mobileconnect', { for: id }).expect(200)
      await ada.post('/transfer').expect(200)
    })
  })

  describe('can be shown by the factor that is asked for (E-04 at require)', () => {
    const checking = (strategy: object, check: (details: Readonly<Record<string, string>>) => unknown) => Object.assign(strategy, { checkDetails: check })

    it('a value that the factor cannot show is 400 before anything is sent, and the programmer hears of which value', async () => {
      const text = texts('text')
      const asked: unknown[] = []
      checking(text.strategy, function (this: unknown, details) {
        asked.push([this === text.strategy, details])
        return details.to === 'Bob' ? undefined : 'to'
      })
      const { app, refused } = built({ text, required: { factors: 'text' } })
      const ada = await loggedIn(app)
      const { body } = await ada.post('/transfer', { to: 'Zoe', amount: 5 }).expect(400)
      expect(body).toMatchObject({ code: 'bind_invalid' })
      expect(JSON.stringify(body)).not.toContain('"to"')
      expect(refused).toEqual([{ factor: 'text', name: 'to', reason: 'cannot be shown' }])
      expect(asked).toContainEqual([true, { to: 'Zoe', amount: '5' }])
      expect(text.sent).toEqual([])
      await ada.post('/transfer', values).expect(403)
    })

    it('a factor that cannot show the value is not offered beside one that can', async () => {
      const text = texts('text')
      checking(text.strategy, () => 'to')
      const { app, refused } = built({ text, mobile: proving(true) })
      const ada = await loggedIn(app)
      const { body } = await ada.post('/transfer', values).expect(403)
      expect(body.missing).toEqual(['mobileconnect'])
      await ada.post('/login/text/challenge', { for: body.requirement.id }).expect(409)
      expect([text.sent, refused]).toEqual([[], []])
    })

    it('a value is 400 for a user who only has the factor that cannot show it', async () => {
      const text = texts('text')
      checking(text.strategy, () => 'to')
      const { app, refused } = built({ text, mobile: proving(true), mobileconnect: { enrolled: () => false } })
      const ada = await loggedIn(app)
      expect((await ada.post('/transfer', values).expect(400)).body.code).toBe('bind_invalid')
      expect(refused).toEqual([{ factor: 'text', name: 'to', reason: 'cannot be shown' }])
    })

    it.each<[string, () => unknown]>([['a promise', () => Promise.resolve(undefined)], ['a boolean', () => true], ['null', () => null]])('a strategy that answers %s when asked what it can show is a mistake of the app', async (_, check) => {
      const text = texts('text')
      checking(text.strategy, check)
      const { app } = built({ text })
      const ada = await loggedIn(app)
      expect((await ada.post('/transfer', values).expect(500)).body.code).toBe('misconfigured')
    })
  })

  it('a value that cannot be shown as it is is 400, without a text, and its name is told to the programmer alone (E-02 at require)', async () => {
    const { app, refused, text } = built()
    const ada = await loggedIn(app)
    const { body } = await ada.post('/transfer', { to: 'Bob\u202e', amount: 5 }).expect(400)
    expect(body).toMatchObject({ code: 'bind_invalid' })
    expect(refused).toEqual([{ name: 'to', reason: 'holds a sign that nobody sees' }])
    expect(text.sent).toEqual([])
    await ada.agent.post('/transfer').set('Content-Type', 'application/json').send('{"__proto__":"x","n":1}').expect(400)
  })

  it('the values to confirm stand on the page whole, each by itself (E-02 at router)', async () => {
    const { app } = built({ required: { factors: 'text', page: '/' } })
    const ada = await loggedIn(app)
    const long = `${'Bob, amount: 5 & '.repeat(8)}"x"`
    const { location } = (await ada.form('/transfer', { to: long, amount: '5' }).expect(303)).headers
    const { text } = await ada.page(location!).expect(200)
    expect(text).toContain(`<dt>to</dt><dd dir="auto">${long.replaceAll('&', '&amp;').replaceAll('"', '&quot;')}</dd>`)
  })
})

describe('a value that cannot be confirmed (E-02)', () => {
  it.each<[string, unknown, string]>([
    ['nothing', '', 'is empty'],
    ['a space', ' ', 'is empty'],
    ['what has no width', '\u200b\u2060', 'is empty'],
    ['a blank of Braille', '\u2800', 'is empty'],
    ['a Hangul filler', '\u3164', 'is empty'],
    ['a line break', 'Bob\nEve', 'holds a sign that nobody sees'],
    ['a null byte', 'Bob\0', 'holds a sign that nobody sees'],
    ['a mark that turns the writing', 'Bob \u202etxt', 'holds a sign that nobody sees'],
    ['an isolate', '\u2067Bob\u2069', 'holds a sign that nobody sees'],
    ['a soft hyphen', 'Bo\u00adb', 'holds a sign that nobody sees'],
    ['a tag', 'Bob\u{e0041}', 'holds a sign that nobody sees'],
    ['a variation selector', 'Bob\ufe0f', 'holds a sign that nobody sees'],
    ['half a sign', 'Bob\ud800', 'holds a sign that nobody sees'],
    ['a sign of private use', 'Bob\ue000', 'holds a sign that nobody sees'],
    ['a space behind', 'Bob ', 'holds a space that nobody sees'],
    ['a space in front', ' Bob', 'holds a space that nobody sees'],
    ['two spaces', 'Bob  Smith', 'holds a space that nobody sees'],
    ['a no-break space', 'Bob\u00a0Smith', 'holds a space that nobody sees'],
    ['accents apart', 'Zoe\u0308', 'can be written in another way that looks the same'],
    ['a ligature', 'ﬁn', 'can be written in another way that looks the same'],
    ['letters of mathematics', '\u{1d401}ob', 'can be written in another way that looks the same'],
    ['a digit of full width', '１', 'can be written in another way that looks the same'],
    ['the number sign of Kelvin', '5 \u212a', 'can be written in another way that looks the same'],
    ['a letter of another alphabet', '\u0412ob', 'holds letters or digits of several alphabets'],
    ['another one', 'B\u03bfb', 'holds letters or digits of several alphabets'],
    ['one of Cherokee', 'B\u13a0b', 'holds letters or digits of several alphabets'],
    ['a word of another alphabet', '\u0412\u041e\u0412 Ltd', 'holds letters or digits of several alphabets'],
    ['digits of two kinds', '1\u0665', 'holds letters or digits of several alphabets'],
    ['what strikes out', '99\u033699', 'holds marks that hide other signs'],
    ['a mark alone', '\u0301Bob', 'holds marks that hide other signs'],
    ['marks in a pile', 'x\u0300\u0301\u0302\u0303', 'holds marks that hide other signs'],
    ['more than a line', 'x'.repeat(141), 'is longer than 140 signs'],
    ['a number with an exponent', 1e21, 'is a number that is not written in digits alone'],
    ['a small one', 1e-7, 'is a number that is not written in digits alone'],
    ['a zero below zero', -0, 'is a number that is not written in digits alone'],
    ['no number', NaN, 'is a number that is not written in digits alone'],
  ])('a value is refused that is %s', (_, value, reason) => {
    expect(flawOf([['to', value as string]])).toEqual({ name: 'to', reason })
  })

  it.each<[string, string]>([
    ['a script object', 'constructor'], ['what objects are made of', '__proto__'], ['nothing', ''], ['a space behind', 'to '], ['a colon', 'to: Bob'], ['a comma', 'to,amount'], ['a line break', 'to\nx'], ['two separators', 'to__x'], ['a mark that nobody sees', 'to\u200b'],
  ])('a value is refused that has the name of %s', (_, name) => {
    expect(flawOf([[name, 'x']])).toMatchObject({ name, reason: expect.stringContaining('is a name of other signs') })
  })

  it('a value is refused whose name is too long, or of two alphabets', () => {
    expect(flawOf([['n'.repeat(41), 'x']])).toMatchObject({ reason: 'is a name of more than 40 signs' })
    expect(flawOf([['\u0430mount', 'x']])).toMatchObject({ reason: 'holds letters or digits of several alphabets' })
    expect(flawOf([['copy', 'x'], ['\u0441\u043e\u0440\u0443', 'y']])).toEqual({ reason: 'names values in letters of several alphabets' })
  })

  it.each([['amount', 'Amount'], ['payeeName', 'payee_name'], ['payee name', 'payee-name'], ['payee', 'payée'], ['account1', 'accountl'], ['ibanO', 'iban0'], ['payrnent', 'payment'], ['to', 'T.o']])('a value is refused whose name reads like another: %s and %s', (one, other) => {
    expect(flawOf([[one, 'x'], [other, 'y']])).toEqual({ name: other, reason: `reads like "${one}"` })
  })

  it('a set of no values, and one of more than ten, is refused', () => {
    expect(flawOf([])).toEqual({ reason: 'names no value' })
    const many = Array.from({ length: 11 }, (_, index) => [`value${'abcdefghkmp'[index]!}`, 'x'] as const)
    expect(flawOf(many)).toEqual({ reason: 'names more than 10 values' })
    expect(flawOf(many.slice(1))).toBe(undefined)
  })

  it.each<[string, string | number | boolean]>([
    ['a name', 'Bob Smith-Jones'], ['an accent', 'Zoë Müller'], ['an address', 'Calle 3º, nº 5'], ['an account', 'GB29NWBK60161331926819'], ['an amount', '1.234,50 €'], ['Greek', 'Αθήνα 5'], ['Cyrillic', 'Анна Каренина'],
    ['Hebrew', 'שלום'], ['Arabic', 'محمد 5'], ['Japanese and Latin', '株式会社 ABC テスト'], ['half-width kana, as banks write it', 'ｶ)ﾔﾏﾀﾞ'], ['Korean', '김철수'], ['Thai', 'สมชาย'], ['Hindi', 'राम'], ['Vietnamese', 'Nguyễn'], ['a sign', '🎁'],
    ['a number', 12.5], ['one below zero', -3], ['zero', 0], ['a large one', 9007199254740991], ['yes', true], ['a line', 'x'.repeat(140)],
  ])('a value is taken that is %s', (_, value) => {
    expect(flawOf([['to', value]])).toBe(undefined)
  })
})
