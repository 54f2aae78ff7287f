export { RecoveryCodeStrategy, type RecoveryCodeOptions } from './recovery/recovery-code-strategy.js'
export { MemoryRecoveryCodeStore, type RecoveryCodeStore } from './recovery/recovery-code-store.js'
