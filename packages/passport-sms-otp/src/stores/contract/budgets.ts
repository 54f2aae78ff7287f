import type { Budget } from '../challenge-store.js'
import { day, hour, minute, onBench, parallel, rejects, tag, tally, type ContractKit } from './kit.js'

const budget = (limit: number, window = hour): Budget => ({ key: tag(), limits: [{ limit, window }] })

export function budgetContract(kit: ContractKit): void {
  kit.describe('reserve', () => reserving(kit))
  kit.describe('release', () => releasing(kit))
  kit.describe('a budget that is only looked at', () => peeking(kit))
  kit.describe('remember', () => remembering(kit))
  kit.describe('many at once', () => concurrentReserves(kit))
}

function reserving(kit: ContractKit): void {
  const { expect } = kit
  const it = onBench(kit)

  it('reserve takes one from each budget, until one is spent (R-20)', async ({ store, now }) => {
    const [wide, narrow] = [budget(5), budget(2)]
    expect(await store.reserve([wide, narrow])).toEqual({ status: 'reserved', at: now() })
    expect(await store.reserve([wide, narrow])).toEqual({ status: 'reserved', at: now() })
    expect(await store.reserve([wide, narrow])).toEqual({ status: 'spent', key: narrow.key, retryAt: now() + hour, at: now() })
  })

  it('reserve takes nothing from any budget when one is spent (S-14)', async ({ store }) => {
    const [wide, narrow] = [budget(3), budget(1)]
    for (let asked = 0; asked < 10; asked += 1) await store.reserve([wide, narrow])
    expect(tally(await parallel(4, () => store.reserve([wide])))).toEqual({ reserved: 2, spent: 2 })
  })

  it('reserve names the first spent budget in the order given, and when that one opens again', async ({ store, now }) => {
    const [open, first, second] = [budget(9), budget(0), budget(0, day)]
    expect(await store.reserve([open, first, second])).toEqual({ status: 'spent', key: first.key, retryAt: now() + hour, at: now() })
  })

  it('reserve says when the last of several spent windows opens again', async ({ store, now }) => {
    const both: Budget = { key: tag(), limits: [{ limit: 0, window: day }, { limit: 0, window: hour }] }
    expect(await store.reserve([both])).toEqual({ status: 'spent', key: both.key, retryAt: now() + day, at: now() })
  })

  it('a budget opens again when the window that the first text began has ended', async ({ store, pass, now }) => {
    const one = budget(2)
    const start = now()
    await store.reserve([one])
    pass(50 * minute)
    await store.reserve([one])
    pass(10 * minute - 1)
    expect(await store.reserve([one])).toEqual({ status: 'spent', key: one.key, retryAt: start + hour, at: now() })
    pass(1)
    expect(tally(await parallel(3, () => store.reserve([one])))).toEqual({ reserved: 2, spent: 1 })
  })

  it('reserve counts every window of a budget', async ({ store, pass, now }) => {
    const start = now()
    const both: Budget = { key: tag(), limits: [{ limit: 1, window: hour }, { limit: 2, window: day }] }
    await store.reserve([both])
    expect(await store.reserve([both])).toEqual({ status: 'spent', key: both.key, retryAt: start + hour, at: now() })
    pass(hour)
    await store.reserve([both])
    expect(await store.reserve([both])).toEqual({ status: 'spent', key: both.key, retryAt: start + day, at: now() })
  })

  it('reserve says yes where there is nothing to count', async ({ store }) => {
    expect((await store.reserve([])).status).toBe('reserved')
  })

  it('reserve rejects a limit that is not a whole number, instead of letting everything through (O-10)', async ({ store }) => {
    expect(await rejects(store.reserve([budget(NaN)]))).toBe(true)
    expect(await rejects(store.reserve([budget(1, NaN)]))).toBe(true)
  })
}

