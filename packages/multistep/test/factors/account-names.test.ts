import type { FactorOptions } from '../../src/index.js'
import { accountName } from '../../src/factors/account-name.js'
import { browser, buildApp, people, Scripted } from '../support/app.js'
import { describeWithBackends } from '../support/stores.js'

/** As `utf8mb4_0900_ai_ci` and ICU collations of strength 1 compare. */
const collator = new Intl.Collator('en', { sensitivity: 'base' })

describe('the name that failures are counted by', () => {
  it.each([
    ['another case', 'ADA', 'ada'],
    ['accents', 'ä̈dá', 'ada'],
    ['no-break and trailing space', '\u00a0ada \t', 'ada'],
    ['full width', 'ａｄａ＠ｅｘａｍｐｌｅ．ｏｒｇ', 'ada@example.org'],
    ['what is not seen', 'a\u200bd\u00ada\u202e\ufeff', 'ada'],
    ['a stroke', 'søren', 'soren'],
    ['one letter for two', 'Cæsar', 'caesar'],
    ['a sharp s', 'weiß', 'WEISS'],
    ['a ligature', 'ﬁona', 'fiona'],
    ['the dotless i', 'ılkay', 'ilkay'],
    ['the dotted capital I', 'İLKAY', 'ilkay'],
    ['the long s', 'ſam', 'sam'],
    ['Arabic digits', 'ada٣٤', 'ada34'],
    ['Devanagari digits', 'ada३४', 'ada34'],
    ['a final sigma', 'ΝΙΚΟΣ', 'νικος'],
    ['katakana', 'アダ', 'あだ'],
    ['half width katakana', 'ｱﾀﾞ', 'あだ'],
    ['a final letter of Hebrew', 'מלך', 'מלכ'],
    ['circled letters', 'ⓐⓓⓐ', 'ada'],
    ['a combining letter', 'ad\u0363', 'ada'],
    ['a combining letter of Cyrillic', 'а\u2de0а', 'аба'],
    ['a vowel sign of Devanagari', 'क\u093e', 'क'],
    ['another apostrophe', 'o’brien', 'o\'brien'],
  ])('the name that failures are counted by is the same with %s', (_, spelled, name) => {
    expect(accountName(spelled)).toBe(accountName(name))
  })

  it.each([['ada', 'adam'], ['ada', 'eda'], ['ada1', 'ada2'], ['a.da', 'ada'], ['ada@a.example', 'ada@b.example'], ['анна', 'инна'], ['田中', '中田'], ['ada lovelace', 'adalovelace']])(
    'the name that failures are counted by tells %s from %s', (one, other) => {
      expect(accountName(one)).not.toBe(accountName(other))
    })

  it('the name that failures are counted by is the same for letters and digits that collations take for one, of Latin, Greek and Cyrillic', () => {
    const letters: string[] = []
    for (let point = 0x30; point < 0x2100; point += 1) {
      const letter = String.fromCodePoint(point)
      // No name is written with letters of phonetics, or with the iota that stands beneath a blank.
      if (/[\u0250-\u02af\u037a\u1d00-\u1dbf]/.test(letter)) continue
      if (/^(?=[\p{L}\p{Nd}])[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Common}]$/u.test(letter)) letters.push(letter)
    }
    const sorted = letters.sort(collator.compare)
    const apart = sorted.slice(1).filter((letter, index) =>
      collator.compare(letter, sorted[index]!) === 0 && accountName(letter) !== accountName(sorted[index]!))
    expect(letters.length).toBeGreaterThan(1400)
    expect(apart).toEqual([])
  })

  it('the name that failures are counted by stays the same when it is folded again', () => {
    for (const name of ['Ådà Løvelace', 'ΝΙΚΟΣ', 'アダ', 'weiß', 'O’Brien']) expect(accountName(accountName(name))).toBe(accountName(name))
  })

  it('a name costs no more than its length to fold, and all names that no account can have are folded to one', () => {
    const zalgo = `a${'\u0301'.repeat(50_000)}`
    expect(accountName(zalgo)).toBe(accountName('\ufdfa'.repeat(30_000)))
  })

  it('a hundred thousand letters that were never folded before cost little', () => {
    const before = process.cpuUsage()
    for (let first = 0x5000; first < 0x7000; first += 1000) accountName(Array.from({ length: 1000 }, (_, index) => String.fromCodePoint(first + index)).join(''))
    expect(process.cpuUsage(before).user).toBeLessThan(500_000)
  })
})

describeWithBackends('a lock by name', (create) => {
  /** An app whose store of accounts compares by a collation without accents and case, as MySQL 8 does unless told otherwise. */
  const setup = async (options: { factors?: Record<string, FactorOptions>, strategies?: Scripted[], steps?: any } = {}) => {
    const backend = await create()
    let guesses = 0
    const app = buildApp({ session: { store: backend.sessions }, strategies: options.strategies ?? [], options: { steps: options.steps ?? ['local'], factors: options.factors ?? {}, lockout: { after: 4 }, store: backend.flows } })
    app.passport.use(new Scripted('local', function (req) {
      const user = Object.values(people()).find(({ name }) => collator.compare(name, req.body.username.trim()) === 0)
      if (user) guesses += 1
      if (user && user.password === req.body.password) this.success(user)
      else this.fail(undefined as never)
    }))
    return { ...app, guesses: () => guesses, close: () => backend.close() }
  }

  it('a lock holds for every spelling by which the account is found (L-01 at steps)', async () => {
    const { app, login, guesses, close } = await setup()
    for (const name of ['ada', 'ÀDA', 'adä', 'ａｄａ', 'ad\u00ada', 'ådā', 'a\u0301da']) await browser(app).password(name, 'wrong')
    expect(guesses()).toBe(4)
    expect((await browser(app).password('ada')).status).toBe(429)
    expect((await browser(app).password('alan')).status).toBe(200)
    await login.unlock('ÁDA', 'local')
    expect((await browser(app).password('ada')).status).toBe(200)
    await close()
  })

  it('a lock holds for what account(req) says, in every spelling (L-01)', async () => {
    const { app, guesses, close } = await setup({ factors: { local: { account: (req) => (req.body as { username: string }).username.replace('+news', '') } } })
    for (const name of ['ada', 'Ada', 'ádá', 'adA', 'ȧda']) await browser(app).password(name, 'wrong')
    expect(guesses()).toBe(4)
    await close()
  })

  it.each<[string, FactorOptions, object, Record<string, string>]>([
    ['a name that account(req) does not find', { account: (req) => (req.body as { email?: string }).email }, { username: 'ada', password: 'wrong' }, {}],
    ['a strategy that the app has said nothing of, by the name in the body', {}, { username: 'ada', password: 'wrong' }, {}],
    ['a strategy that the app has said nothing of, by Basic authentication', {}, {}, { Authorization: `Basic ${Buffer.from('ada:wrong').toString('base64')}` }],
  ])('a lock by name is not lifted by %s (L-02 at steps)', async (_, factor, body, headers) => {
    let runs = 0
    const directory = new Scripted('directory', function () {
      runs += 1
      this.fail(undefined as never)
    })
    const { app, close } = await setup({ steps: ['directory'], strategies: [directory], factors: { directory: factor } })
    for (let time = 0; time < 6; time += 1) await browser(app).agent.post('/login/directory').set(headers).send(body)
    expect(runs).toBeLessThanOrEqual(4)
    await close()
  })
})
