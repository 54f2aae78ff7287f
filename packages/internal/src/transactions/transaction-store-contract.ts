import { randomBytes } from 'node:crypto'
import type { TransactionStore } from './transaction-store.js'

interface Closable {
  readonly store: TransactionStore
  readonly close?: () => unknown
}

type Made = TransactionStore | Closable

/** What the contract needs of a test runner (Jest, Vitest or their like), and of the store under test. */
export interface ContractKit {
  readonly describe: (title: string, body: () => void) => unknown
  readonly it: (title: string, body: () => Promise<void>) => unknown
  readonly expect: (actual: unknown) => { toBe(expected: unknown): unknown, toEqual(expected: unknown): unknown }
  /** A store that reads this clock, empty or with keys of its own. `close` is called when its test has ended. */
  readonly createStore: (options: { readonly now: () => number }) => Made | Promise<Made>
}

interface Bench {
  readonly store: TransactionStore
  readonly id: string
  /** Sets the clock ahead. */
  readonly pass: (milliseconds: number) => void
}

const minute = 60_000
const sealed = 'c2VhbGVk'
const name = () => randomBytes(32).toString('base64url')
const parallel = <T>(work: () => Promise<T>): Promise<T[]> => Promise.all(Array.from({ length: 20 }, work))

/**
 * Proves that a store keeps every promise of `TransactionStore`, those about concurrency included.
 *
 * Time is the given clock; entries must not end sooner by the machine's clock than by that one.
 * @example
 * transactionStoreContract({ describe, it, expect, createStore: ({ now }) => new MyTransactionStore({ now }) })
 */
export function transactionStoreContract(kit: ContractKit): void {
  kit.describe('put and take', () => takeContract(kit))
  kit.describe('claim and postpone', () => claimContract(kit))
  kit.describe('count', () => countContract(kit))
}

const onBench = (kit: ContractKit) => (title: string, body: (bench: Bench) => Promise<void>): void => {
  kit.it(title, async () => {
    const clock = { at: 1_700_000_000_000 }
    const made = await kit.createStore({ now: () => clock.at })
    const { store, close } = 'store' in made ? made : { store: made }
    try {
      await body({ store, id: name(), pass: (milliseconds) => { clock.at += milliseconds } })
    } finally {
      await close?.()
    }
  })
}

function takeContract(kit: ContractKit): void {
  const { expect } = kit
  const test = onBench(kit)

  test('take gives back what was put, once', async ({ store, id }) => {
    await store.put(id, sealed, minute)
    expect(await store.take(id)).toBe(sealed)
    expect(await store.take(id)).toBe(undefined)
  })

  test('take gives a transaction to exactly one of many that take it at the same time', async ({ store, id }) => {
    await store.put(id, sealed, minute)
    const taken = await parallel(() => store.take(id))
    expect(taken.filter((value) => value === sealed).length).toBe(1)
    expect(taken.filter((value) => value === undefined).length).toBe(19)
  })

  test('take knows nothing of what was never put', async ({ store, id }) => {
    expect(await store.take(id)).toBe(undefined)
  })

  test('two transactions are kept apart', async ({ store, id }) => {
    const other = name()
    await store.put(id, sealed, minute)
    await store.put(other, 'other', minute)
    expect(await store.take(id)).toBe(sealed)
    expect(await store.take(other)).toBe('other')
  })

  test('put replaces what was put under the same id', async ({ store, id }) => {
    await store.put(id, 'first', minute)
    await store.put(id, sealed, minute)
    expect(await store.take(id)).toBe(sealed)
  })

  test('take gives a transaction back until the last millisecond, and not from its end on', async ({ store, id, pass }) => {
    const other = name()
    await store.put(id, sealed, minute)
    await store.put(other, sealed, minute)
    pass(minute - 1)
    expect(await store.take(id)).toBe(sealed)
    pass(1)
    expect(await store.take(other)).toBe(undefined)
  })

  test('a text is kept as it is, whatever is in it', async ({ store, id }) => {
    const text = '{"a":"\u0000 é 😀\\n"}'
    await store.put(id, text, minute)
    expect(await store.take(id)).toBe(text)
  })
}

