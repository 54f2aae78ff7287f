import type { Documents } from '#internal/documents/documents'
import type { FlowStore } from 'multistep'
import type { RecoveryCodeStore } from 'multistep/recovery-codes'
import type { TransactionStore } from 'passport-mobileconnect'
import type { ChallengeStore } from 'passport-sms-otp'
import { DocumentRecoveryCodeStore } from './document-recovery-code-store.js'
import { loadStore } from './load-package.js'
import { prefixed } from './prefixed-documents.js'

/** The stores that the packages of second factors ask for. Each loads its package when it is called. */
export interface Stores {
  /**
   * For `new SmsOtp({ store })` and the strategy of `passport-sms-otp`.
   * @throws TypeError `passport-sms-otp` is not installed.
   */
  challenges(): ChallengeStore
  /**
   * For `multistep({ store })`.
   * @throws TypeError `multistep` is not installed.
   */
  flows(): FlowStore
  /**
   * For the strategy of `passport-mobileconnect`.
   * @throws TypeError `passport-mobileconnect` is not installed.
   */
  transactions(): TransactionStore
  /** For `new RecoveryCodeStrategy({ store })` of `multistep/recovery-codes`. */
  recoveryCodes(): RecoveryCodeStore
}

/**
 * All stores over documents, which an adapter of another database keeps.
 *
 * @example
 * ```ts
 * const stores = storesOver(new MyDocuments())
 * const login = multistep(passport, { steps, store: stores.flows() })
 * ```
 */
export const storesOver = (documents: Documents): Stores => ({
  challenges: () => {
    const Store = loadStore<ChallengeStore>('passport-sms-otp', 'DocumentChallengeStore', 'challenges')
    return new Store({ documents: prefixed(documents, 'sms-otp:') })
  },
  flows: () => {
    const Store = loadStore<FlowStore>('multistep', 'DocumentFlowStore', 'flows')
    return new Store({ documents: prefixed(documents, 'multistep:') })
  },
  transactions: () => {
    const Store = loadStore<TransactionStore>('passport-mobileconnect', 'DocumentTransactionStore', 'transactions')
    return new Store({ documents: prefixed(documents, 'mobileconnect:') })
  },
  recoveryCodes: () => new DocumentRecoveryCodeStore(prefixed(documents, 'recovery:')),
})
