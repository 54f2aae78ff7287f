import { anyOf, when, passed } from '../../src/index.js'
import { browser, buildApp, people, pin, Scripted } from '../support/app.js'
import { device, texting, texts } from '../support/factors.js'
import { cookiesOf, listening, posted } from '../support/network.js'

const text = texting
const entered = (more: object = {}, people_ = people()) => {
  const texter = texts('text', people_)
  const built = buildApp({ users: people_, strategies: [texter.strategy], options: { steps: ['local', 'text'], factors: { text: { ...text, ...more } } } })
  return { ...built, ...texter, ada: browser(built.app) }
}
/** A step that leaves a choice, so that nothing is sent before the person chooses. */
const choice = (more: object = {}) => {
  const [one, two] = [texts('text'), texts('voice')]
  const built = buildApp({ strategies: [one.strategy, two.strategy], options: { steps: ['local', anyOf('text', 'voice')], factors: { text: { ...text, ...more }, voice: { ...text, channel: 'landline' } } } })
  return { ...built, one, two, ada: browser(built.app) }
}

describe('a challenge', () => {
  it('POST …/challenge runs the strategy with the options that begin it, and the proof gets the challenge back', async () => {
    const { ada, one } = choice()
    await ada.password()
    await ada.post('/login/text/challenge')
    expect(one.sent).toEqual([{ to: '+447400123456', action: 'send', details: undefined, challenge: null }])
    expect((await ada.post('/login/text', { code: 'code of text 1' })).body.status).toBe('complete')
    expect(one.verified).toEqual(['text 1'])
  })

  it('the challenge is null when none was begun, and each factor gets only its own back', async () => {
    const { ada, one, two } = choice()
    await ada.password()
    await ada.post('/login/text/challenge')
    await ada.post('/login/voice', { code: 'code of text 1' })
    expect([one.verified, two.verified]).toEqual([[], [null]])
  })

  it('a repeated challenge gets the last one, and keeps the new one', async () => {
    const { ada, one } = choice()
    await ada.password()
    await ada.post('/login/text/challenge')
    await ada.post('/login/text/challenge')
    expect(one.sent.map(({ challenge }) => challenge)).toEqual([null, 'text 1'])
    await ada.post('/login/text', { code: 'code of text 1' })
    expect(one.verified).toEqual(['text 2'])
  })

  it('the State shows the public part of a challenge, and nothing else', async () => {
    const { ada } = choice()
    await ada.password()
    const begun = await ada.post('/login/text/challenge')
    expect(begun.body.factors.map(({ challenge }: any) => challenge)).toEqual([{ to: '…456', attemptsLeft: 5 }, undefined])
    expect(begun.text + (await ada.get('/login')).text).not.toContain('text 1')
  })

  it('login.challenge() hands the details and all other options on to the strategy', async () => {
    const { ada, one } = choice({ challenge: { action: 'send', details: { payee: 'Bo' } } })
    await ada.password()
    await ada.post('/login/text/challenge')
    expect(one.sent).toMatchObject([{ action: 'send', details: { payee: 'Bo' } }])
  })

  it('a challenge ends with its login, and does not follow into another user\'s (O-11)', async () => {
    const { ada, one } = choice()
    await ada.password()
    await ada.post('/login/text/challenge')
    await ada.password('alan')
    expect((await ada.post('/login/text', { code: 'code of text 1' })).body.code).toBe('code_wrong')
    expect(one.verified).toEqual([null])
  })

  it('the event challenge.sent tells nothing of the challenge itself', async () => {
    const { ada, login } = choice()
    const heard: unknown[] = []
    login.on('challenge.sent', (event) => heard.push(event))
    await ada.password()
    await ada.post('/login/text/challenge')
    expect(heard).toEqual([{ factor: 'text', userId: 'u1' }])
  })

  it.each([['without info', undefined], ['with text', 'x'], ['with a challenge that is no text', { challenge: { $ne: 1 }, public: 'x' }]])('a challenge that passes %s keeps nothing, and is begun', async (_title, info) => {
    const seen: unknown[] = []
    const loose = new Scripted('text', function (_req, options) {
      seen.push(options.challenge)
      ;(this.pass as (info: unknown) => void)(info)
    })
    const ada = browser(buildApp({ strategies: [loose], options: { steps: ['local', 'text'], factors: { text: { ...text, challengeOnEntry: false } } } }).app)
    await ada.password()
    const begun = await ada.post('/login/text/challenge')
    expect([begun.status, begun.body.factors[0].challenge]).toEqual([200, {}])
    await ada.post('/login/text', { code: '1' })
    expect(seen).toEqual([null, null])
  })

  it('a challenge that answers with success is the app\'s mistake, and proves nothing', async () => {
    const eager = new Scripted('text', function (req) { this.success(req.user) })
    const ada = browser(buildApp({ strategies: [eager], options: { steps: ['local', 'text'], factors: { text: { ...text, challengeOnEntry: false } } } }).app)
    await ada.password()
    expect((await ada.post('/login/text/challenge')).status).toBe(500)
    expect((await ada.who()).authenticated).toBe(false)
  })

  it('a refused challenge answers with the strategy\'s code and status, 400 by default', async () => {
    for (const status of [429, undefined]) {
      const refusing = new Scripted('text', function () { this.fail({ code: 'send_throttled', retryAfter: 30 } as never, status as never) })
      const ada = browser(buildApp({ strategies: [refusing], options: { steps: ['local', 'text'], factors: { text: { ...text, challengeOnEntry: false } } } }).app)
      await ada.password()
      const response = await ada.post('/login/text/challenge')
      expect([response.status, response.body.code, response.headers['retry-after']]).toEqual([status ?? 400, 'send_throttled', '30'])
    }
  })

  it('a challenge that throws is a 503, and leaves the login where it was', async () => {
    const ada = browser(buildApp({ strategies: [new Scripted('text', function () { this.error(new Error('gateway')) })], options: { steps: ['local', 'text'], factors: { text: { ...text, challengeOnEntry: false } } } }).app)
    await ada.password()
    expect((await ada.post('/login/text/challenge')).status).toBe(503)
    expect((await ada.get('/login')).body).toMatchObject({ status: 'pending', step: 2 })
  })

  it('a challenge is refused for an unknown user, and for a factor that is not next (F-04)', async () => {
    const { ada, sent } = entered({ challengeOnEntry: false })
    const before = await ada.post('/login/text/challenge')
    expect([before.status, before.body.code]).toEqual([401, 'login_required'])
    await ada.password()
    await ada.post('/login/text/challenge')
    await ada.post('/login/text', { code: 'code of text 1' })
    const after = await ada.post('/login/text/challenge')
    expect([after.status, after.body.code]).toEqual([409, 'factor_unexpected'])
    expect(sent).toHaveLength(1)
  })

  it.each(['get', 'head', 'put', 'options'] as const)('a challenge is not begun by %s (R-13, S-15)', async (method) => {
    const { ada, sent } = entered({ challengeOnEntry: false })
    await ada.password()
    expect((await ada.agent[method]('/login/text/challenge')).status).toBe(405)
    await ada.get('/login')
    await ada.page('/login?factor=text')
    expect(sent).toEqual([])
  })
})

