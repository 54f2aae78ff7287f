import { warnOncePerCode } from '#internal/warn-once-per-code'
import { createHmac, timingSafeEqual } from 'node:crypto'
import { checkFunctions, checkOptionNames, requireText } from '#internal/option-checks'
import type { SmsDelivery, SmsReport } from './sender.js'

/** How a gateway proves that a report is its own, and how the report is read. */
export interface ReportWebhookOptions {
  /** What the gateway and you know: at least 16 characters. A list while it changes. */
  readonly secret: string | readonly string[]
  /**
   * The header that proves it. Without `hmac` it holds the secret itself, alone or behind `Bearer `.
   * @default 'authorization'
   */
  readonly header?: string
  /**
   * The header holds the HMAC of the body as it came, in hexadecimal or base64, alone or behind `sha256=`: give the
   * bytes of the body, then (`express.raw({ type: '*\/*' })`).
   * @default none
   */
  readonly hmac?: 'sha256' | 'sha512'
  /** What the body says: the `reference` of the text (`$ctx.ref` of `httpSender`), and what became of it. */
  readonly read: (body: Readonly<Record<string, unknown>>) => SmsReport | undefined
}

/** As Express makes it. `body` is bytes, or what a parser has made of them. */
export interface ReportWebhookRequest {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body?: unknown
}

/** What a request to the webhook was. Of `reported`, hand it to `otp.reported(report)`, and answer 204. */
export type WebhookReport =
  | { readonly status: 'reported' } & SmsReport
  /** It says nothing that is a report: answer 204. */
  | { readonly status: 'ignored' }
  /** It does not know the secret: answer 403. */
  | { readonly status: 'refused' }

const deliveries: readonly unknown[] = [
  'accepted', 'scheduled', 'queued', 'sending', 'sent', 'delivered', 'undelivered', 'failed', 'canceled', 'read',
  'partially_delivered', 'receiving', 'received',
] satisfies SmsDelivery[]

/**
 * Reads what any gateway reports of a text, if it knows the secret. The same request may come twice: a report is only
 * data.
 * @throws TypeError for options without which anybody could report.
 * @example
 * const read = reportWebhook({
 *   secret: process.env.REPORT_KEY ?? '',
 *   read: ({ ref, state }) => {
 *     if (state === 'DLV') return { reference: String(ref), delivery: 'delivered' }
 *     return state === 'ERR' ? { reference: String(ref), delivery: 'failed' } : undefined
 *   },
 * })
 */
export function reportWebhook(options: ReportWebhookOptions): (request: ReportWebhookRequest) => WebhookReport {
  checkOptionNames('reportWebhook', options, ['secret', 'header', 'hmac', 'read'])
  checkFunctions(options, ['read'])
  const { header = 'authorization', hmac, read } = options
  const secrets = [options.secret].flat()
  if (secrets.length === 0) throw new TypeError('secret is required.')
  for (const secret of secrets) {
    if (requireText('secret', secret).length < 16) throw new TypeError('secret is at least 16 characters long.')
  }
  if (typeof read !== 'function') throw new TypeError('read says what a body means: read: (body) => ({ reference, delivery }).')
  if (hmac !== undefined && !['sha256', 'sha512'].includes(hmac)) throw new TypeError('hmac is \'sha256\' or \'sha512\'.')
  const name = requireText('header', header).toLowerCase()
  return ({ headers, body }) => {
    const given = headers[name]
    const proof = typeof given === 'string' ? given.replace(/^(?:Bearer |sha\d{3}=)/i, '') : ''
    if (!isProven(proof, secrets, hmac, body)) return { status: 'refused' }
    const fields = fieldsOf(body)
    const report = fields && read(fields)
    return isReport(report) ? { ...report, status: 'reported' } : { status: 'ignored' }
  }
}

function isProven(proof: string, secrets: readonly string[], hmac: string | undefined, body: unknown): boolean {
  if (hmac === undefined) return secrets.some((secret) => isSame(proof, secret))
  // What a parser has made of a body cannot be turned back into what was signed.
  if (!Buffer.isBuffer(body) && typeof body !== 'string') {
    warnOfParsedBody()
    return false
  }
  const macs = secrets.map((secret) => createHmac(hmac, secret).update(body).digest())
  return macs.some((mac) => isSame(proof.toLowerCase(), mac.toString('hex')) || isSame(proof, mac.toString('base64')))
}

function warnOfParsedBody(): void {
  warnOncePerCode('SMS_OTP_REPORT_PARSED', 'reportWebhook with hmac needs the bytes of the body, and a parser in front of it has read them: put its '
    + 'route, with express.raw({ type: \'*/*\' }), in front of app.use(express.json()).')
}

function isSame(given: string, expected: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(expected)]
  return one.length === other.length && timingSafeEqual(one, other)
}

/** The fields of JSON or of a form. */
function fieldsOf(body: unknown): Readonly<Record<string, unknown>> | undefined {
  const parsed = Buffer.isBuffer(body) || typeof body === 'string' ? parse(String(body)) : body
  return typeof parsed === 'object' && parsed !== null ? parsed as Record<string, unknown> : undefined
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return Object.fromEntries(new URLSearchParams(text))
  }
}

const isReport = (report: SmsReport | undefined): report is SmsReport => deliveries.includes(report?.delivery)
