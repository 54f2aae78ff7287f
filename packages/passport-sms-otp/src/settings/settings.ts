import type { WaitUntil } from '#internal/wait-until'
import type { CodeFormat, TypedFormat } from '../codes/code.js'
import type { Handles } from '../codes/handles.js'
import type { Keys } from '../codes/keys.js'
import type { SmsChannel } from '../lib/channels.js'
import type { Brake } from '../limits/brake.js'
import type { ChannelLimitTable, SendLimitTable, UnsentLimitTable } from '../limits/send-limits.js'
import type { NumberRules } from '../numbers/phone-number.js'
import type { CodeProvider } from '../providers/provider.js'
import type { SmsSender } from '../senders/sender.js'
import type { ChallengeStore, LockoutPolicy, NoteRequest } from '../stores/challenge-store.js'
import type { DetailRules } from '../texts/details.js'
import type { MessageTemplate } from '../texts/message.js'
import type { KeptCheck } from './kept-check.js'
import type { SmsOtpOptions } from './options.js'

/** The options, checked, with their defaults. */
export interface Settings {
  readonly way: SmsSender | CodeProvider
  /** The first one is the default. */
  readonly channels: readonly [SmsChannel, ...SmsChannel[]]
  /** The app has named the channels, so that the person may choose, and is told. */
  readonly choosesChannel: boolean
  readonly channelLimits: ChannelLimitTable
  /** Milliseconds. Absent: reports are not kept. */
  readonly expectDelivery: number | undefined
  readonly channelFailover: boolean
  readonly keys: Keys
  readonly handles: Handles
  readonly store: ChallengeStore
  readonly rules: NumberRules
  readonly appName: string | undefined
  readonly origin: string | undefined
  readonly message: MessageTemplate
  readonly allowMultiSegment: boolean
  readonly detailRules: DetailRules
  readonly mask: (phone: string) => string
  readonly format: CodeFormat
  /** How the codes look that people type. */
  readonly typed: TypedFormat
  readonly ttl: number
  readonly maxAttempts: number
  readonly delays: readonly number[]
  readonly maxResends: number
  readonly limits: SendLimitTable
  readonly unsentLimits: UnsentLimitTable
  readonly brake: Brake | undefined
  readonly lockout: LockoutPolicy
  /** In the order in which they are asked. */
  readonly checks: readonly KeptCheck[]
  readonly beforeSend: NonNullable<SmsOtpOptions['beforeSend']> | undefined
  readonly senderTimeout: number
  readonly waitUntil: WaitUntil | undefined
  /** What is kept of traces. Absent: none are written. */
  readonly trace: Pick<NoteRequest, 'last' | 'keptFor' | 'keptForFailures'> | undefined
}
