import express from 'express'
import supertest from 'supertest'
import { createApp } from './support/app.js'
import { ADA, BOB, codeIn } from './support/kit.js'

async function texted() {
  const kit = createApp()
  const browser = kit.agent()
  await browser.post('/send').send({ phone: ADA }).expect(200)
  return { ...kit, browser, code: codeIn(kit.inbox) }
}

describe('A code of the wrong kind is refused with 400, spends nothing and throws nothing', () => {
  it.each<[string, (code: string) => unknown]>([
    ['a number (I-01)', (code) => Number(`1${code.slice(1)}`)],
    ['a list (I-02)', (code) => [code]],
    ['an operator (I-03)', () => ({ $ne: null })],
    ['an object with a length (I-04)', () => ({ length: 6 })],
    ['an object with a toString (I-04)', () => ({ toString: 'x' })],
    ['null (I-05)', () => null],
    ['true (I-05)', () => true],
    ['empty (I-05)', () => ''],
    ['missing (I-05)', () => undefined],
    ['signed (I-10)', () => '+12345'],
    ['hexadecimal (I-10)', () => '0x1234'],
    ['an exponent (I-10)', () => '1e5000'],
  ])('a code of the wrong kind in JSON is refused with 400, spends nothing and throws nothing: %s', async (_, make) => {
    const { browser, code, errors } = await texted()
    for (let times = 0; times < 6; times += 1) {
      expect((await browser.post('/verify').send({ code: make(code) }).expect(400)).body.code).toMatch(/^code_(missing|malformed)$/)
    }
    expect(errors.map((error) => (error as Error).name)).toEqual(Array(6).fill('AuthenticationError'))
    await browser.post('/verify').send({ code }).expect(200)
  })

  it.each<[string, (code: string) => string]>([
    ['with a space in the middle', (code) => `${code.slice(0, 3)} ${code.slice(3)}`],
    ['with a dash', (code) => `${code.slice(0, 3)}-${code.slice(3)}`],
    ['with a line break behind it', (code) => `${code}\n`],
    ['with a no-break space', (code) => `${code.slice(0, 3)}\u00a0${code.slice(3)}`],
    ['in Arabic digits', (code) => code.replace(/\d/g, (digit) => String.fromCharCode(0x660 + Number(digit)))],
  ])('a code as people see it is right, as JSON and as a form: %s (N-05)', async (_, write) => {
    for (const type of ['json', 'form']) {
      const { browser, code } = await texted()
      await browser.post('/verify').type(type).send({ code: write(code) }).expect(200)
    }
  })

  it('one wrong code is one attempt, however often it is written in another way (N-05)', async () => {
    const { browser, code } = await texted()
    const bad = code.replace(/.$/, (last) => (last === '7' ? '3' : '7'))
    const left = []
    for (const spelling of [bad, ` ${bad}`, `${bad.slice(0, 3)}-${bad.slice(3)}`]) {
      left.push((await browser.post('/verify').send({ code: spelling }).expect(401)).body.attemptsLeft)
    }
    expect(left).toEqual([4, 3, 2])
  })

  it.each<[string, (code: string) => string]>([
    ['twice (I-02)', (code) => `code=${code}&code=${code}`],
    ['as an operator (I-03)', () => 'code[$ne]=x'],
    ['as a list', (code) => `code[]=${code}`],
    ['in another field', (code) => `Code=${code}`],
  ])('a code of the wrong kind in a form is refused with 400, spends nothing and throws nothing: %s', async (_, make) => {
    const { browser, code } = await texted()
    await browser.post('/verify').type('form').send(make(code)).expect(400)
    await browser.post('/verify').type('form').send(`code=${code}`).expect(200)
  })

  it.each([
    ['1e309 (I-05)', 'application/json', '{"code":1e309}'], ['a list as the body (I-06)', 'application/json', '["code"]'],
    ['plain text (I-06)', 'text/plain', 'code=123456'], ['nothing (I-06)', 'application/json', ''],
    ['__proto__ (I-07)', 'application/json', '{"__proto__":{"code":"123456"}}'], ['constructor (I-07)', 'application/json', '{"constructor":{"prototype":{"code":"123456"}}}'],
  ])('a body of the wrong kind is refused with 400, spends nothing and throws nothing: %s', async (_, type, body) => {
    const { browser } = await texted()
    expect((await browser.post('/verify').type(type).send(body).expect(400)).body).toMatchObject({ code: expect.stringMatching(/^code_/) })
    expect(({} as { code?: unknown }).code).toBeUndefined()
  })
})

