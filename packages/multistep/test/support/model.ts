import fc from 'fast-check'
import { allOf, anyOf, optional, passed, when, type Evidence, type Factors, type Situation, type Step } from '../../src/index.js'
import { buildApp, people, Scripted, type Person } from './app.js'
import { cookieBrowser } from './cookie-browser.js'

/** What truly happened: a strategy, or the app itself, said that a person proved a factor in a browser. */
interface Happened { readonly browser: number, readonly factor: string, readonly person: string, readonly at: number }

/** Second factors; `text` and `call` are one authenticator. */
const seconds = ['pin', 'text', 'call'] as const
export type Second = typeof seconds[number]
const authenticatorOf = (factor: string): string => (factor === 'call' ? 'text' : factor)
export const names = ['ada', 'grace', 'alan'] as const
export type Name = typeof names[number]
export const browsers = [0, 1, 2] as const
const TTL = 10 * 60_000

/** Policies as data: a predicate is named, and asks the world that runs. */
export type Plan = readonly Step[]
const current: { world?: World } = {}
const strict = () => current.world?.strict === true
const isAda = ({ user }: Pick<Situation, 'user'>) => (user as Person | undefined)?.name === 'ada'

const factors: fc.Arbitrary<Factors> = fc.letrec<{ factors: Factors }>((tie) => ({
  factors: fc.oneof({ depthSize: 'small', maxDepth: 2, withCrossShrink: true },
    fc.constantFrom<Factors>(...seconds),
    fc.array(tie('factors'), { minLength: 1, maxLength: 3 }).map((some) => anyOf(...some)),
    fc.array(tie('factors'), { minLength: 1, maxLength: 2 }).map((some) => allOf(...some))),
})).factors
const step: fc.Arbitrary<Step> = fc.oneof(
  factors, factors.map((inner) => optional(inner)),
  fc.tuple(fc.constantFrom(strict, isAda, passed('local')), factors).map(([predicate, inner]) => when(predicate, inner)),
  factors.map((inner) => when(strict, when(isAda, optional(inner)))),
)
export const plans: fc.Arbitrary<Plan> = fc.tuple(fc.constantFrom('local', anyOf('local', 'card')), fc.array(step, { maxLength: 3 })).map(([door, more]) => [door, ...more])

/** An app, its people, its clock and three browsers; and the laws that hold whatever is done. */
export class World {
  strict = false
  now = 1_700_000_000_000
  readonly happened: Happened[] = []
  private readonly users: Record<string, Person> = people()
  private readonly enrolled: Record<Name, Set<string>> = { ada: new Set(seconds), grace: new Set(['pin']), alan: new Set(['text', 'call']) }
  private readonly open
  /** How many logins were looked at. */
  logins = 0
  private readonly before: (Record<string, string> | undefined)[] = []
  /** By browser: what happened before this index is over (logged out, given up). */
  private readonly floors = [0, 0, 0]
  /** The login that a browser was last seen with: its evidence, as text. */
  private readonly seen: (string | undefined)[] = []
  private readonly plan: Plan

