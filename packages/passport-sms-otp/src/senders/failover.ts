import { smsChannels } from '../lib/channels.js'
import { withDeadline } from '#internal/deadline'
import { duration, milliseconds, type Duration } from '#internal/duration'
import { createBreaker, type Breaker } from './breaker.js'
import { checkFunctions, checkOptionNames } from '#internal/option-checks'
import { canSend, isSender, shownByAll, type SmsMessage, type SmsReceipt, type SmsSender } from './sender.js'
import { refused, UNREACHABLE } from './provider-error.js'

/** A definite refusal: the text certainly did not leave. */
export interface SenderRefusal {
  /** The sender's name. */
  readonly sender: string
  readonly providerCode: string | undefined
  readonly temporary: boolean
  /** What the sender says about it; else whether it was temporary. */
  readonly tryNext: boolean
}

/**
 * When the next sender takes the place of one that failed. Durations are texts such as `'9s'`.
 * @example
 * failover([first, second], { timeout: '9s', pause: '1m' })
 */
export interface FailoverOptions {
  /**
   * For all senders together; each gets an equal share of what is left. Keep it below `senderTimeout`.
   * @default '9s'
   */
  readonly timeout?: Duration
  /**
   * How long a sender that timed out or broke is passed over; then one request tries it again.
   * @default '30s'
   */
  readonly pause?: Duration
  /**
   * Whether the next sender is asked after a definite refusal.
   * @default `refusal.tryNext`, which is not so for what is about the person (no such number, opted out) or a suspicion
   * of fraud, which the next sender would only bypass
   */
  readonly tryNext?: (refusal: SenderRefusal) => boolean
  /**
   * Milliseconds of a clock that never goes back, by which pauses end.
   * @default performance.now
   */
  readonly now?: () => number
}

interface Line {
  readonly sender: SmsSender
  readonly breaker: Breaker
}

interface Failure {
  readonly sender: string
  readonly error: unknown
  /** Nothing if nobody knows whether the text left. */
  readonly refusal: SenderRefusal | undefined
}

type Attempt = { readonly sent: SmsReceipt } | Failure

/**
 * Gives the text to the first sender, and the same text with the same code to the next when that one refuses it for
 * now, breaks or takes too long. Only those are asked that can do its channel. A sender that broke or took too long may
 * have sent it all the same, so that a person may get the same text twice.
 *
 * When all fail it rejects with the last refusal; or, if one may have sent it, with a plain error, which counts as
 * *unknown*.
 * @throws TypeError for an empty list, what is no sender, a misspelt option or a wrong duration.
 * @example
 * const sender = failover([twilioSender({ client, from: '+15005550006' }), backup], { timeout: '9s', pause: '30s' })
 */
export function failover(senders: readonly SmsSender[], options: FailoverOptions = {}): SmsSender {
  checkSenders(senders)
  checkOptionNames('failover', options, ['timeout', 'pause', 'tryNext', 'now'])
  checkFunctions(options, ['tryNext', 'now'])
  const { timeout = '9s', pause = '30s', tryNext = (refusal: SenderRefusal) => refusal.tryNext, now = () => performance.now() } = options
  const limit = duration('timeout', timeout, '1d')
  const pauseMs = milliseconds('pause', pause)
  const lines: Line[] = senders.map((sender) => ({ sender, breaker: createBreaker(pauseMs, now) }))

  return {
    name: `failover(${lines.map(({ sender }) => sender.name).join(', ')})`,
    ...lines.every(({ sender }) => sender.development) ? { development: true } : {},
    channels: smsChannels.filter((channel) => senders.some((sender) => canSend(sender, { channel }))),
    ...shownByAll(senders),
    reports(listener) { for (const { sender } of lines) sender.reports?.(listener) },
    async send(message, { signal }) {
      const until = performance.now() + limit
      const failures: Failure[] = []
      const able = lines.filter(({ sender }) => canSend(sender, message))
      if (able.length === 0) throw refused(`No sender can do ${message.channel ?? 'sms'}.`, { temporary: false })
      const candidates = choose(able)
      for (const [index, { line, admit }] of candidates.entries()) {
        const left = until - performance.now()
        if (signal.aborted || left <= 0) break
        if (!admit()) continue
        const attempt = await attemptOn(line, message, left / (candidates.length - index), signal)
        if ('sent' in attempt) return attempt.sent
        failures.push(attempt)
        if (attempt.refusal && !tryNext(attempt.refusal)) break
      }
      throw summaryOf(failures)
    },
  }
}

function checkSenders(senders: unknown): void {
  if (!Array.isArray(senders) || senders.length === 0) throw new TypeError('failover takes a list of senders, the preferred one first: failover([first, second]).')
  const wrong = senders.findIndex((sender) => !isSender(sender))
  if (wrong !== -1) throw new TypeError(`failover: number ${wrong + 1} of the list is no sender, such as twilioSender({ ... }) or { name, send(message, { signal }) }.`)
}

/** Those that are not known to be broken. If all are, all: then there is nothing to lose. */
function choose(lines: readonly Line[]): { line: Line, admit: () => boolean }[] {
  const ready = lines.filter(({ breaker }) => breaker.isReady())
  if (ready.length === 0) return lines.map((line) => ({ line, admit: () => true }))
  return ready.map((line) => ({ line, admit: () => line.breaker.admit() }))
}

async function attemptOn(
  { sender, breaker }: Line,
  message: SmsMessage,
  share: number,
  signal: AbortSignal,
): Promise<Attempt> {
  try {
    const sent = await withDeadline(share, (late) => sender.send(message, { signal: AbortSignal.any([late, signal]) }))
    breaker.report('works')
    return { sent: { sender: sender.name, ...sent } }
  } catch (error) {
    const refusal = refusalBy(sender.name, error)
    breaker.report(refusal && refusal.providerCode !== UNREACHABLE ? 'works' : 'broke')
    return { sender: sender.name, error, refusal }
  }
}

/** Matched by its code: a sender may come with a copy of this package of its own. */
function refusalBy(sender: string, error: unknown): SenderRefusal | undefined {
  const { code, providerCode, temporary, tryNext } = (error ?? {}) as {
    code?: unknown
    providerCode?: unknown
    temporary?: unknown
    tryNext?: unknown
  }
  if (code !== 'undeliverable') return undefined
  const isTemporary = temporary === true
  return {
    sender,
    providerCode: typeof providerCode === 'string' ? providerCode : undefined,
    temporary: isTemporary,
    tryNext: typeof tryNext === 'boolean' ? tryNext : isTemporary,
  }
}

/** Without the causes: what a provider's library throws may hold the number or the text. */
function summaryOf(failures: readonly Failure[]): unknown {
  const last = failures.at(-1)
  if (last && failures.every(({ refusal }) => refusal)) return last.error
  const told = failures.map(({ sender, refusal }) => `${sender} ${refusal ? `refused it (${refusal.providerCode ?? 'no code'})` : 'did not answer'}`)
  return new Error(`No sender is known to have taken the text${told.length > 0 ? `: ${told.join(', ')}` : ' in time'}.`)
}