function releasing(kit: ContractKit): void {
  const { expect } = kit
  const it = onBench(kit)

  it('release gives back what a reservation took', async ({ store, now }) => {
    const budgets = [budget(1), budget(2)]
    for (let asked = 0; asked < 5; asked += 1) {
      expect(await store.reserve(budgets)).toEqual({ status: 'reserved', at: now() })
      await store.release({ budgets, at: now() })
    }
    expect(tally(await parallel(2, () => store.reserve(budgets)))).toEqual({ reserved: 1, spent: 1 })
  })

  it('release never leaves a budget with more than its limit', async ({ store, pass, now }) => {
    const one = budget(1)
    await store.release({ budgets: [one], at: now() })
    expect(tally(await parallel(2, () => store.reserve([one])))).toEqual({ reserved: 1, spent: 1 })
    pass(hour)
    await store.release({ budgets: [one], at: now() })
    expect(tally(await parallel(2, () => store.reserve([one])))).toEqual({ reserved: 1, spent: 1 })
  })

  it('release gives nothing back to a window that began later', async ({ store, pass, now }) => {
    const one = budget(1)
    const at = now()
    await store.reserve([one])
    pass(hour)
    await store.reserve([one])
    await store.release({ budgets: [one], at })
    expect((await store.reserve([one])).status).toBe('spent')
  })

  it('release takes from other budgets in the same step, also from those that are spent', async ({ store, now }) => {
    const [one, tries] = [budget(1), budget(2)]
    const both = [one, { ...tries, peek: true }]
    for (let tried = 0; tried < 2; tried += 1) {
      expect((await store.reserve(both)).status).toBe('reserved')
      await store.release({ budgets: [one], at: now(), charge: both.slice(1) })
    }
    expect(await store.reserve(both)).toEqual({ status: 'spent', key: tries.key, retryAt: now() + hour, at: now() })
    await store.release({ budgets: [], at: now(), charge: [tries] })
    expect((await store.reserve([one])).status).toBe('reserved')
  })
}

function peeking(kit: ContractKit): void {
  const { expect } = kit
  const it = onBench(kit)
  const conversion = { below: 1, over: 5, pauseFor: hour, patience: 0 }

  it('a budget that is only looked at loses nothing, and refuses where it is spent', async ({ store, now }) => {
    const one = budget(1)
    const peek = { ...one, peek: true }
    expect(tally(await parallel(3, () => store.reserve([peek])))).toEqual({ reserved: 3 })
    await store.reserve([one])
    expect(await store.reserve([peek])).toEqual({ status: 'spent', key: one.key, retryAt: now() + hour, at: now() })
  })

  it('a budget that is only looked at gets nothing back', async ({ store, now }) => {
    const one = { ...budget(1), conversion }
    const peek = { ...one, peek: true }
    await store.reserve([one])
    await store.release({ budgets: [peek], at: now() })
    expect((await store.reserve([one])).status).toBe('spent')
  })

  it('a budget that is only looked at counts no text whose code could come back, and refuses during a pause', async ({ store }) => {
    const watched: Budget = { key: tag(), limits: [], conversion }
    const peek = { ...watched, peek: true }
    expect(tally(await parallel(20, () => store.reserve([peek])))).toEqual({ reserved: 20 })
    expect(tally(await parallel(6, () => store.reserve([watched])))).toEqual({ reserved: 5, paused: 1 })
    expect((await store.reserve([peek])).status).toBe('paused')
  })
}

function remembering(kit: ContractKit): void {
  const { expect } = kit
  const it = onBench(kit)

  it('remember answers with all values that were ever given, by their last', async ({ store, pass }) => {
    const [first, second] = [tag(), tag()]
    const before = await store.remember({})
    await store.remember({ [first]: 'one', [second]: 'two' })
    pass(365 * day)
    expect(await store.remember({ [second]: 'three' })).toEqual({ ...before, [first]: 'one', [second]: 'three' })
    expect(await store.remember({})).toEqual({ ...before, [first]: 'one', [second]: 'three' })
  })
}

function concurrentReserves(kit: ContractKit): void {
  const { expect } = kit
  const it = onBench(kit)

  it('reserve takes exactly the limit of 1000 parallel asks (R-20, S-13)', async ({ store }) => {
    const one = budget(200)
    expect(tally(await parallel(1000, () => store.reserve([one])))).toEqual({ reserved: 200, spent: 800 })
  })

  it('reserve takes from a shared budget exactly what the other budgets let through (S-14)', async ({ store }) => {
    const [shared, narrow] = [budget(100), budget(10)]
    expect(tally(await parallel(50, () => store.reserve([shared, narrow])))).toEqual({ reserved: 10, spent: 40 })
    expect(tally(await parallel(100, () => store.reserve([shared])))).toEqual({ reserved: 90, spent: 10 })
  })
}