  /** @throws TypeError for a policy that multistep refuses. */
  constructor(plan: Plan) {
    this.plan = plan
    const proving = (name: string, whom: (req: any) => unknown) => new Scripted(name, ((world) => function (req) {
      const user = whom(req) as Person | undefined
      if (!user) return this.fail(undefined as never)
      world.happened.push({ browser: Number(req.headers['x-browser']), factor: name, person: user.id, at: world.now })
      this.success(user)
    })(this))
    const { app } = buildApp({
      users: this.users,
      strategies: [
        proving('local', ({ body }) => (body.password === this.users[body.username]?.password ? this.users[body.username] : undefined)),
        proving('card', ({ body }) => this.users[body.as]),
        ...seconds.map((name) => proving(name, ({ user, body }) => (body.code === 'right' ? user : body.as === undefined ? undefined : this.users[body.as]))),
      ].filter(({ name }) => JSON.stringify(plan).includes(`"${name}"`)),
      options: { steps: plan, now: () => this.now, lockout: { after: 100 }, factors: this.described() },
      routes: (host, login) => {
        host.get('/truth', (req, res) => { res.json({ user: (req.user as Person | undefined)?.id ?? null, evidence: login.evidence(req as any), amr: login.amr(req as any), fresh: seconds.filter((name) => JSON.stringify(plan).includes(`"${name}"`) && login.has(req as any, name)) }) })
        host.post('/vouch/:factor/:name', (req, res, next) => {
          const user = this.users[req.params.name]!
          this.happened.push({ browser: Number(req.headers['x-browser']), factor: req.params.factor, person: user.id, at: this.now })
          void (login).vouch(req as any, user, req.params.factor).then((state) => res.json(state), next)
        })
      },
    })
    this.open = browsers.map((browser) => {
      const one = cookieBrowser(app)
      one.headers['x-browser'] = String(browser)
      return one
    })
    current.world = this
  }

  private described() {
    const has = (name: string) => (user: Express.User) => this.enrolled[(user as Person).name as Name].has(name)
    const all = {
      card: { lockout: 'own', sees: 'nobody' },
      pin: { sees: 'pending', kind: 'possession', channel: 'pin', amr: 'otp', enrolled: has('pin') },
      text: { sees: 'pending', kind: 'possession', channel: 'phone', amr: 'sms', enrolled: has('text') },
      call: { sees: 'pending', kind: 'possession', channel: 'phone', amr: 'tel', enrolled: has('call') },
    } as const
    return Object.fromEntries(Object.entries(all).filter(([name]) => JSON.stringify(this.plan).includes(`"${name}"`)))
  }

  mentions = (factor: string): boolean => JSON.stringify(this.plan).includes(`"${factor}"`)
  /** The browser, for one request; its cookies so far can be brought back by `revive`. */
  browse(browser: number) {
    const one = this.open[browser]!
    this.before[browser] = { ...one.cookies }
    return one
  }

  /** An attack: the cookies of before the last request. */
  revive(browser: number): void {
    const one = this.open[browser]!
    const old = this.before[browser]
    if (!old) return
    for (const name of Object.keys(one.cookies)) Reflect.deleteProperty(one.cookies, name)
    Object.assign(one.cookies, old)
  }

  toggle(name: Name, factor: string): void {
    if (!this.enrolled[name].delete(factor)) this.enrolled[name].add(factor)
  }

  /** Nothing from before counts any more in this browser. */
  over(browser: number): void { this.floors[browser] = this.happened.length }

  async truth(browser: number) {
    const { body } = await this.open[browser]!.get('/truth')
    return body as { user: string | null, evidence: (Omit<Evidence, 'at'> & { at: string })[], amr: string[], fresh: string[] }
  }

  /** The three laws, for every browser. */
  async obey(): Promise<void> {
    for (const browser of browsers) await this.obeyIn(browser)
  }

  private async obeyIn(browser: number): Promise<void> {
    const { user, evidence, amr, fresh } = await this.truth(browser)
    const login = user === null ? undefined : JSON.stringify([user, evidence])
    const isNew = login !== this.seen[browser]
    this.seen[browser] = login
    if (user === null) return expect([evidence, amr, fresh]).toEqual([[], [], []])
    const proofs = evidence.map(({ factor, at }) => ({ factor, at: Date.parse(at) }))
    // Nobody becomes another person, and evidence is never newer or stronger than what happened: here, by this person, then.
    for (const { factor, at } of proofs) expect(this.happened.slice(this.floors[browser])).toContainEqual({ browser, factor, person: user, at })
    expect(new Set(proofs.map(({ factor }) => factor)).size).toBe(proofs.length)
    expect(Math.max(...proofs.map(({ at }) => at)) - Math.min(...proofs.map(({ at }) => at))).toBeLessThanOrEqual(TTL)
    expect(amr.includes('mfa')).toBe(proofs.some(({ factor }) => factor === 'local') && proofs.some(({ factor }) => seconds.includes(factor as Second)))
    expect(proofs.map(({ factor }) => factor)).toEqual(expect.arrayContaining(fresh))
    if (!isNew) return
    this.logins += 1
    // Nobody is logged in without every step that is required at that moment.
    expect({ user, proofs, met: this.meets(user, proofs.map(({ factor }) => factor)) }).toMatchObject({ met: true })
  }

