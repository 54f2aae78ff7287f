import type { KeyObject } from 'node:crypto'
import type { LockoutPolicy } from '../stores/challenge-store.js'
import { deriveCode, readCode, sameCode } from '../codes/code.js'
import { askProvider, type Consequence, type Guess, type GuessAnswer, type Unavailable } from './ask-provider.js'
import { later, type Context, type Ready } from './context.js'
import type { FailedEvent } from './events.js'
import { noteLater, ofChallenge, type Happening } from './note-down.js'
import type { SmsChannel } from '../lib/channels.js'
import { debug } from '../lib/debug.js'
import type { Challenge } from '../codes/handle.js'
import { digestOf, pseudonym } from '../codes/keys.js'
import { checkDetails, type Details } from '../texts/details.js'
import { isProvider } from '../providers/provider.js'
import { SmsOtpError } from '../lib/errors.js'
import { maskNumber, numberOfAccount, parseNumber, type NumberRules } from '../numbers/phone-number.js'
import { checkName, type VerifyRequest } from './requests.js'
import { secondsUntil, type VerifyResult } from './results.js'
import { convertedBy } from '../limits/send-limits.js'

/** Whom and what a challenge must have been issued for. Without a subject: for its number. */
export interface Binding {
  readonly purpose: string
  readonly subject?: string | undefined
  /** The account's number. Left out: not asked. */
  readonly to?: string | undefined
  /** Whether to save the number in an account that has none. Left out: not asked. */
  readonly capturing?: boolean
}

export function isFor(challenge: Challenge, binding: Binding, rules: NumberRules): boolean {
  return challenge.purpose === binding.purpose
    && challenge.subject === binding.subject
    && (!('to' in binding) || numberOfAccount(binding.to, rules)?.e164 === challenge.phone)
    && (!('capturing' in binding) || challenge.capturing === binding.capturing)
}

export const confirms = (challenge: Challenge, details: Details): boolean => challenge.details === digestOf(details)

export interface Checked {
  readonly result: VerifyResult
  /** Of `exhausted`: seconds until the challenge expires. */
  readonly retryAfter?: number
}

/** Everything that costs nothing comes first; then exactly one call of the store, told whether the code is right. */
export async function checkCode(context: Context, request: VerifyRequest & Pick<Binding, 'capturing'>): Promise<Checked> {
  const { keys, handles, typed, lockout, rules, detailRules } = context.settings
  const details = checkDetails(request.details, detailRules)
  checkName('purpose', request.purpose)
  if (request.subject !== undefined) checkName('subject', request.subject)
  const code = readCode(request.code, typed)
  if (code === undefined) return { result: { status: 'malformed' } }
  const challenge = handles.open(request.challenge)
  const key = challenge && keys.byId.get(challenge.kid)
  if (!challenge || !key || !isFor(challenge, request, rules) || !confirms(challenge, details)) {
    debug('unknown: %s', challenge ? 'the challenge is for another purpose, subject, number or other details' : 'the handle is none that a secret of the list sealed')
    return { result: { status: 'unknown' } }
  }
  const tag = context.tagKey.known ?? await context.tagKey.read()
  const guess = { challenge, key, code, details, lockout: lockoutOf(lockout, challenge) }
  const answer = await answerTo(context, guess)
  const wentBy = channelsTold(context, answer)
  report({ ...context, tag }, guess, answer, wentBy)
  if (answer.status === 'ok') convert(context, tag, challenge)
  if (answer.status === 'unavailable') throw unavailable(answer)
  return worded(challenge, answer, wentBy)
}

/** By ourselves in one step, or by the provider that made the code, between two. */
async function answerTo({ settings }: Context, guess: Guess): Promise<GuessAnswer> {
  const { way, store, format } = settings
  if (isProvider(way)) return askProvider(settings, way, guess)
  const { challenge, key, code, lockout } = guess
  const right = sameCode(code, deriveCode(key, challenge, format))
  return store.verify({ subject: challenge.tag, id: challenge.id, matched: right && !challenge.decoy, lockout })
}

