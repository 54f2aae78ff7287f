import type { FactorOptions } from '../../src/index.js'
import { browser, buildApp, Scripted } from '../support/app.js'
import { device, texting } from '../support/factors.js'

/** The one factor behind the password, whose strategy has these members beside `authenticate`. */
async function shown(members: object, factor: FactorOptions = device, run: ConstructorParameters<typeof Scripted>[1] = () => undefined, options: object = {}) {
  const strategy = Object.assign(new Scripted('odd', run), members)
  const { app } = buildApp({ strategies: [strategy], options: { steps: ['local', 'odd'], factors: { odd: factor }, ...options } })
  const ada = browser(app)
  await ada.password()
  return (await ada.get('/login')).body.factors[0]
}

describe('what a strategy says of its fields', () => {
  it.each<[string, unknown, object | undefined]>([
    ['digits and an example', { code: { digits: 6, example: '123456' } }, { code: { digits: 6, example: '123456' } }],
    ['an example only', { code: { example: 'ABC' } }, { code: { example: 'ABC' } }],
    ['no number of digits', { code: { digits: 'six' }, more: { digits: 0 }, half: { digits: 1.5 } }, {}],
    ['null of a field', { code: null, more: { digits: 4 } }, { more: { digits: 4 } }],
    ['an empty object', {}, {}],
    ['null', null, undefined],
    ['a text', 'six digits', undefined],
  ])('a client is told what is well formed of the fields of a strategy that says %s', async (_, said, inputs) => {
    expect((await shown({ inputs: () => said })).inputs).toEqual(inputs)
  })

  it('a strategy that says something later is waited for, and one that breaks says nothing', async () => {
    expect((await shown({ inputs: async () => ({ code: { digits: 8 } }) })).inputs).toEqual({ code: { digits: 8 } })
    for (const inputs of [() => { throw new Error('broken') }, async () => { throw new Error('broken') }, 'no function']) {
      expect((await shown({ inputs })).inputs).toBeUndefined()
    }
  })
})

describe('a challenge that is shown', () => {
  const until = (expiresAt: string) => shown({}, texting, function () { (this.pass as (info: unknown) => void)({ challenge: 'one', public: { expiresAt } }) })

  it('a challenge is shown until it expires, and not afterwards', async () => {
    const [later, before] = [new Date(Date.now() + 3_600_000).toISOString(), new Date(Date.now() - 1).toISOString()]
    expect((await until(later)).challenge).toEqual({ expiresAt: later })
    expect((await until(before)).challenge).toBeUndefined()
  })

  const withNews = (delivery: unknown, options: object = {}) => shown({ delivery }, texting, function () {
    (this.pass as (info: unknown) => void)({ challenge: 'one', public: { to: '…123', delivery: 'waiting' } })
  }, options)

  it('a challenge with news is shown as its strategy says that it stands now', async () => {
    const asked: unknown[] = []
    const news = async (handle: unknown) => (asked.push(handle), { to: '…123', delivery: 'late' })
    expect((await withNews(news)).challenge).toEqual({ to: '…123', delivery: 'late' })
    expect(new Set(asked)).toEqual(new Set(['one']))
  })

  it.each<[string, unknown]>([
    ['says nothing', async () => undefined],
    ['breaks', () => { throw new Error('broken') }],
    ['rejects', async () => { throw new Error('broken') }],
    ['never answers', () => new Promise(() => undefined)],
    ['has no such method', 'no function'],
  ])('a challenge with news is shown as it began where its strategy %s', async (_, delivery) => {
    expect((await withNews(delivery, { stepTimeout: '1s' })).challenge).toEqual({ to: '…123', delivery: 'waiting' })
  })

  it('a challenge whose end is no instant is shown', async () => {
    expect((await until('soon')).challenge).toEqual({ expiresAt: 'soon' })
  })
})
