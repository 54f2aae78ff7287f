import { checkFunctions, requireText } from '#internal/option-checks'
import { parseObject, request, type Fetch } from '../http-request.js'

/** What a message is made of, in the words of the SDK. */
export interface TwilioMessage {
  to: string
  body?: string
  contentSid?: string
  /** JSON. */
  contentVariables?: string
  from?: string
  messagingServiceSid?: string
  statusCallback?: string
  /** Seconds. */
  validityPeriod?: number
}

/** What a call is made of, in the words of the SDK. */
export interface TwilioCall {
  to: string
  from: string
  twiml: string
  /** Seconds that it rings. */
  timeout: number
  /** Seconds after which it ends. */
  timeLimit: number
  statusCallback?: string
}

export interface TwilioAnswer {
  readonly sid: string
  readonly status: string
  readonly errorCode?: number | null
}

/** What this package uses of the client of the official SDK, `twilio(accountSid, authToken)`. */
export interface TwilioClient {
  readonly messages: { create(message: TwilioMessage): Promise<TwilioAnswer> }
  /** For the option `voice`. */
  readonly calls?: { create(call: TwilioCall): Promise<TwilioCallAnswer> }
}

export type TwilioCallAnswer = Pick<TwilioAnswer, 'sid' | 'status'>

/** The account, for texts without the SDK. */
export interface TwilioCredentials {
  /** `AC…`: names the account. */
  readonly accountSid: string
  /** The secret of the account. It stands in no log, event or error. */
  readonly authToken: string
  /**
   * Where Twilio is, such as a region of its own, or a fake in a test. `http:` only to this machine.
   * @default 'https://api.twilio.com'
   */
  readonly baseUrl?: string
  /** @default the `fetch` of Node */
  readonly fetch?: Fetch
}

/** Creates one and may be told to give up. Fails as the SDK does: with Twilio's `code` and the HTTP `status`. */
export type Create<Order> = (order: Order, signal: AbortSignal) => Promise<TwilioAnswer>

/** The one request that is needed, without the SDK. */
export function twilioRequest(credentials: TwilioCredentials, resource: 'Messages' | 'Calls'): Create<object> {
  checkFunctions(credentials, ['fetch'])
  const { accountSid, authToken, baseUrl = 'https://api.twilio.com', fetch = globalThis.fetch } = credentials
  const sid = requireText('accountSid', accountSid)
  const url = `${checkBaseUrl(baseUrl)}/2010-04-01/Accounts/${encodeURIComponent(sid)}/${resource}.json`
  const authorization = `Basic ${Buffer.from(`${sid}:${requireText('authToken', authToken)}`).toString('base64')}`
  return async (message, signal) => {
    const fields = Object.entries(message).map(
      ([name, value]): [string, string] => [name.charAt(0).toUpperCase() + name.slice(1), String(value)],
    )
    const body = new URLSearchParams(fields)
    const answer = await request(fetch, url, { method: 'POST', headers: { authorization, accept: 'application/json' }, body, signal })
    const parsed = parseObject(answer.body)
    if (answer.status < 200 || answer.status > 299) {
      throw Object.assign(new Error(typeof parsed.message === 'string' ? parsed.message : `HTTP ${answer.status}`), { status: answer.status, code: parsed.code })
    }
    return { sid: parsed.sid as string, status: parsed.status as string, errorCode: parsed.error_code as number | null }
  }
}

/** The token goes there: a clear line must not leave this machine. */
function checkBaseUrl(baseUrl: string): string {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined
  const local = url?.protocol === 'http:' && ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname)
  if (!url || !(url.protocol === 'https:' || local)) throw new TypeError('baseUrl begins with https:// (http:// only to this machine).')
  return url.href.replace(/\/+$/, '')
}
