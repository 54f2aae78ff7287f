import { setImmediate as turn } from 'node:timers/promises'
import request from 'supertest'
import type { MultistepOptions } from '../../src/index.js'
import { people, Scripted, type Person, type Setup } from '../support/app.js'
import { texting } from '../support/factors.js'
import { hosted } from '../support/hosted.js'
import { cookiesOf, listening, posted } from '../support/network.js'
import { describeWithBackends, type Backend } from '../support/stores.js'

jest.mock('node:timers/promises', () => jest.requireActual<typeof import('../support/short-pauses.js')>('../support/short-pauses.js').shortPauses())

const delay = 30_000
const ada = { username: 'ada', password: people().ada!.password }
const alan = { username: 'alan', password: people().alan!.password }

/** Texts a person once in half a minute. Its codes are good for two minutes, for five guesses, and once. */
function sparing(now: () => number) {
  const last = new Map<string, number>()
  const codes = new Map<string, { guesses: number, used: boolean, to: string }>()
  /** While it is held back, a text does not leave. */
  const hold = { until: Promise.resolve() }
  const strategy = new Scripted('text', async function (req, options) {
    const { phone } = req.user as Person
    if (options.action === 'send') {
      const wait = (last.get(phone!) ?? -Infinity) + delay - now()
      if (wait > 0) return this.fail({ code: 'send_throttled', message: 'Later.', retryAfter: Math.ceil(wait / 1000) } as never, 429)
      last.set(phone!, now())
      const challenge = `c${codes.size + 1}`
      codes.set(challenge, { guesses: 0, used: false, to: phone! })
      await hold.until
      const at = (milliseconds: number) => new Date(now() + milliseconds).toISOString()
      return (this.pass as (info: unknown) => void)({ challenge, public: { to: phone, expiresAt: at(120_000), resendAt: at(delay), attemptsLeft: 5 } })
    }
    const code = codes.get(options.challenge)
    if (!code || code.used || code.to !== phone || code.guesses >= 5) return this.fail({ code: 'code_invalid' } as never, 401)
    code.guesses += 1
    if (req.body.code !== `code of ${options.challenge}`) return this.fail({ code: 'code_wrong', attemptsLeft: 5 - code.guesses } as never, 401)
    code.used = true
    this.success(req.user)
  })
  return { strategy, codes, hold }
}