describe('Only the body is read', () => {
  it('the query is not read, alone or beside the body (I-12, I-13, R-13)', async () => {
    const { browser, code } = await texted()
    await browser.post(`/verify?code=${code}`).expect(400)
    expect((await browser.post(`/verify?code=${code}`).send({ code: 'abcdef' }).expect(400)).body).toMatchObject({ code: 'code_malformed' })
    await browser.post('/verify?code=000000').send({ code }).expect(200)
  })

  it('the query is not read for the number, either', async () => {
    const { agent, inbox } = createApp()
    await agent().post(`/send?phone=${encodeURIComponent(ADA)}`).expect(400)
    await agent().post(`/send?phone=${encodeURIComponent(ADA)}`).send({ phone: BOB }).expect(200)
    expect(inbox.messages.map(({ to }) => to)).toEqual([BOB])
  })

  it('duplicate keys count once, the last one (I-14)', async () => {
    const { browser, code } = await texted()
    await browser.post('/verify').type('json').send(`{"code":"abcdef","code":"${code}"}`).expect(200)
  })

  it('a request without any parser is refused and crashes nothing, and the app is told what to write (I-06)', async () => {
    const { strategy } = createApp()
    const app = express()
    app.use((req, _res, next) => { Object.assign(req, { session: {} }); next() })
    app.post('/verify', (req, res) => {
      Object.assign(Object.create(strategy), { fail: (info: object, status: number) => res.status(status).json(info) }).authenticate(req)
    })
    const warned = jest.spyOn(process, 'emitWarning').mockImplementation()
    const post = async (type: string, body: string) => {
      expect((await supertest(app).post('/verify').type(type).send(body).expect(400)).body).toMatchObject({ code: 'code_missing' })
      return warned.mock.calls.length
    }
    expect(await post('text', 'code=123456')).toBe(0)
    for (let times = 0; times < 2; times += 1) expect(await post('form', 'code=123456')).toBe(1)
    expect(warned).toHaveBeenCalledWith(expect.stringContaining('app.use(express.urlencoded({ extended: false }))'), { code: 'SMS_OTP_NO_BODY' })
    warned.mockRestore()
  })
})

describe('Names from a prototype as field names or session keys', () => {
  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])('the field or session key %s, a name of a prototype, reaches and changes nothing (I-07)', async (name) => {
    const agentWith = (field: string) => createApp({ strategy: { [field]: name, challengeIn: 'client' } }).agent()
    expect((await agentWith('phoneField').post('/send').send({}).expect(400)).body).toMatchObject({ code: 'phone_missing' })
    expect((await agentWith('codeField').post('/verify').send({}).expect(400)).body).toMatchObject({ code: 'code_missing' })
    expect((await agentWith('challengeField').post('/verify').send({ code: '123456' }).expect(401)).body).toMatchObject({ code: 'challenge_unknown' })
    await agentWith('phoneField').post('/send').type('json').send(`{"${name}":"${ADA}"}`)
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  })

  it('a strategy with the name %s, of a prototype, keeps its challenge', async () => {
    const { agent, strategy, inbox } = createApp({ user: { id: 'user-7', phone: ADA }, verify: null })
    strategy.name = 'constructor'
    const browser = agent()
    expect((await browser.post('/resend').expect(401)).body).toMatchObject({ code: 'challenge_unknown' })
    await browser.post('/send').expect(200)
    await browser.post('/verify').send({ code: codeIn(inbox) }).expect(200)
  })
})

describe('What the session holds', () => {
  it.each([['a string', 'x'], ['a list', ['x']], ['null', null], ['a number', 7], ['a handle that is none', { 'sms-otp/login': 'x' }], ['a list as a handle', { 'sms-otp/login': ['x'] }]])(
    'a session that holds %s has no challenge, and nothing crashes', async (_, held) => {
      const { strategy } = createApp()
      const app = express()
      app.use(express.json(), (req, _res, next) => { Object.assign(req, { session: { 'sms-otp': held } }); next() })
      app.post('/verify', (req, res) => {
        Object.assign(Object.create(strategy), { fail: (info: object, status: number) => res.status(status).json(info) }).authenticate(req)
      })
      expect((await supertest(app).post('/verify').send({ code: '123456' }).expect(401)).body).toMatchObject({ code: 'challenge_unknown' })
    })
})
