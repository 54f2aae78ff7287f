import { ada, comeBack, configured, grace, path, stage } from './support/operators.js'

/** Two operators, chosen by the number that is asked about. */
const both = () => stage((sim, origin) => ({
  operators: sim.operators.map(configured),
  chooseOperator: (req) => (req.query.operator as string | undefined) ?? 'a',
  loginHint: (req) => `MSISDN:${(req.query.operator === 'b' ? grace : ada).slice(1)}`,
  callbackURL: `${origin}/callback/{operator}`,
}))

describe('an operator whose clock is wrong', () => {
  let at: Awaited<ReturnType<typeof both>>
  beforeEach(async () => { at = await both() })
  afterEach(() => at.close())

  const logIn = async () => {
    const tab = at.app.tab()
    return tab.get(path(await comeBack(at.sim, at.app, tab)))
  }

  it.each(['50s', '-50s', '-1m'])('an operator whose clock is wrong by up to a minute (%s) is believed, because clocks differ', async (by) => {
    at.sim.operator('a').skew(by)
    expect((await logIn()).status).toBe(200)
  })

  it.each(['2m', '1h', '-1h'])('an operator whose clock is wrong by more (%s) is refused as token_invalid, the log says why, and the user is told nothing of it', async (by) => {
    at.sim.operator('a').skew(by)
    const answer = await logIn()
    expect(answer).toMatchObject({ status: 502, body: { error: { code: 'token_invalid' } } })
    expect(JSON.stringify(answer.body)).not.toMatch(/issued|expired|clock/)
    expect(at.app.errors.at(-1)).toMatchObject({ code: 'token_invalid', expose: false })
  })

  it('an operator whose clock is wrong does no harm to the other operator, and logs users in again when its clock is right', async () => {
    at.sim.operator('a').skew('1h')
    expect((await logIn()).status).toBe(502)
    const tab = at.app.tab()
    const begun = await tab.get('/login?operator=b')
    const waiting = await tab.browser.follow(begun.location!, at.app.origin)
    await at.sim.handset(grace).next()
    await at.sim.handset(grace).approve()
    expect((await tab.get(path(await tab.browser.follow(waiting, at.app.origin)))).status).toBe(200)
    at.sim.operator('a').restore()
    expect((await logIn()).status).toBe(200)
  })
})
