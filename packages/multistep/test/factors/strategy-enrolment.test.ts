import { anyOf, type FactorOptions } from '../../src/index.js'
import { browser, buildApp, pin, Scripted } from '../support/app.js'
import { device } from '../support/factors.js'

/** A strategy that knows itself who can use it. */
class Knowing extends Scripted {
  readonly asked: unknown[] = []
  private readonly answer: unknown

  constructor(answer: unknown, name = 'pin') {
    super(name, pin().run)
    this.answer = answer
  }

  enrolled(user: Express.User): unknown {
    this.asked.push(user)
    return this.answer
  }
}

const logIn = async (strategy: Scripted, factor: FactorOptions = {}) => {
  const { app } = buildApp({ strategies: [strategy, pin('other')], options: { steps: ['local', anyOf('pin', 'other')], factors: { pin: { ...device, ...factor }, other: device } } })
  const { body } = await browser(app).password()
  return (body.factors as { factor: string }[]).map(({ factor: name }) => name)
}

describe('A strategy that says who is enrolled', () => {
  it.each([[true, ['pin', 'other']], [false, ['other']], [Promise.resolve(false), ['other']], [Promise.resolve(true), ['pin', 'other']]])(
    'a strategy with isEnrolled is asked where the app says nothing, and its factor is offered accordingly: %p', async (answer, offered) => {
      const strategy = new Knowing(answer)
      expect(await logIn(strategy)).toEqual(offered)
      expect(strategy.asked).toContainEqual(expect.objectContaining({ name: 'ada' }))
    })

  it('a strategy with isEnrolled is not asked where the app says who is enrolled', async () => {
    const strategy = new Knowing(false)
    expect(await logIn(strategy, { enrolled: () => true })).toEqual(['pin', 'other'])
    expect(strategy.asked).toEqual([])
  })

  it('a strategy\'s isEnrolled comes before what is known of a factor, such as a phone', async () => {
    const { app } = buildApp({ strategies: [new Knowing(false, 'sms-otp')], options: { steps: ['local', 'sms-otp'] } })
    expect((await browser(app).password()).body.problem).toMatchObject({ code: 'factor_not_enrolled' })
  })
})
