import { isFor, type Binding } from './checking.js'
import { about, type Context, type TextOrder } from './context.js'
import { open } from './handle.js'
import { checkDetails } from './message.js'
import { parseNumber, refusalOf, type PhoneNumber } from './phone-number.js'
import { checkName, readLocale, type IssueRequest, type ResendRequest } from './requests.js'
import type { Refused, ResendResult } from './results.js'
import { sendText } from './sending.js'

/** What the strategy adds: a handle to repeat or retire, and an answer that tells nobody whether a number has an account. */
export interface Discretion {
  /** The handle this session holds. Its code is sent again if it is for the same number, purpose, subject and details; else a new one takes its place. */
  readonly previous?: unknown
  /** Whether the number may be texted at all: if not, everything but that happens. */
  readonly mayText?: ((phone: string) => unknown) | undefined
  readonly background?: boolean | undefined
}

export type Expected = Omit<Binding, 'details'>

/** A text for a number that was given. */
export async function startText(context: Context, request: IssueRequest & Discretion): Promise<ResendResult> {
  const details = checkDetails(request.details)
  const purpose = checkName('purpose', request.purpose)
  const number = parseNumber(request.to)
  const subject = request.subject === undefined ? number?.e164 ?? '' : checkName('subject', request.subject)
  if (!number) return refuse(context, { purpose }, 'phone')
  const previous = open(context.settings.keys, request.previous)
  const same = previous !== undefined && isFor(previous, { purpose, subject, details, to: number.e164 })
  return order(context, request, { number, subject, purpose, details, begin: true, ...same ? { repeat: previous } : { retire: previous } })
}

/** The text of a challenge once more. */
export async function repeatText(context: Context, request: ResendRequest & Discretion & { expected?: Expected }): Promise<ResendResult> {
  const details = checkDetails(request.details)
  const repeat = open(context.settings.keys, request.challenge)
  const number = parseNumber(repeat?.phone)
  if (!repeat || !number || !isFor(repeat, { ...request.expected ?? repeat, details })) return { status: 'unknown' }
  const { subject, purpose } = repeat
  return order(context, request, { number, subject, purpose, details, begin: false, repeat })
}

type Asked = Pick<TextOrder, 'number' | 'subject' | 'purpose' | 'details' | 'begin' | 'repeat' | 'retire'>

async function order(context: Context, request: Partial<IssueRequest> & Discretion, asked: Asked): Promise<ResendResult> {
  const { locale, ip, known = false, mayText, background = false } = request
  const reason = refusalOf(asked.number, context.settings.rules)
  if (reason) return refuse(context, asked, reason)
  const decoy = mayText ? !(await mayText(asked.number.e164)) : asked.repeat?.decoy ?? false
  return sendText(context, { ...asked, locale: readLocale(locale), ip, known, decoy, background })
}

function refuse({ settings, events }: Context, asked: { purpose: string, subject?: string, number?: PhoneNumber }, reason: 'phone' | 'country' | 'number-type'): Refused {
  events.emit('send-denied', () => ({ ...about(settings, asked), reason: reason === 'phone' ? 'number' : reason }))
  return { status: 'refused', reason }
}
