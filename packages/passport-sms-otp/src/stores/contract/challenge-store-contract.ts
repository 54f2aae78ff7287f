import { budgetContract } from './budgets.js'
import { conversionContract } from './conversion.js'
import { delayContract } from './delays.js'
import type { ContractKit } from './kit.js'
import { lockoutContract } from './lockout.js'
import { providerContract } from './provider.js'
import { reportContract } from './reports.js'
import { sendContract } from './send.js'
import { traceContract } from './trace.js'
import { undoContract } from './undo.js'
import { verifyContract } from './verify.js'

/**
 * Proves that a store keeps every promise of `ChallengeStore`, those about concurrency included.
 *
 * Time is the given clock; entries must not end sooner by the machine's clock than by that one.
 * @example
 * challengeStoreContract({ describe, it, expect, createStore: ({ now }) => new MyChallengeStore({ now }) })
 */
export function challengeStoreContract(kit: ContractKit): void {
  kit.describe('send', () => sendContract(kit))
  kit.describe('delays and windows of send', () => delayContract(kit))
  kit.describe('verify', () => verifyContract(kit))
  kit.describe('lockout', () => lockoutContract(kit))
  kit.describe('assign, count and conclude', () => providerContract(kit))
  kit.describe('channels and report', () => reportContract(kit))
  kit.describe('note and trace', () => traceContract(kit))
  kit.describe('undo and retire', () => undoContract(kit))
  kit.describe('reserve and release', () => budgetContract(kit))
  kit.describe('the conversion of reserve and settle', () => conversionContract(kit))
}
