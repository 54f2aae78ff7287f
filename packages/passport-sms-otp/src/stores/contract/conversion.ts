import type { Budget, Conversion } from '../challenge-store.js'
import { day, hour, minute, onBench, parallel, rejects, tag, tally, type Bench, type ContractKit } from './kit.js'

const watched = (policy: Partial<Conversion> = {}): Budget =>
  ({ key: tag(), limits: [], conversion: { below: 0.2, over: 5, pauseFor: hour, patience: 0, ...policy } })

const texts = async ({ store }: Bench, budget: Budget, count: number): Promise<string[]> => {
  const answers: string[] = []
  for (let asked = 0; asked < count; asked += 1) answers.push((await store.reserve([budget])).status)
  return answers
}

const codes = async ({ store }: Bench, { key }: Budget, count: number): Promise<void> => {
  for (let entered = 0; entered < count; entered += 1) await store.settle([key], 'verified')
}

export function conversionContract(kit: ContractKit): void {
  kit.describe('too few codes', () => pausing(kit))
  kit.describe('enough codes', () => passing(kit))
  kit.describe('young texts', () => waiting(kit))
}

function pausing(kit: ContractKit): void {
  const { expect } = kit
  const it = onBench(kit)

  it('too few codes pause a budget, and one answer says that the pause began (S-08)', async (bench) => {
    const { store, now, pass } = bench
    const one = watched()
    const start = now()
    expect(tally((await texts(bench, one, 5)).map((status) => ({ status })))).toEqual({ reserved: 5 })
    expect(await store.reserve([one])).toEqual({ status: 'paused', key: one.key, retryAt: start + hour, at: start, began: { sent: 5, verified: 0 } })
    pass(minute)
    expect(await store.reserve([one])).toEqual({ status: 'paused', key: one.key, retryAt: start + hour, at: now() })
    pass(hour - minute - 1)
    expect((await store.reserve([one])).status).toBe('paused')
    pass(1)
    expect((await store.reserve([one])).status).toBe('reserved')
  })

  it('too few codes begin a pause once, however many ask at a time', async (bench) => {
    const one = watched()
    const answers = await parallel(50, () => bench.store.reserve([one]))
    expect(tally(answers)).toEqual({ reserved: 5, paused: 45 })
    expect(answers.filter((answer) => 'began' in answer).length).toBe(1)
  })

  it('a pause takes nothing from the other budgets, which are asked later (S-14)', async (bench) => {
    const one = watched()
    const shared: Budget = { key: tag(), limits: [{ limit: 6, window: hour }] }
    for (let asked = 0; asked < 20; asked += 1) await bench.store.reserve([shared, one])
    expect(tally(await parallel(5, () => bench.store.reserve([shared])))).toEqual({ reserved: 1, spent: 4 })
  })

  it('a pause leaves other budgets alone', async (bench) => {
    const [one, other] = [watched(), watched()]
    await texts(bench, one, 6)
    expect((await bench.store.reserve([other])).status).toBe('reserved')
    expect(await bench.store.reserve([other, one])).toEqual({ status: 'paused', key: one.key, retryAt: bench.now() + hour, at: bench.now() })
  })

  it('too few codes are held against the first budget alone, and not against those after it', async (bench) => {
    const [prefix, country] = [watched(), watched({ over: 8 })]
    for (let asked = 0; asked < 6; asked += 1) await bench.store.reserve([prefix, country])
    expect(tally((await texts(bench, country, 9)).map((status) => ({ status })))).toEqual({ reserved: 8, paused: 1 })
  })

  it('codes count anew after the pause', async (bench) => {
    const one = watched()
    await texts(bench, one, 6)
    bench.pass(hour)
    expect(tally((await texts(bench, one, 6)).map((status) => ({ status })))).toEqual({ reserved: 5, paused: 1 })
  })

  it('a malformed policy is rejected, and makes no more pauses (O-10)', async ({ store }) => {
    const below = [{ below: NaN }, { below: 0 }, { below: 2 }]
    for (const policy of [...below, { over: 0 }, { over: NaN }, { pauseFor: NaN }, { patience: -1 }]) {
      expect(await rejects(store.reserve([watched(policy)]))).toBe(true)
    }
  })
}

function passing(kit: ContractKit): void {
  const { expect } = kit
  const it = onBench(kit)

  it('enough codes let texts go on, count by count', async (bench) => {
    const one = watched()
    for (let round = 0; round < 4; round += 1) {
      expect(tally((await texts(bench, one, 5)).map((status) => ({ status })))).toEqual({ reserved: 5 })
      await codes(bench, one, 1)
    }
  })

  it('enough codes of yesterday do not excuse an attack of today', async (bench) => {
    const one = watched()
    for (let round = 0; round < 10; round += 1) {
      await texts(bench, one, 5)
      await codes(bench, one, 5)
    }
    expect(tally((await texts(bench, one, 20)).map((status) => ({ status })))).toEqual({ reserved: 5, paused: 15 })
  })

  it('enough codes come from texts that may have arrived: lost ones count for nothing', async (bench) => {
    const one = watched()
    for (let round = 0; round < 20; round += 1) {
      expect((await bench.store.reserve([one])).status).toBe('reserved')
      await bench.store.settle([one.key], 'lost')
    }
  })

  it('codes are not needed for texts that were released', async (bench) => {
    const one = watched()
    for (let round = 0; round < 20; round += 1) {
      expect((await bench.store.reserve([one])).status).toBe('reserved')
      await bench.store.release({ budgets: [one], at: bench.now() })
    }
  })

  it('codes are not saved up where no text was counted', async (bench) => {
    const one = watched()
    await codes(bench, one, 10)
    await bench.store.settle([one.key], 'lost')
    expect(tally((await texts(bench, one, 6)).map((status) => ({ status })))).toEqual({ reserved: 5, paused: 1 })
  })

  it('codes are not missed from texts of long ago', async (bench) => {
    const one = watched()
    await texts(bench, one, 4)
    bench.pass(day)
    expect(tally((await texts(bench, one, 5)).map((status) => ({ status })))).toEqual({ reserved: 5 })
  })
}

function waiting(kit: ContractKit): void {
  const { expect } = kit
  const it = onBench(kit)

  it('young texts are not judged before their time, and then with all the codes that came', async (bench) => {
    const one = watched({ patience: 2 * minute })
    expect(tally((await texts(bench, one, 50)).map((status) => ({ status })))).toEqual({ reserved: 50 })
    bench.pass(2 * minute)
    await codes(bench, one, 10)
    expect((await bench.store.reserve([one])).status).toBe('reserved')
    bench.pass(2 * minute)
    expect((await bench.store.reserve([one])).status).toBe('reserved')
  })

  it('young texts are judged at the latest when twice their time has passed', async (bench) => {
    const one = watched({ patience: 2 * minute })
    await texts(bench, one, 50)
    bench.pass(4 * minute)
    const answer = await bench.store.reserve([one])
    expect(answer).toEqual({ status: 'paused', key: one.key, retryAt: bench.now() + hour, at: bench.now(), began: { sent: 50, verified: 0 } })
  })

  it('young texts keep their codes when older texts are judged', async (bench) => {
    const one = watched({ patience: 2 * minute })
    await texts(bench, one, 5)
    await codes(bench, one, 4)
    bench.pass(3 * minute)
    await texts(bench, one, 30)
    await codes(bench, one, 20)
    bench.pass(2 * minute)
    expect((await bench.store.reserve([one])).status).toBe('reserved')
    bench.pass(4 * minute)
    expect((await bench.store.reserve([one])).status).toBe('reserved')
  })
}