  passwordOf = (name: Name): string => this.users[name]!.password

  /** Takes the password and then whatever is offered first; whether that ends in a login. */
  async walk(browser: number, name: Name): Promise<boolean> {
    const one = this.browse(browser)
    const begin = () => one.post('/login/local', { username: name, password: this.passwordOf(name) })
    let { body } = await begin()
    // Where the password was what another person's pending login, or one that has changed, asked for: that one has ended.
    if (body.code === 'person_mismatch' || body.code === 'plan_changed') ({ body } = await begin())
    for (let round = 0; body.status === 'pending' && body.factors.length > 0 && round < 9; round += 1) {
      ({ body } = await one.post(`/login/${body.factors[round % body.factors.length].factor}`, { code: 'right' }))
    }
    return body.status === 'complete'
  }

  private personOf = (id: string): Person => Object.values(this.users).find((user) => user.id === id)!

  /** By trying everything, and knowing nothing of how multistep decides. */
  meets(id: string, proven: readonly string[]): boolean {
    return covers(this.required(id, proven), proven)
  }

  /** Whether a login that begins with the password can be completed with what this person has. */
  canComplete(name: Name): boolean {
    return covers(this.required(this.users[name]!.id, ['local']), ['local', ...this.enrolled[name]])
  }

  /** What is asked of this person now; an optional step only where they have something for it beside the others. */
  private required(id: string, proven: readonly string[]): Factors[] {
    const has = [...proven.filter((name) => name === 'local' || name === 'card'), ...this.enrolled[this.personOf(id).name as Name]]
    const asked = this.plan.flatMap((one) => this.asked(one, id, proven))
    return asked.reduce((kept, one) => {
      const without = kept.filter((other) => other !== one)
      return one.optional && most(kept.map(({ step }) => step), has) === most(without.map(({ step }) => step), has) ? without : kept
    }, asked).map(({ step }) => step)
  }

  private asked(one: Step, id: string, proven: readonly string[]): { step: Factors, optional: boolean }[] {
    if (typeof one === 'string' || one.type === 'anyOf' || one.type === 'allOf') return [{ step: one, optional: false }]
    if (one.type === 'optional') return [{ step: one.step, optional: true }]
    const evidence = proven.map((factor) => ({ factor, amr: [], at: new Date(), via: 'fresh' as const }))
    return one.predicate({ user: this.personOf(id), req: {} as never, evidence }) === true ? this.asked(one.step, id, proven) : []
  }
}

/** How many leaves can have an authenticator each. */
function most([first, ...rest]: readonly Factors[], has: readonly string[]): number {
  if (first === undefined) return 0
  if (typeof first !== 'string') return first.type === 'allOf' ? most([...first.factors, ...rest], has) : Math.max(...first.factors.map((one) => most([one, ...rest], has)))
  const without = most(rest, has)
  return has.includes(first) ? Math.max(without, 1 + most(rest, has.filter((factor) => authenticatorOf(factor) !== authenticatorOf(first)))) : without
}

/** Each leaf needs an authenticator of its own. */
function covers([first, ...rest]: readonly Factors[], proven: readonly string[]): boolean {
  if (first === undefined) return true
  if (typeof first !== 'string') return first.type === 'allOf' ? covers([...first.factors, ...rest], proven) : first.factors.some((one) => covers([one, ...rest], proven))
  return proven.includes(first) && covers(rest, proven.filter((factor) => authenticatorOf(factor) !== authenticatorOf(first)))
}
