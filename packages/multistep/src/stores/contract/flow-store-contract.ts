import { deviceContract } from './devices.js'
import { flowContract } from './flows.js'
import type { ContractKit } from './kit.js'
import { ledgerContract } from './ledgers.js'
import { loginContract } from './logins.js'
import { stepUpContract } from './step-ups.js'
import { tombstoneContract } from './tombstones.js'

/**
 * Proves that a store keeps every promise of `FlowStore`, those about concurrency included.
 *
 * Time is the given clock; entries must not end sooner by the machine's clock than by that one.
 * @example
 * flowStoreContract({ describe, it, expect, createStore: ({ now }) => new MyFlowStore({ now }) })
 */
export function flowStoreContract(kit: ContractKit): void {
  kit.describe('flows', () => flowContract(kit))
  kit.describe('logins', () => loginContract(kit))
  kit.describe('step-ups', () => stepUpContract(kit))
  kit.describe('ledgers', () => ledgerContract(kit))
  kit.describe('devices', () => deviceContract(kit))
  kit.describe('tombstones', () => tombstoneContract(kit))
}
