import type { Flow, FlowStore, NewLogin } from '../flow-store.js'
import type { NewRequirement, Requirement } from '../step-up-store.js'

/** What the contract needs of a test runner (Jest, Vitest or their like), and of the store under test. */
export interface ContractKit {
  readonly describe: (title: string, body: () => void) => unknown
  readonly it: (title: string, body: () => Promise<void>) => unknown
  readonly expect: (actual: unknown) => { toBe(expected: unknown): unknown, toEqual(expected: unknown): unknown }
  /** An empty store that reads this clock. It may hold little: no test keeps more than a thousand entries. */
  readonly createStore: (options: { readonly now: () => number }) => FlowStore | Promise<FlowStore>
}

export interface Bench {
  readonly store: FlowStore
  readonly now: () => number
  /** Sets the clock ahead. */
  readonly pass: (milliseconds: number) => void
}

export async function bench({ createStore }: ContractKit): Promise<Bench> {
  let instant = 1_700_000_000_000
  const now = () => instant
  return { store: await createStore({ now }), now, pass: (milliseconds) => { instant += milliseconds } }
}

export const minute = 60_000

export const flowId = 'partition.flow'
export const flowTtl = 10 * minute

export const aFlow: Flow = {
  session: 'digest',
  user: { id: 7, tags: [], nothing: null, nested: { empty: {}, text: 'é 😀 "\\\u0000' } },
  proofs: [{ factor: 'local', kind: 'knowledge', amr: [], at: 1_700_000_000_000, via: 'fresh' }],
  challenges: { 'sms-otp': { challenge: 'sealed', public: { list: [], digits: 6 } } },
}

export const otherFlow: Flow = { session: 'digest', proofs: [], challenges: {} }

export const aLogin = (id: string, ttl = 60 * minute): NewLogin =>
  ({ id, ttl, login: { userId: '7', policy: '/login', proofs: aFlow.proofs } })

export const aRequirement: Requirement = {
  asked: [[['sms', 'local'], ['totp']], []],
  page: '/é "',
  openedAt: 1_700_000_000_000,
  proofs: [],
  challenges: { sms: { public: { list: [] } } },
}

export const newRequirement = (id: string): NewRequirement =>
  ({ id, key: `key-${id}`, ttl: 10 * minute, requirement: aRequirement })

/** What a reader does to an answer: a store whose answers cannot be changed may refuse it. */
export function tamper(change: () => void): void {
  try {
    change()
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
  }
}

export const parallel = <T>(times: number, work: (index: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: times }, (_, index) => work(index)))

export const count = <T>(values: readonly T[], wanted: (value: T) => boolean): number => values.filter(wanted).length

export const rejects = (work: Promise<unknown>): Promise<boolean> => work.then(() => false, () => true)

/** None of them can be a key of their own making in a store that is shared. */
export const malformedIds = [
  '', 'partition', 'partition.', '.random', 'partition.random.more', 'a partition.random', 'partition.ran}dom',
  'partition.*', 'partition.random\n', 's:lot.random', '__proto__',
]
