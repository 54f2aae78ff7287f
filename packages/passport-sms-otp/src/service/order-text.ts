import { confirms, isFor, type Binding } from './check-code.js'
import { about, later, ready, type Context, type Ready, type Scheduler, type TextOrder } from './context.js'
import type { Challenge } from '../codes/handle.js'
import { ledgerTag } from '../codes/keys.js'
import type { SmsChannel } from '../lib/channels.js'
import { checkDetails, faultIn, sentenceOf, type Details } from '../texts/details.js'
import { numberOfAccount, parseNumber, refusalOf, type PhoneNumber } from '../numbers/phone-number.js'
import { checkAddress, checkName, readLocale, type IssueRequest, type ResendRequest } from './requests.js'
import { noteDown } from './note-down.js'
import type { Refused, ResendResult } from './results.js'
import { sendText } from './send-text.js'

/**
 * What the strategy adds: a handle to repeat or retire, and an answer that tells nobody whether a number has an
 * account.
 */
export interface Discretion {
  /**
   * The handle this session holds. Its code is sent again if it is for the same number, purpose, subject and details;
   * else a new one takes its place.
   */
  readonly previous?: unknown
  /** Whether the number may be texted at all: if not, everything but that happens. */
  readonly mayText?: ((phone: string) => unknown) | undefined
  /** The number is to be saved in an account that has none. */
  readonly capturing?: boolean | undefined
  readonly background?: Scheduler | undefined
}

/** A text for a number that was given. */
export async function startText(context: Context, request: IssueRequest & Discretion): Promise<ResendResult> {
  const purpose = checkName('purpose', request.purpose)
  const details = readDetails(context, request.details, purpose)
  const { rules } = context.settings
  const number = isTrue(request.known) ? numberOfAccount(request.to, rules) : parseNumber(request.to)
  const subject = request.subject === undefined ? undefined : checkName('subject', request.subject)
  const known = isTrue(request.known)
  const { capturing = false } = request
  if (!number) return refuse(context, { subject, purpose, known }, 'phone')
  const previous = context.settings.handles.open(request.previous)
  const isSame = (challenge: Challenge) => challenge.known === known && challenge.phone === number.e164
    && isFor(challenge, { purpose, subject, capturing }, rules) && confirms(challenge, details)
  const same = previous !== undefined && isSame(previous)
  const channel = channelFor(context, request.channel, same ? previous : undefined)
  if (!channel) return refuse(context, { number, subject, purpose, known }, 'channel')
  const asked = { number, subject, purpose, channel, details, known, capturing }
  return order(context, request, { ...asked, begin: true, ...same ? { repeat: previous } : { retire: previous } })
}

/** The text of a challenge once more. */
export async function repeatText(
  context: Context,
  request: ResendRequest & Discretion & { expected?: Binding },
): Promise<ResendResult> {
  const details = readDetails(context, request.details, request.expected?.purpose)
  const repeat = context.settings.handles.open(request.challenge)
  const { rules } = context.settings
  const number = repeat?.known === true ? numberOfAccount(repeat.phone, rules) : parseNumber(repeat?.phone)
  if (!repeat || !number || !isFor(repeat, request.expected ?? repeat, rules) || !confirms(repeat, details)) return { status: 'unknown' }
  const { subject, purpose, known, capturing } = repeat
  const channel = channelFor(context, request.channel, repeat)
  if (!channel) return refuse(context, { number, subject, purpose, known }, 'channel')
  return order(context, request, { number, subject, purpose, channel, details, known, capturing, begin: false, repeat })
}

/** The channel that is asked for, else the text before's, else the first one. `undefined`: none of the app's. */
function channelFor({ settings: { channels } }: Context, asked: unknown, before?: Challenge): SmsChannel | undefined {
  if (asked !== undefined) return channels.find((channel) => channel === asked)
  const last = before && (before.channel ?? 'sms')
  return channels.find((channel) => channel === last) ?? channels[0]
}

/**
 * @throws SmsOtpError `details_invalid`, which is told to the app: the person who wrote the value reads only that it
 * cannot be shown.
 */
function readDetails({ settings, events }: Context, given: unknown, purpose = ''): Details {
  const fault = faultIn(given, settings.detailRules)
  if (fault) events.emit('send-denied', () => ({ purpose, reason: 'details', detail: sentenceOf(fault) }))
  return checkDetails(given, settings.detailRules)
}

/** The number of a challenge that this session holds, whatever became of it. */
export function numberIn({ settings }: Context, handle: unknown, expected: Binding): string | undefined {
  const challenge = settings.handles.open(handle)
  return challenge && isFor(challenge, expected, settings.rules) ? challenge.phone : undefined
}

// Only true: what an app meant by another value nobody knows, and it would lift limits.
const isTrue = (value: unknown): boolean => value === true

type Asked = Pick<TextOrder, 'number' | 'subject' | 'purpose' | 'channel' | 'details' | 'known' | 'capturing' | 'begin' | 'repeat' | 'retire'>

async function order(
  context: Context,
  request: Partial<IssueRequest> & Discretion,
  asked: Asked,
): Promise<ResendResult> {
  const { locale, mayText, background } = request
  const ip = checkAddress(request.ip)
  const reason = refusalOf(asked.number, context.settings.rules)
  if (reason) return refuse(context, asked, reason)
  const decoy = mayText ? !(await mayText(asked.number.e164)) : asked.repeat?.decoy ?? false
  // Whether a phone is reachable is told of an account's own number alone.
  const tracked = context.settings.expectDelivery !== undefined && asked.known && !decoy && !mayText
  const circumstances = { locale: readLocale(locale), ip, byAddress: 'ip' in request, decoy, tracked, discreet: mayText !== undefined, background }
  // Only a text in the place of another may be unneeded.
  return await sendText(await ready(context), { ...asked, ...circumstances }) as ResendResult
}

interface Refusable {
  readonly purpose: string
  readonly subject?: string | undefined
  readonly number?: PhoneNumber
  readonly channel?: SmsChannel
  readonly known?: boolean
}

async function refuse(context: Context, asked: Refusable, reason: 'phone' | 'channel' | 'country' | 'number-type'): Promise<Refused> {
  const told = reason === 'phone' ? 'number' : reason
  if (context.events.hears('send-denied')) {
    const known = await ready(context)
    context.events.emit('send-denied', () => ({ ...about(known, asked), reason: told }))
  }
  // No limit was asked, so a stranger who types one number after the other must leave no trace of each.
  if (asked.known && context.settings.trace) later(context, noteRefused(context, asked, told))
  return { status: 'refused', reason }
}

async function noteRefused(
  context: Context,
  { number, subject, purpose, channel }: Refusable,
  reason: 'number' | 'channel' | 'country' | 'number-type',
): Promise<void> {
  const phone = number?.e164
  if (subject === undefined && phone === undefined) return
  const ledgerIn = ({ tag }: Ready) => ledgerTag(tag, { subject, known: true }, phone ?? '')
  await noteDown(
    context,
    (known) => ({ ledger: ledgerIn(known), purpose, phone, channel, secrets: [subject] }),
    () => [{ type: 'asked' }, { type: 'refused', reason }],
  )
}