describe('two challenges of one login', () => {
  it('two challenges that begin in parallel are both kept', async () => {
    const { app, ada, one, two } = choice()
    const cookie = cookiesOf(await ada.password())
    const server = await listening(app)
    const answers = await Promise.all(['text', 'voice'].map(async (factor) => posted(`${server.url}/login/${factor}/challenge`, {}, cookie)))
    await server.close()
    expect(answers.map(({ status }) => status)).toEqual([200, 200])
    const { factors } = (await ada.get('/login')).body
    expect(factors.map(({ challenge }: any) => challenge)).toEqual([{ to: '…456', attemptsLeft: 5 }, { to: '…456', attemptsLeft: 5 }])
    await ada.post('/login/voice', { code: 'x' })
    await ada.post('/login/text', { code: 'code of text 1' })
    expect([one.verified, two.verified]).toEqual([['text 1'], ['voice 1']])
    expect((await ada.who()).authenticated).toBe(true)
  })
})

describe('challengeOnEntry', () => {
  it('challengeOnEntry begins the challenge of the only factor, with the post that opens its step', async () => {
    const { ada, sent } = entered()
    const response = await ada.password()
    expect(sent).toHaveLength(1)
    expect(response.body).toMatchObject({ status: 'pending', step: 2, factors: [{ factor: 'text', challenge: { to: '…456' } }] })
    expect((await ada.post('/login/text', { code: 'code of text 1' })).body.status).toBe('complete')
  })

  it('challengeOnEntry sends a browser to that factor\'s page', async () => {
    const { ada, sent } = entered({ page: '/text' })
    expect((await ada.form('/login/local', { username: 'ada', password: 'lovelace-1815' })).headers.location).toBe('/text')
    expect(sent).toHaveLength(1)
  })

  it('challengeOnEntry sends nothing when the step has a choice, when it is off, and after a wrong password', async () => {
    const { ada, one, two } = choice()
    await ada.password()
    expect([one.sent, two.sent]).toEqual([[], []])

    const off = entered({ challengeOnEntry: false })
    await off.ada.password()
    expect(off.sent).toEqual([])

    const on = entered()
    await on.ada.password('ada', 'wrong')
    expect(on.sent).toEqual([])
  })

  it('challengeOnEntry counts only the factors that the user has', async () => {
    const texter = texts()
    const { app } = buildApp({ strategies: [texter.strategy, pin()], options: { steps: ['local', anyOf('text', 'pin')], factors: { text, pin: { ...device, enrolled: () => false } } } })
    await browser(app).password()
    expect(texter.sent).toHaveLength(1)
  })

  it('challengeOnEntry sends nothing to a user who has yet to enrol', async () => {
    const texter = texts()
    const { app } = buildApp({ strategies: [texter.strategy], options: { steps: ['local', 'text'], factors: { text: { ...text, enrolled: (user) => Boolean((user as any).phone), enroll: 'first' } } } })
    expect((await browser(app).password('grace')).body.factors).toMatchObject([{ factor: 'text' }])
    expect(texter.sent).toEqual([])
  })

  it.each([
    ['is refused', (strategy: any) => strategy.fail({ code: 'send_throttled', message: 'Wait.', retryAfter: 30 }, 429), { code: 'send_throttled', status: 429, retryAfter: 30 }],
    ['cannot be delivered', (strategy: any) => strategy.error(Object.assign(new Error('secret words'), { code: 'undeliverable', status: 502 })), { code: 'undeliverable', status: 502 }],
    ['breaks', () => { throw new Error('secret words') }, { code: 'factor_unavailable', status: 503 }],
  ])('challengeOnEntry leaves the step open with a problem when sending %s', async (_title, act, problem) => {
    const failing = () => browser(buildApp({ strategies: [new Scripted('text', function () { act(this) })], options: { steps: ['local', 'text'], factors: { text } } }).app)
    const json = await failing().password()
    expect([json.status, json.body.status, json.body.step]).toEqual([200, 'pending', 2])
    expect(json.body.problem).toMatchObject(problem)
    expect(json.text).not.toContain('secret words')

    const ada = failing()
    const html = await ada.form('/login/local', { username: 'ada', password: 'lovelace-1815' })
    expect([html.status, html.headers.location]).toEqual([303, '/login'])
    expect((await ada.get('/login')).body).toMatchObject({ status: 'pending', step: 2, problem })
  })

  it('challengeOnEntry begins at each step that opens', async () => {
    const [one, two] = [texts('text'), texts('voice')]
    const { app } = buildApp({ strategies: [one.strategy, two.strategy], options: { steps: ['local', 'text', 'voice'], factors: { text, voice: { ...text, channel: 'landline' } } } })
    const ada = browser(app)
    await ada.password()
    expect([one.sent.length, two.sent.length]).toEqual([1, 0])
    await ada.post('/login/text', { code: 'code of text 1' })
    expect([one.sent.length, two.sent.length]).toEqual([1, 1])
    expect((await ada.post('/login/voice', { code: 'code of voice 1' })).body.status).toBe('complete')
  })
})

