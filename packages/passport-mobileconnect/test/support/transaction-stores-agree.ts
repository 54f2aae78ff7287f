import fc from 'fast-check'
import { MemoryTransactionStore, type TransactionStore } from 'passport-mobileconnect'

const second = 1000

type Step =
  | { readonly pass: number }
  | { readonly call: string, readonly run: (store: TransactionStore) => Promise<unknown> }
type Arbitraries<Args extends unknown[]> = { [Key in keyof Args]: fc.Arbitrary<Args[Key]> }

function call<Args extends unknown[]>(
  name: string,
  args: Arbitraries<Args>,
  run: (store: TransactionStore, ...args: Args) => Promise<unknown>,
): fc.Arbitrary<Step> {
  return fc.tuple<Args>(...args)
    .map((given): Step => ({ call: `${name} ${JSON.stringify(given)}`, run: (store) => run(store, ...given) }))
}

const id = fc.constantFrom('one', 'two', 'drei:{x}', '__proto__')
const time = fc.constantFrom(0, 1, second, 2 * second, 5 * second, 60 * second)
const ttl = fc.constantFrom(10 * second, 60 * second)
// The window belongs to what is counted.
const counted = fc.constantFrom<[string, number]>(['minute', 60 * second], ['ten seconds', 10 * second])

const step: fc.Arbitrary<Step> = fc.oneof(
  time.map((pass): Step => ({ pass })),
  call('put', [id, fc.string(), ttl], (store, ...args) => store.put(...args)),
  call('take', [id], (store, ...args) => store.take(...args)),
  call('claim', [id, time], (store, ...args) => store.claim(...args)),
  call('postpone', [id, time, time], (store, ...args) => store.postpone(...args)),
  call('count', [counted, fc.integer({ min: 0, max: 4 })], (store, [key, window], limit) =>
    store.count(key, limit, window)),
)

/** Every kind of answer that an operation gives. */
export const transactionAnswers = ['claimed', 'counted', 'early', 'spent', 'string', 'undefined', 'unknown']

/**
 * Plays random sequences in memory and in all stores that `create` makes, and compares every answer.
 * @returns the kinds of answers that were seen, in the order of the alphabet.
 */
export async function transactionStoresAgree(
  create: (now: () => number) => readonly TransactionStore[] | Promise<readonly TransactionStore[]>,
  numRuns: number,
): Promise<readonly string[]> {
  const seen = new Set<string>()
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 60 }), async (steps) => {
    let at = 1_700_000_000_000
    const now = () => at
    const memory = new MemoryTransactionStore({ now })
    const others = await create(now)
    for (const each of steps) {
      if ('pass' in each) {
        at += each.pass
        continue
      }
      const answer = await each.run(memory)
      for (const other of others) expect([each.call, await each.run(other)]).toEqual([each.call, answer])
      seen.add(typeof answer === 'object' ? (answer as { status: string }).status : typeof answer)
    }
  }), { numRuns })
  return [...seen].sort()
}