const unavailable = ({ providerCode, cause }: Unavailable): SmsOtpError =>
  new SmsOtpError('provider_unavailable', 'The provider of the codes did not check the code. Try again in a moment.', { providerCode, cause })

const DAY = 24 * 60 * 60_000

/** Anybody can guess at a number. So the guesses of strangers never disable it: in the end there is one a day. */
const lockoutOf = (lockout: LockoutPolicy, { known }: Challenge): LockoutPolicy =>
  (known ? lockout : { ...lockout, disableFor: Math.max(DAY, lockout.max) })

/** Not awaited, and harmless if it fails: it only tells prefix and country that a code came back. */
function convert(context: Context, tag: KeyObject, { known, phone }: Challenge): void {
  const { brake, store } = context.settings
  const number = brake && !known ? parseNumber(phone) : undefined
  if (number) later(context, store.settle(convertedBy(tag, number), 'verified'))
}

type WentBy = { readonly channels?: readonly SmsChannel[] }

/** Where the app has named channels, or had done so when the code left. */
function channelsTold({ settings }: Context, answer: GuessAnswer): WentBy {
  if (answer.status !== 'ok') return {}
  const { channels = settings.choosesChannel ? ['sms' as const] : undefined } = answer
  return channels ? { channels } : {}
}

function worded(challenge: Challenge, answer: Exclude<GuessAnswer, Unavailable>, wentBy: WentBy): Checked {
  const { phone, subject = phone, purpose, expiresAt } = challenge
  switch (answer.status) {
    case 'ok':
      return { result: { status: 'ok', phone, subject, purpose, at: new Date(answer.at), ...wentBy } }
    case 'wrong':
      return { result: { status: 'wrong', attemptsLeft: answer.attemptsLeft } }
    case 'locked':
      return { result: { status: 'locked', retryAfter: secondsUntil(answer.retryAt, answer.at) } }
    case 'exhausted':
      return { result: { status: 'exhausted' }, retryAfter: secondsUntil(expiresAt, answer.at) }
    default:
      return { result: { status: forgotten(challenge, answer) ? 'expired' : answer.status } }
  }
}

/** A store may drop what has expired; the handle still knows. */
const forgotten = ({ expiresAt }: Challenge, { status, at }: GuessAnswer): boolean => status === 'unknown' && at >= expiresAt

const providerCodeIn = (answer: GuessAnswer): { providerCode?: string } =>
  ('providerCode' in answer ? { providerCode: answer.providerCode } : {})

/** Tells listeners, and the trace, what a guess came to. */
function report(context: Ready, { challenge, code }: Guess, answer: GuessAnswer, wentBy: WentBy): void {
  const { events, tag } = context
  const { phone, subject, purpose } = challenge
  const { at } = answer
  const about = () => ({ phone: maskNumber(phone), subject: pseudonym(tag, subject, phone), purpose })
  const note = (...happened: readonly Happening[]) => {
    noteLater(context, () => ofChallenge(challenge, code), () => happened)
  }
  if (answer.status === 'ok') {
    events.emit('verified', () => ({ ...about(), at: new Date(at), ...wentBy }))
    return note({ type: 'verified', ...wentBy, at })
  }
  const reason: FailedEvent['reason'] = forgotten(challenge, answer) ? 'expired' : answer.status
  const more = answer.status === 'wrong' ? { attemptsLeft: answer.attemptsLeft } : providerCodeIn(answer)
  events.emit('failed', () => ({ ...about(), reason, ...more }))
  const { lockedUntil, disabled } = answer as Consequence
  if (lockedUntil !== undefined) events.emit('locked', () => ({ ...about(), until: new Date(lockedUntil) }))
  if (disabled === true) events.emit('disabled', about)
  note(
    { type: 'guessed', reason, ...more, at },
    ...lockedUntil === undefined ? [] : [{ type: 'locked', until: new Date(lockedUntil), at } as const],
    ...disabled === true ? [{ type: 'disabled', at } as const] : [],
  )
}