describe('a challenge of the first step, before anybody is known', () => {
  const doors = (users = people()) => {
    const texter = texts('text', users)
    const { app } = buildApp({
      users, strategies: [texter.strategy, pin()],
      options: { steps: [anyOf('local', 'text'), when(passed('local'), 'pin')], factors: { text: { ...text, lockout: 'own' }, pin: device } },
    })
    return { ...texter, ada: browser(app) }
  }

  it('a challenge of the first step is begun, is given back, and logs in the user who proves it', async () => {
    const { ada, sent } = doors()
    const begun = await ada.post('/login/text/challenge', { phone: '+447400123456' })
    expect(begun.body).toMatchObject({ status: 'anonymous', step: 1, factors: [{ factor: 'local' }, { factor: 'text', challenge: { to: '…456' } }], expiresAt: expect.any(String) })
    expect((await ada.who()).authenticated).toBe(false)
    expect((await ada.post('/login/text', { code: 'wrong' })).body).toMatchObject({ code: 'code_wrong', attemptsLeft: 4 })
    expect((await ada.post('/login/text', { code: 'code of text 1' })).body.status).toBe('complete')
    expect(sent).toHaveLength(1)
    expect((await ada.who()).user).toBe('u1')
  })

  it('a challenge of the first step ends when another factor opens the login', async () => {
    const { ada } = doors()
    await ada.post('/login/text/challenge', { phone: '+447400123456' })
    expect((await ada.password('grace')).body).toMatchObject({ status: 'pending', step: 2, completed: [{ factor: 'local' }] })
    expect((await ada.post('/login/text', { code: 'code of text 1' })).body.code).not.toBe('complete')
    expect((await ada.who()).authenticated).toBe(false)
  })

  it('a challenge of the first step is of no use in another browser', async () => {
    const { ada, verified } = doors()
    await ada.post('/login/text/challenge', { phone: '+447400123456' })
    const other = doors().ada
    expect((await other.post('/login/text', { code: 'code of text 1' })).status).toBe(401)
    expect(verified).toEqual([])
  })

  it('a challenge of the first step is shown to its browser', async () => {
    const { ada } = doors()
    const response = await ada.form('/login/text/challenge', { phone: '+447400123456' })
    expect([response.status, response.headers.location]).toEqual([303, '/login?factor=text'])
    expect((await ada.get('/login')).body.factors[1].challenge).toEqual({ to: '…456', attemptsLeft: 5 })
  })
})