describeWithBackends('a password that is posted again', (create) => {
  let backend: Backend
  let instant: number
  let text: ReturnType<typeof sparing>
  const closing: (() => Promise<void>)[] = []
  beforeEach(async () => {
    backend = await create()
    instant = Date.now()
    text = sparing(() => instant)
  })
  afterEach(async () => {
    for (const close of closing.splice(0)) await close()
    await backend.close()
  })

  const started = (options: object = {}, routes?: Setup<'local'>['routes']) => {
    const now = () => instant
    const all = { steps: ['local', 'text'], factors: { text: texting }, store: backend.flowsAt(now), now, ...options } as unknown as MultistepOptions<'local'>
    return hosted<'local'>(backend, { strategies: [text.strategy], options: all, ...routes ? { routes } : {} })
  }
  const code = { code: 'code of c1' }
  const shown = (body: any) => [body.status, body.problem?.code, body.factors?.[0]?.challenge?.to]

  it('a password posted again finds the code that is on the phone, and sends nothing (K-08 at router)', async () => {
    const { browsing } = started()
    await browsing.post('/login/local', ada)
    instant += 1_000
    const again = await browsing.post('/login/local', ada)
    expect(shown(again.body)).toEqual(['pending', undefined, '+447400123456'])
    expect(shown((await browsing.get('/login')).body)).toEqual(['pending', undefined, '+447400123456'])
    expect((await browsing.post('/login/text', code)).body.status).toBe('complete')
    expect(text.codes.size).toBe(1)
  })

  it('a password posted again finds the sent code on a page that shows its form (K-08 at router)', async () => {
    const { browsing } = started()
    for (let time = 0; time < 3; time += 1) await browsing.form('/login/local', ada)
    expect((await browsing.page('/login')).text).toContain('name="code"')
    expect((await browsing.form('/login/text', code)).headers.location).toBe('/')
  })

  it('a password posted again finds the sent code of a factor that the user chose (K-08 at router)', async () => {
    const { browsing } = started({ factors: { text: { ...texting, challengeOnEntry: false } } })
    await browsing.post('/login/local', ada)
    await browsing.post('/login/text/challenge')
    expect(shown((await browsing.post('/login/local', ada)).body)).toEqual(['pending', undefined, '+447400123456'])
    expect((await browsing.post('/login/text', code)).body.status).toBe('complete')
  })

  it('a password posted again gives no new guesses, and the code is spent once (K-08 at router)', async () => {
    const { app } = started()
    const jars = await Promise.all([1, 2].map(() => request(app).post('/login/local').send(ada)))
    const cookies = jars.map(cookiesOf)
    for (const index of [0, 1, 0, 1]) await request(app).post('/login/text').set('cookie', cookies[index]!).send({ code: 'wrong' })
    expect(text.codes.get('c1')).toMatchObject({ guesses: 4 })
    expect((await request(app).post('/login/text').set('cookie', cookies[1]!).send(code)).body.status).toBe('complete')
    const other = await request(app).post('/login/text').set('cookie', cookies[0]!).send(code)
    expect([other.status, other.body.code]).toEqual([401, 'code_invalid'])
  })

  it('vouch() for the password again finds the sent code (K-08 at vouch)', async () => {
    const { browsing } = started({}, (app, login) => void app.post('/welcome', async (req, res) => {
      res.json(await login.vouch(req, people().ada!, 'local'))
    }))
    await browsing.post('/welcome')
    expect(shown((await browsing.post('/welcome')).body)).toEqual(['pending', undefined, '+447400123456'])
    await browsing.post('/login/local', ada)
    expect((await browsing.post('/login/text', code)).body.status).toBe('complete')
    expect(text.codes.size).toBe(1)
  })

  it('a password posted again sends a new code once it may, and when the last one has ended (K-08 at router)', async () => {
    const { browsing } = started()
    await browsing.post('/login/local', ada)
    instant += delay
    await browsing.post('/login/local', ada)
    expect(text.codes.size).toBe(2)
    instant += 121_000
    expect(shown((await browsing.post('/login/local', ada)).body)).toEqual(['pending', undefined, '+447400123456'])
    expect(text.codes.size).toBe(3)
  })

  it('two passwords at once without a cookie share the sent code, whichever answer the browser keeps (K-08 at router)', async () => {
    const { app } = started()
    const { url, close } = await listening(app)
    closing.push(close)
    let release!: () => void
    text.hold.until = new Promise((resolve) => { release = resolve })
    const posts = [1, 2, 3].map(() => posted(`${url}/login/local`, ada))
    for (let turns = 0; turns < 50; turns += 1) await turn()
    release()
    const answers = await Promise.all(posts)
    for (const { body } of answers) expect(shown(body)).toEqual(['pending', undefined, '+447400123456'])
    expect(text.codes.size).toBe(1)
    const last = await posted(`${url}/login/text`, code, answers.at(-1)!.cookie)
    expect(last.body.status).toBe('complete')
  })

  it('a password posted after the login was given up finds the sent code, or says when the next can leave (K-08 at router)', async () => {
    const { app, browsing } = started()
    await browsing.post('/login/local', ada)
    const before = cookiesOf(await request(app).post('/login/local').send(ada))
    instant += 12_000
    expect((await browsing.post('/login/cancel')).body.status).toBe('anonymous')
    const elsewhere = await request(app).post('/login/local').set('user-agent', 'another').send(ada)
    expect(elsewhere.body.problem).toMatchObject({ code: 'send_throttled', retryAfter: 18 })
    expect(shown((await browsing.post('/login/local', ada)).body)).toEqual(['pending', undefined, '+447400123456'])
    expect((await browsing.post('/login/text', code)).body.status).toBe('complete')
    expect(before).not.toBe('')
  })

  it('a login that was given up cannot go on (K-09 at router)', async () => {
    const { app } = started()
    const first = await request(app).post('/login/local').send(ada)
    const cookie = cookiesOf(first)
    await request(app).post('/login/cancel').set('cookie', cookie).send({})
    const right = await request(app).post('/login/text').set('cookie', cookie).send(code)
    expect([right.status, right.body.code]).toEqual([401, 'login_required'])
    expect((await request(app).get('/login').set('cookie', cookie)).body.status).toBe('anonymous')
  })

  it('a sent code is not taken along by another user, browser or policy, or by a later login (K-09 at router)', async () => {
    const { app, browsing } = started()
    await browsing.post('/login/local', ada)
    expect(shown((await browsing.post('/login/local', alan)).body)).toEqual(['pending', undefined, '+447400123457'])
    expect(text.codes.size).toBe(2)
    const otherBrowser = await request(app).post('/login/local').set('user-agent', 'another').send(ada)
    const { app: otherApp } = started({ loginPath: '/login', publicPath: '/other' })
    const otherPolicy = await request(otherApp).post('/login/local').send(ada)
    instant += 10_000
    const later = await request(app).post('/login/local').send(ada)
    for (const { body } of [otherBrowser, otherPolicy, later]) expect(shown(body)).toEqual(['pending', 'send_throttled', undefined])
  })

  it('a password posted again takes nothing of a step-up along (K-09 at require)', async () => {
    const now = () => instant
    const { app, browsing } = hosted<'local' | 'text'>(backend, {
      strategies: [text.strategy],
      options: { steps: ['local', 'text'], factors: { text: texting }, store: backend.flowsAt(now), now },
      routes: (host, login) => void host.post('/pay', login.require({ factors: 'text', maxAge: '5m' }) as never, (_req, res) => void res.json({})),
    })
    await browsing.post('/login/local', ada)
    await browsing.post('/login/text', code)
    instant += 600_000
    const { body } = await browsing.post('/pay')
    await browsing.post('/login/text/challenge', { for: body.requirement.id })
    expect(text.codes.size).toBe(2)
    expect(shown((await request(app).post('/login/local').send(ada)).body)).toEqual(['pending', 'send_throttled', undefined])
  })
})
