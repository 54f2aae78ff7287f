export { MobileConnectError, type MobileConnectCode, type MobileConnectErrorOptions } from './errors.js'
export { Strategy } from './strategy/strategy.js'
export type {
  AuthenticateOptions, ProvenIdentity, StrategyOptions, StrategyOptionsWithRequest, UnconfirmedAnswer,
} from './strategy/strategy-options.js'
export type { Verify, VerifyDone, VerifyWithRequest } from './strategy/verify-callback.js'
export type { Diagnosis, DiagnosisName } from './strategy/diagnostics.js'
export type { MobileConnectOutcome } from './strategy/outcome.js'
export type { Identity, Tokens } from './protocol/results.js'
export type { Claims } from './protocol/id-token-claims.js'
export type { AcrOptions } from './protocol/acr.js'
export type {
  ClientAuth, OperatorEndpoints, OperatorMetadata, OperatorOptions,
} from './operators/operator-options.js'
export type { PrivateKey, SigningKey } from '#internal/signing-key'
export type { OperatorDefaults } from './operators/read-operator.js'
export type {
  Discovery, DiscoveryAnswer, DiscoveryCall, DiscoveryQuestion, DiscoveryReturn,
} from './operators/discovery.js'
export { gsmaDiscovery } from './discovery/gsma-discovery.js'
export type { GsmaDiscoveryOptions } from './discovery/discovery-options.js'
export type { ClaimAnswer, CountAnswer, TransactionStore } from '#internal/transactions/transaction-store'
export { MemoryTransactionStore, type MemoryTransactionStoreOptions } from './transactions/memory-transaction-store.js'
export { RedisTransactionStore, type RedisTransactionStoreOptions } from './transactions/redis-transaction-store.js'
export type { NodeRedisClient, RedisClient, ScriptClient } from '#internal/redis-script'
export type { Duration } from '#internal/duration'
export type { UserId } from '#internal/user-id'