function claimContract(kit: ContractKit): void {
  const { expect } = kit
  const test = onBench(kit)

  test('claim gives a new transaction to the first that claims it, and leaves it there', async ({ store, id }) => {
    await store.put(id, sealed, minute)
    expect(await store.claim(id, 5000)).toEqual({ status: 'claimed', sealed, slowed: 0 })
    expect(await store.take(id)).toBe(sealed)
  })

  test('claim gives a transaction to exactly one of many that claim it at the same time', async ({ store, id }) => {
    await store.put(id, sealed, minute)
    const answers = await parallel(() => store.claim(id, 5000))
    expect(answers.filter(({ status }) => status === 'claimed').length).toBe(1)
    expect(answers.filter(({ status }) => status === 'early').length).toBe(19)
  })

  test('claim says how long to wait, and gives the transaction again when the lease has ended', async ({ store, id, pass }) => {
    await store.put(id, sealed, minute)
    await store.claim(id, 5000)
    pass(2000)
    expect(await store.claim(id, 5000)).toEqual({ status: 'early', wait: 3000 })
    pass(3000)
    expect(await store.claim(id, 5000)).toEqual({ status: 'claimed', sealed, slowed: 0 })
  })

  test('claim gives a transaction when it was postponed to, not when the lease ended', async ({ store, id, pass }) => {
    await store.put(id, sealed, minute)
    await store.claim(id, 5000)
    await store.postpone(id, 10_000, 0)
    pass(9999)
    expect(await store.claim(id, 5000)).toEqual({ status: 'early', wait: 1 })
    pass(1)
    expect(await store.claim(id, 5000)).toEqual({ status: 'claimed', sealed, slowed: 0 })
  })

  test('postpone adds up by how much a transaction was slowed down', async ({ store, id, pass }) => {
    await store.put(id, sealed, minute)
    await store.postpone(id, 10, 5000)
    await store.postpone(id, 10, 5000)
    pass(10)
    expect(await store.claim(id, 0)).toEqual({ status: 'claimed', sealed, slowed: 10_000 })
    await store.put(id, sealed, minute)
    expect(await store.claim(id, 0)).toEqual({ status: 'claimed', sealed, slowed: 0 })
  })

  test('claim gives nothing of a transaction that is gone', async ({ store, id, pass }) => {
    expect(await store.claim(id, 5000)).toEqual({ status: 'unknown' })
    await store.put(id, sealed, minute)
    pass(minute)
    expect(await store.claim(id, 5000)).toEqual({ status: 'unknown' })
    await store.put(id, sealed, minute)
    await store.take(id)
    expect(await store.claim(id, 5000)).toEqual({ status: 'unknown' })
  })

  test('postpone does not bring back a transaction that is gone', async ({ store, id }) => {
    await store.put(id, sealed, minute)
    await store.take(id)
    await store.postpone(id, 0, 0)
    expect(await store.claim(id, 5000)).toEqual({ status: 'unknown' })
  })
}

function countContract(kit: ContractKit): void {
  const { expect } = kit
  const test = onBench(kit)

  test('count counts up to the limit, and never more, however many come at the same time', async ({ store, id }) => {
    const answers = await parallel(() => store.count(id, 3, minute))
    expect(answers.filter(({ status }) => status === 'counted').length).toBe(3)
    expect(answers.filter(({ status }) => status === 'spent').length).toBe(17)
  })

  test('count says how long to wait, and counts one more when the oldest has left the window', async ({ store, id, pass }) => {
    await store.count(id, 2, minute)
    pass(20_000)
    await store.count(id, 2, minute)
    pass(20_000)
    expect(await store.count(id, 2, minute)).toEqual({ status: 'spent', wait: 20_000 })
    pass(20_000)
    expect(await store.count(id, 2, minute)).toEqual({ status: 'counted' })
    expect(await store.count(id, 2, minute)).toEqual({ status: 'spent', wait: 20_000 })
  })

  test('count does not count what it refused', async ({ store, id, pass }) => {
    await store.count(id, 1, minute)
    pass(30_000)
    await store.count(id, 1, minute)
    pass(30_000)
    expect(await store.count(id, 1, minute)).toEqual({ status: 'counted' })
  })

  test('count counts each key by itself', async ({ store, id }) => {
    await store.count(id, 1, minute)
    expect(await store.count(name(), 1, minute)).toEqual({ status: 'counted' })
  })

  test('count counts nothing under a limit of zero', async ({ store, id }) => {
    expect((await store.count(id, 0, minute)).status).toBe('spent')
  })
}
