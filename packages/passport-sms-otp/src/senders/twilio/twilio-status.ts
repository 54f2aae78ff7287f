import { createHmac, timingSafeEqual } from 'node:crypto'
import { checkOptionNames, requireText } from '#internal/option-checks'
import type { SmsDelivery } from '../sender.js'
import { twilioCode } from './twilio-codes.js'

/** By what a report of Twilio is known to be its own (`X-Twilio-Signature`). */
export interface TwilioStatusCallbackOptions {
  /** Of the account; a list while it changes. */
  readonly authToken: string | readonly string[]
  /**
   * The address as Twilio calls it, query included: what you gave as `statusCallback`. Never taken from the request,
   * whose host anybody can write.
   */
  readonly url: string
}

/** As Express makes it, with the body of a form parsed (`express.urlencoded({ extended: false })`). */
export interface TwilioStatusRequest {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body?: unknown
  /** Its query names the text, if `twilioSender` has added that. */
  readonly url?: string | undefined
}

export type TwilioDelivery = SmsDelivery

/** What became of a text. Data only: it is no proof of anything about a person. */
export type TwilioStatusReport =
  | {
    /** `repeated`: this process was told the same before. */
    readonly status: 'reported' | 'repeated'
    /** The `id` that the sender returned. */
    readonly id: string
    readonly delivery: TwilioDelivery
    readonly providerCode?: string
    readonly temporary?: boolean
    /** Names the text for `otp.reported(report)`. */
    readonly reference?: string
  }
  /** Not signed by Twilio, or not a report: answer 403. */
  | { readonly status: 'refused' }

type Fields = Readonly<Record<string, string | readonly string[]>>

const MOST_REPORTS = 10_000
const deliveries: readonly TwilioDelivery[] = [
  'accepted', 'scheduled', 'queued', 'sending', 'sent', 'delivered', 'undelivered', 'failed', 'canceled', 'read', 'partially_delivered', 'receiving', 'received',
]

/**
 * Reads what Twilio reports about a text, if its signature is good.
 * @throws TypeError for options without which nothing could be checked.
 * @example
 * const read = twilioStatusCallback({ authToken, url: 'https://acme.example/sms/status' })
 *
 * app.post('/sms/status', express.urlencoded({ extended: false }), (req, res) => {
 *   const report = read(req)
 *   if (report.status === 'reported') otp.reported(report)
 *   res.sendStatus(report.status === 'refused' ? 403 : 204)
 * })
 */
export function twilioStatusCallback(
  options: TwilioStatusCallbackOptions,
): (request: TwilioStatusRequest) => TwilioStatusReport {
  checkOptionNames('twilioStatusCallback', options, ['authToken', 'url'])
  const tokens = [options.authToken].flat()
  if (tokens.length === 0) throw new TypeError('authToken is required.')
  for (const token of tokens) requireText('authToken', token)
  const urls = spellingsOfUrl(options.url)
  const seen = new Set<string>()
  return ({ headers, body, url = '' }) => {
    const fields = fieldsOf(body)
    const signature = headers['x-twilio-signature']
    if (!fields || typeof signature !== 'string') return { status: 'refused' }
    const named = REFERENCE.exec(url)?.[1]
    const signed = named === undefined ? [] : urls.map((each) => withReference(each, named))
    const reference = isSigned(signature, tokens, signed, fields) ? named : undefined
    if (reference === undefined && !isSigned(signature, tokens, urls, fields)) return { status: 'refused' }
    const report = reportOf(fields)
    if (!report) return { status: 'refused' }
    return { status: isNew(seen, `${report.id} ${report.delivery}`) ? 'reported' : 'repeated', ...report, ...reference === undefined ? {} : { reference } }
  }
}

const REFERENCE = /[?&]text=([\w-]{1,4096})$/

/** The address that Twilio calls about one text. */
export const withReference = (url: string, reference: string | undefined): string =>
  (reference === undefined ? url : `${url}${url.includes('?') ? '&' : '?'}text=${reference}`)

/**
 * Twilio signs with or without the standard port, whichever way it calls: `validateRequest` of its SDK tries both, too.
 */
function spellingsOfUrl(url: string): string[] {
  const [, origin, port] = /^(https?:\/\/[^/?#]*?)(:\d+)?(?=[/?#]|$)/i.exec(requireText('url', url)) ?? []
  if (origin === undefined || !URL.canParse(url)) throw new TypeError('url is the whole address of the callback and begins with https://.')
  const rest = url.slice(origin.length + (port ?? '').length)
  const standard = /^https/i.test(url) ? ':443' : ':80'
  return [`${origin}${rest}`, `${origin}${port ?? standard}${rest}`]
}

/** Only what could be signed: texts, and lists of texts for names that come more than once. */
function fieldsOf(body: unknown): Fields | undefined {
  if (typeof body !== 'object' || body === null) return undefined
  const isText = (value: unknown) => typeof value === 'string'
  return Object.values(body).every(
    (value) => isText(value) || (Array.isArray(value) && value.every(isText)),
  ) ? body as Fields : undefined
}

/** @see https://www.twilio.com/docs/usage/security#validating-requests */
function isSigned(signature: string, tokens: readonly string[], urls: readonly string[], fields: Fields): boolean {
  const text = Object.keys(fields).sort().map((name) => [...new Set([fields[name] ?? []].flat())].sort().map((value) => name + value).join('')).join('')
  const given = Buffer.from(signature)
  const expected = tokens.flatMap((token) => urls.map((url) => Buffer.from(createHmac('sha1', token).update(url + text).digest('base64'))))
  return expected.some((good) => good.length === given.length && timingSafeEqual(good, given))
}

/**
 * Strict, because nothing parts names from values in what was signed: the same signature fits the same letters cut
 * elsewhere.
 */
function reportOf(fields: Fields) {
  const { MessageSid: id, MessageStatus: status, ErrorCode: code } = fields
  if (id === undefined) return reportOfCall(fields)
  const delivery = deliveries.find((name) => name === status)
  if (typeof id !== 'string' || !/^(SM|MM)[0-9a-f]{32}$/.test(id) || delivery === undefined) return undefined
  if (typeof code !== 'string' || !/^\d{5}$/.test(code)) return { id, delivery }
  return { id, delivery, providerCode: code, temporary: twilioCode(code)?.temporary ?? false }
}

/** That a person, or a machine, has answered a call is all that Twilio knows. */
const calls: Readonly<Record<string, TwilioDelivery>> = {
  queued: 'queued', initiated: 'sending', ringing: 'sending', 'in-progress': 'sending', completed: 'delivered',
  busy: 'undelivered', 'no-answer': 'undelivered', failed: 'failed', canceled: 'canceled',
}

function reportOfCall({ CallSid: id, CallStatus: status }: Fields) {
  const delivery = typeof status === 'string' && Object.hasOwn(calls, status) ? calls[status] : undefined
  if (typeof id !== 'string' || !/^CA[0-9a-f]{32}$/.test(id) || typeof status !== 'string' || !delivery) return undefined
  if (!['undelivered', 'failed', 'canceled'].includes(delivery)) return { id, delivery }
  return { id, delivery, providerCode: status, temporary: delivery === 'undelivered' }
}

function isNew(seen: Set<string>, key: string): boolean {
  if (seen.has(key)) return false
  seen.add(key)
  const [oldest] = seen
  if (seen.size > MOST_REPORTS && oldest !== undefined) seen.delete(oldest)
  return true
}
