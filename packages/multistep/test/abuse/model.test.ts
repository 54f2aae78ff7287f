import fc from 'fast-check'
import { browsers, names, plans, World, type Name, type Second } from '../support/model.js'

// Random requests of three browsers and three people through random policies, over HTTP. `World.obey` has the laws:
// nobody is logged in without every required step; nobody becomes another person; evidence is never newer or stronger than what happened.

type Command = fc.AsyncCommand<object, World>
type Act = (world: World) => unknown

/** One thing that is done, after which the laws hold. */
const command = (label: string, act: Act, check: (world: World) => boolean = () => true): Command => ({
  check: () => true,
  async run(_model, world) {
    if (check(world)) await act(world)
    await world.obey()
  },
  toString: () => label,
})

const browser = fc.constantFrom(...browsers)
const name = fc.constantFrom<Name>(...names)
const second = fc.constantFrom<Second>('pin', 'text', 'call')
const often = fc.constantFrom(true, true, true, false)
const times = fc.constantFrom(1, 1, 1, 3)

const post = (world: World, at: number, path: string, body: object, count = 1) => {
  const one = world.browse(at)
  return Promise.all(Array.from({ length: count }, () => one.post(path, body)))
}

/** Add the requests of a part of the package here: what they do must leave the laws true. */
const commands: fc.Arbitrary<Command>[] = [
  fc.tuple(browser, name, often).map(([at, who, right]) =>
    command(`${at}: password of ${who}${right ? '' : ', wrong'}`, (world) => post(world, at, '/login/local', { username: who, password: right ? world.passwordOf(who) : 'wrong' }))),
  fc.tuple(browser, second, often, times).map(([at, factor, right, count]) =>
    command(`${at}: ${factor}${right ? '' : ', wrong'} ×${count}`, (world) => post(world, at, `/login/${factor}`, { code: right ? 'right' : 'wrong' }, count), (world) => world.mentions(factor))),
  fc.tuple(browser, second, name).map(([at, factor, who]) =>
    command(`${at}: ${factor} of ${who}`, (world) => post(world, at, `/login/${factor}`, { as: who }), (world) => world.mentions(factor))),
  fc.tuple(browser, name).map(([at, who]) => command(`${at}: card of ${who}`, (world) => post(world, at, '/login/card', { as: who }), (world) => world.mentions('card'))),
  fc.tuple(browser, fc.constantFrom('local', 'card', 'pin', 'text', 'call'), name).map(([at, factor, who]) =>
    command(`${at}: vouch for ${factor} of ${who}`, (world) => post(world, at, `/vouch/${factor}/${who}`, {}), (world) => world.mentions(factor))),
  fc.tuple(browser, name).map(([at, who]) => command(`${at}: ${who} takes every step`, async (world) => {
    // The cookie of a session that was renewed away is answered with where the winner went for ten seconds.
    world.now += 10_001
    const completes = await world.walk(at, who)
    expect([who, completes]).toEqual([who, world.canComplete(who)])
  })),
  browser.map((at) => command(`${at}: cancel`, async (world) => { await post(world, at, '/login/cancel', {}) })),
  browser.map((at) => command(`${at}: logout`, async (world) => {
    await post(world, at, '/logout', {})
    world.over(at)
  })),
  browser.map((at) => command(`${at}: the cookies of before`, (world) => world.revive(at))),
  fc.tuple(browser, fc.constantFrom('/login', '/account')).map(([at, path]) => command(`${at}: GET ${path}`, (world) => world.browse(at).get(path))),
  fc.tuple(name, second).map(([who, factor]) => command(`${who} adds or removes ${factor}`, (world) => world.toggle(who, factor))),
  fc.constant(command('the policy is made strict, or not', (world) => { world.strict = !world.strict })),
  fc.constantFrom(1_000, 60_000, 11 * 60_000, 25 * 60 * 60_000).map((ms) => command(`${ms} ms pass`, (world) => { world.now += ms })),
]

describe('random requests of several users in random order (R-40, R-47, F-15, F-16, F-34)', () => {
  it('no user is logged in without every required step or as another user, and evidence is what happened', async () => {
    let [worlds, refused, logins] = [0, 0, 0]
    await fc.assert(fc.asyncProperty(plans, fc.commands(commands, { maxCommands: 20, size: 'max' }), async (plan, some) => {
      const world = startedWorld(plan)
      if (!world) {
        refused += 1
        return
      }
      worlds += 1
      await fc.asyncModelRun(() => ({ model: {}, real: world }), some)
      logins += world.logins
    }), { numRuns: Number(process.env.MODEL_RUNS ?? 60), interruptAfterTimeLimit: 40_000, endOnFailure: false })
    expect(worlds).toBeGreaterThan(refused)
    // Else the laws held of nothing.
    expect(logins).toBeGreaterThan(worlds / 4)
  })
})

/** Nothing for a policy that multistep refuses to start with. */
function startedWorld(plan: ConstructorParameters<typeof World>[0]): World | undefined {
  try {
    return new World(plan)
  } catch (error) {
    expect((error as Error).message).toContain('nobody can')
    return undefined
  }
}
