export { Strategy, type AuthenticateOptions } from './strategy/strategy.js'
export type {
  Capture, RequestOptions, ServiceOptions, StrategyOptions, StrategyOptionsWithRequest,
} from './strategy/strategy-options.js'
export type { Verify, VerifyDone, VerifyWithRequest } from './strategy/verify-callback.js'
export type { Failure, SmsOtpOutcome } from './strategy/outcome.js'
export { SmsOtp, type SmsOtpInputs } from './service/sms-otp.js'
export type { WaitUntil } from '#internal/wait-until'
export type {
  BeforeSendAnswer, BeforeSendContext, LockoutOptions, Secret, SmsOtpOptions, TraceOptions, Way,
} from './settings/options.js'
export type { Happened, RefusedReason, TraceEntry } from './service/trace.js'
export type { IssueRequest, ResendRequest, VerifyRequest } from './service/requests.js'
export type { DeliveryResult, DeliveryState, IssueResult, Refused, ResendResult, Sent, Undeliverable, VerifyResult } from './service/results.js'
export type * from './service/events.js'
export type { Details, DetailsMayHold } from './texts/details.js'
export type { MessageParts, MessageTemplate } from './texts/message.js'
export { segmentsOf } from './texts/segments.js'
export type { NumberType } from './numbers/phone-number.js'
export type { ChannelLimits, LimitScope, SendLimits, UnsentLimits } from './limits/send-limits.js'
export type { SwapCheck } from './checks/swap-check.js'
export type { ConversionOptions } from './limits/brake.js'
export type { Alphabet } from './codes/code.js'
export { MemoryChallengeStore, type MemoryChallengeStoreOptions } from './stores/memory/memory-challenge-store.js'
export { RedisChallengeStore, type RedisChallengeStoreOptions } from './stores/redis/redis-challenge-store.js'
export type {
  AssignRequest, Budget, ChallengeKey, ChallengeStore, ConcludeAnswer, ConcludeRequest, Conversion, CountAnswer,
  CountRequest, KeptNote, Limit, LockoutPolicy, Note, NoteRequest, ReleaseRequest, ReportAnswer, ReportRequest,
  ReserveAnswer, SendAnswer, SendRequest, TraceAnswer, UndoRequest, VerifyAnswer,
  VerifyRequest as StoreVerifyRequest,
} from './stores/challenge-store.js'
export type {
  CodeGuess, CodeProvider, CodeStart, CodeStarted, CodeVerdict, ProviderCode,
} from './providers/provider.js'
export type { SmsDelivery, SmsMessage, SmsReceipt, SmsReport, SmsSender } from './senders/sender.js'
export type { SmsChannel } from './lib/channels.js'
export { SmsOtpError, statusOf, type SmsOtpCode, type SmsOtpErrorOptions } from './lib/errors.js'
export type { Duration } from '#internal/duration'
export type { UserId } from '#internal/user-id'
