export {
  NumberVerificationError, type NumberVerificationCode, type NumberVerificationErrorOptions,
} from './errors.js'
export { Strategy } from './strategy/strategy.js'
export type {
  AuthenticateOptions, ProvenNumber, StrategyOptions, StrategyOptionsWithRequest, Verify, VerifyWithRequest,
} from './strategy/strategy-options.js'
export type { VerifyDone } from '#internal/verify-callback'
export type { Diagnosis, DiagnosisName } from './strategy/diagnostics.js'
export type { NumberVerificationOutcome } from './strategy/outcome.js'
export { camara } from './providers/camara/camara.js'
export type { CamaraMetadata, CamaraOptions } from './providers/camara/camara-options.js'
export type { PrivateKey, SigningKey } from '#internal/signing-key'
export {
  unavailableReasons, type AppTask, type AppWay, type AskingWallet, type CreateProvider, type Leaving, type Left,
  type Mode, type NetworkWay, type OperatorTokenWay, type Presented, type Proven, type Provider, type ProviderAnswer,
  type ProviderTools, type Question, type Returned, type Unavailable, type UnavailableReason, type WalletRequest,
  type Way,
} from './providers/provider.js'
export type { ClaimAnswer, CountAnswer, TransactionStore } from '#internal/transactions/transaction-store'
export { MemoryTransactionStore, type MemoryTransactionStoreOptions } from './transactions/memory-transaction-store.js'
export { RedisTransactionStore, type RedisTransactionStoreOptions } from './transactions/redis-transaction-store.js'
export type { NodeRedisClient, RedisClient, ScriptClient } from '#internal/redis-script'
export type { Duration } from '#internal/duration'
export type { UserId } from '#internal/user-id'
