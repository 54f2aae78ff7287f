import { onEveryDatabase } from './support/databases.js'
import { operatorVisit, promptOn } from './support/operator.js'
import { codeOfNewText, roamer, textsTo, type Roamer } from './support/roamer.js'
import { endServers, startServer, type ServerProcess } from './support/server.js'
import { startProgram } from './support/single.js'
import { adaPhone, codeOf, gracePhone, visitor, wrong } from './support/visitor.js'

type Answers = Awaited<ReturnType<Roamer['askAtOnce']>>

const startTexting = (env: Record<string, string>) => startProgram(['examples/test/support/texting.mjs'], env)

onEveryDatabase('of requests at once to two processes with one', (place, isRedis) => {
  let servers: readonly [ServerProcess, ServerProcess]
  beforeAll(async () => {
    const env = await place()
    servers = await Promise.all([startServer(env), startServer(env)])
  })
  afterAll(async () => {
    await Promise.all(servers.map((server) => server.end('SIGTERM')))
    endServers()
  })

  const halfWay = async () => {
    const ada = roamer()
    await ada.password(servers[0], 'ada')
    return ada
  }
  const codeFor = (ada: Roamer, more: object = {}) =>
    codeOfNewText(servers[0], adaPhone, () => ada.ask(servers[0], '/login/sms-otp/challenge', more))
  const logIn = async () => {
    const ada = await halfWay()
    await ada.ask(servers[1], '/login/sms-otp', { code: await codeFor(ada) })
    return ada
  }

  /**
   * The answers of a race in which one may win. Whom a busy machine does not answer in time may have won without being
   * told: so that there is never a second winner, and the race is run again until all were answered.
   */
  const race = async (run: () => Promise<Answers>, hasWon: (answer: Answers[number]) => boolean): Promise<Answers> => {
    for (let triesLeft = 10; ; triesLeft -= 1) {
      const answers = await run()
      const winners = answers.filter(hasWon).length
      expect(winners).toBeLessThanOrEqual(1)
      if (triesLeft === 0 || answers.every(({ status }) => status !== 503)) {
        expect(winners).toBe(1)
        expect(answers.filter(({ status }) => status >= 500)).toEqual([])
        return answers
      }
    }
  }
  const isComplete = ({ body }: Answers[number]) => body.status === 'complete'

  it('of 200 requests at once with the right code, one logs in', async () => {
    let ada = roamer()
    const answers = await race(async () => {
      ada = await halfWay()
      return ada.askAtOnce(servers, 200, '/login/sms-otp', { code: await codeFor(ada) })
    }, isComplete)
    ada.keep(answers.find(isComplete)!)
    expect((await ada.ask(servers[1], '/account')).body).toMatchObject({ user: { id: 'ada' } })
  })

  it('of 60 requests at once with one confirmation, one makes the transfer', async () => {
    const transfer = { payee: 'Bob', amount: 25.5 }
    const isMade = ({ body }: Answers[number]) => body.transfer !== undefined
    const answers = await race(async () => {
      const ada = await logIn()
      const { body: { requirement: { id } } } = await ada.ask(servers[0], '/transfer', transfer)
      const code = await codeFor(ada, { for: id })
      const confirmed = await ada.ask(servers[1], '/login/sms-otp', { for: id, code })
      expect(confirmed.body).toMatchObject({ status: 'complete' })
      return ada.askAtOnce(servers, 60, '/transfer', transfer)
    }, isMade)
    const refused = answers.filter((answer) => !isMade(answer)).map(({ status, body }) => [status, body.code])
    expect(refused).toEqual(refused.map(() => [403, 'step_up_required']))
  })

  it('of 60 requests at once with one answer of Mobile Connect, one logs in', async () => {
    await race(async () => {
      const ada = await halfWay()
      const { body } = await ada.ask(servers[0], '/login/mobileconnect', {})
      const { go } = operatorVisit()
      const waiting = await go(body.url)
      const { id } = await promptOn(visitor(servers[1].url), adaPhone)
      await visitor(servers[1].url).post(`/handset/prompts/${id}/approve`).expect(204)
      const { back } = await go(waiting.url)
      return ada.askAtOnce(servers, 60, back!)
    }, isComplete)
  })

  it('of 60 requests at once for a text to one number, one is texted', async () => {
    const grace = roamer()
    await grace.password(servers[0], 'grace')
    const before = await textsTo(servers[0], gracePhone)
    await grace.askAtOnce(servers, 60, '/login/sms-otp/challenge', { phone: gracePhone })
    const texts = await textsTo(servers[1], gracePhone)
    expect(texts).toHaveLength(before.length + 1)
    const { body } = await grace.ask(servers[1], '/login/sms-otp', { code: codeOf(texts.at(-1)!.body) })
    expect(body).toMatchObject({ status: 'complete' })
  })

  it('of 500 requests at once with a wrong code, 5 are looked at, and no right code after them', async () => {
    const ada = await halfWay()
    const code = await codeFor(ada)
    const answers = await ada.askAtOnce(servers, 500, '/login/sms-otp', { code: wrong(code) })
    const codes = answers.map(({ body }) => body.code as string)
    const evaluated = codes.filter((answer) => answer === 'code_wrong').length
    // In such a rush a database may not answer all in time: what it does not answer is counted, and not looked at.
    const unanswered = codes.filter((answer) => answer === 'store_unavailable').length
    expect(evaluated).toBeLessThanOrEqual(5)
    expect(evaluated + unanswered).toBeGreaterThanOrEqual(5)
    expect(isRedis ? unanswered : 0).toBe(0)
    expect(new Set(codes.filter((answer) => answer !== 'store_unavailable'))).toEqual(new Set(['code_wrong', 'too_many_attempts']))
    expect((await ada.ask(servers[1], '/login/sms-otp', { code })).body).toMatchObject({ status: 429, code: 'too_many_attempts' })
    expect((await ada.ask(servers[1], '/account')).status).toBe(401)
  })

  it('of 60 requests at once for a text to one number for as many accounts, 5 are texted, and of 60 to as many numbers from one address 10', async () => {
    const env = await place()
    const apps = await Promise.all([startTexting(env), startTexting(env)])
    const ask = (count: number, body: (index: number) => object) =>
      Promise.all(Array.from({ length: count }, (_, index) => apps[index % 2]!.ask('POST', '/texts', body(index))))
    const outcomes = async (answers: ReturnType<typeof ask>) =>
      (await answers).map(({ body }) => [body.status, body.scope].join(' ').trim()).sort()
    const times = (count: number, outcome: string) => Array.from({ length: count }, () => outcome)

    // Sixty accounts that have the same number, and sixty numbers that stand in no account.
    expect(await outcomes(ask(60, (index) => ({ to: '+447400123000', subject: `account ${index}`, known: true }))))
      .toEqual([...times(5, 'sent'), ...times(55, 'throttled phone')])
    expect(await outcomes(ask(60, (index) => ({ to: `+44740012${3100 + index}` }))))
      .toEqual([...times(10, 'sent'), ...times(50, 'throttled ip')])
    const texted = apps.flatMap((app) => [...app.printed().matchAll(/^texted (\S+)$/gm)].map(([, to]) => to!))
    expect(texted.filter((to) => to === '+447400123000')).toHaveLength(5)
    expect(new Set(texted).size).toBe(11)
    await Promise.all(apps.map((app) => app.stop()))
  })
})
