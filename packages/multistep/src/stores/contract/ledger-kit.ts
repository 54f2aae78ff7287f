import type { FlowStore } from '../flow-store.js'
import type { LedgerKey } from '../ledger-store.js'
import { minute } from './kit.js'

export const personLedger: LedgerKey = { partition: 'person', factor: 'local' }
export const nameLedger: LedgerKey = { ...personLedger, of: 'name' }
export const policy = { after: 10, for: 15 * minute, max: 24 * 60 * minute }
export const once = { token: 'token', ttl: 2 * minute }

/** Makes attempts that all fail. @returns whether each one locked. */
export async function fail(store: FlowStore, times: number, key: LedgerKey): Promise<boolean[]> {
  const locks = []
  for (let time = 0; time < times; time += 1) {
    const answer = await store.attempt(key, policy)
    if (answer.status !== 'allowed') {
      throw new Error(`Failure ${time + 1} of ${times} was not even allowed: ${answer.status}.`)
    }
    locks.push(answer.locks)
  }
  return locks
}

/** What `fail` answers where only the last failure locks. */
export const atLast = (times: number): boolean[] => Array.from({ length: times }, (_, index) => index === times - 1)
