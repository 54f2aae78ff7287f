import { duration, type Duration } from '#internal/duration'
import { checkFunctions, checkOptionNames, requireText } from '#internal/option-checks'
import type { SmsChannel } from '../../lib/channels.js'
import { checkChannels } from '../sender.js'
import type { Fetch } from '../http-request.js'
import { gatewayUrl, headerTemplates, payloadTemplate, readHeaders, typeOfPayload } from './http-templates.js'
import { placeholdersIn, type Template } from '../templates.js'

/** How a gateway is asked to send a text. Placeholders (`$ctx.num`, `$ctx.msg`) are escaped for where they stand. */
export interface HttpSenderOptions {
  /** `http:` or `https:`. Placeholders may stand in its path and its query. */
  readonly url: string
  /**
   * A `GET` has no payload.
   * @default 'POST'
   */
  readonly method?: 'GET' | 'POST' | 'PUT'
  /**
   * By name, or as one text, `name:value, name:value`.
   * @default none
   */
  readonly headers?: Readonly<Record<string, string>> | string
  /**
   * The body of the request, with placeholders.
   * @default none
   * @example
   * payload: '{"to": "$ctx.num", "text": "$ctx.msg"}'
   */
  readonly payload?: string
  /**
   * What the gateway can do. With several, `$ctx.channel` tells it which one it is.
   * @default ['sms']
   */
  readonly channels?: readonly SmsChannel[]
  /**
   * Of the payload: form, JSON, XML or plain text.
   * @default form: `application/x-www-form-urlencoded`, unless a header `Content-Type` says otherwise
   */
  readonly contentType?: string
  /**
   * Which answers mean that the text was taken.
   * @default [200, 201, 202]
   */
  readonly expectStatus?: number | readonly number[]
  /**
   * Looks for an error inside an answer of an expected status, of which it gets the first 64 KiB: `false` means
   * refused, throwing means unknown.
   * @default none: the status alone decides
   */
  readonly expectBody?: (body: string) => boolean | Promise<boolean>
  /**
   * Where a JSON answer says which id the text has, and which error: names of fields, with dots between those within
   * each other (`messages.0.id`). They become `messageId` of events and `providerCode` of refusals, if they read like
   * such.
   * @default none: there is no id, and a refusal is `http_400`
   * @example
   * answer: { id: 'sid', code: 'code' } // Twilio
   */
  readonly answer?: { readonly id?: string, readonly code?: string }
  /**
   * How long an answer may take, such as `'3s'`.
   * @default none: `senderTimeout` of the service holds
   */
  readonly timeout?: Duration
  /**
   * What else must not stand in an error: texts, and patterns. Number, code and text of the message, header values and
   * the query are hidden always.
   * @default none
   */
  readonly mask?: readonly (string | RegExp)[]
  /**
   * The `provider` of results and events.
   * @default 'http'
   */
  readonly name?: string
  /** @default the `fetch` of Node */
  readonly fetch?: Fetch
}

/** The options, read and checked once. */
export interface HttpGateway {
  readonly name: string
  readonly method: string
  readonly url: Template
  readonly headers: readonly (readonly [name: string, value: Template])[]
  readonly payload: Template | undefined
  readonly channels: readonly SmsChannel[]
  /** Whether the gateway gets the whole text, or the code alone. */
  readonly showsText: boolean
  readonly expectStatus: readonly number[]
  readonly expectBody: (body: string) => unknown
  readonly answer: { readonly id?: string, readonly code?: string }
  readonly timeout: number | undefined
  readonly mask: readonly (string | RegExp)[]
  readonly fetch: Fetch
}

const httpOptionNames = ['url', 'method', 'headers', 'payload', 'channels', 'contentType', 'expectStatus', 'expectBody', 'answer', 'timeout', 'mask', 'name', 'fetch'] satisfies (keyof HttpSenderOptions)[]
const methods: readonly unknown[] = ['GET', 'POST', 'PUT']

/** @throws TypeError for what could only fail later, with the person waiting. */
export function readHttpOptions(options: HttpSenderOptions): HttpGateway {
  checkOptionNames('httpSender', options, httpOptionNames)
  checkFunctions(options, ['expectBody', 'fetch'])
  requireText('url', options.url)
  const { method = 'POST', payload, expectBody = () => true, timeout, mask = [], name = 'http' } = options
  if (!methods.includes(method)) throw new TypeError(`method is 'GET', 'POST' or 'PUT', not ${JSON.stringify(method)}.`)
  if (method === 'GET' && payload !== undefined) throw new TypeError('A GET carries no payload: write the placeholders into the url, or use POST.')
  const headers = readHeaders(options.headers ?? {})
  const channels = checkChannels('channels', options.channels ?? ['sms'])
  const names = checkPlaceholders([options.url, payload ?? '', ...headers.map(([, value]) => value)], channels)
  const contentType = payload === undefined ? undefined : typeOfPayload(options.contentType, headers)
  return {
    name: requireText('name', name),
    method,
    url: gatewayUrl(options.url),
    headers: headerTemplates(headers, contentType),
    payload: payload === undefined || contentType === undefined ? undefined : payloadTemplate(payload, contentType),
    channels,
    showsText: names.includes('msg'),
    expectStatus: readStatuses(options.expectStatus ?? [200, 201, 202]),
    expectBody,
    answer: checkAnswer(options.answer ?? {}),
    timeout: timeout === undefined ? undefined : duration('timeout', timeout, '1d'),
    mask: checkMask(mask),
    fetch: options.fetch ?? globalThis.fetch,
  }
}

function checkPlaceholders(templates: readonly string[], channels: readonly SmsChannel[]): readonly string[] {
  const names = templates.flatMap((text) => placeholdersIn(requireString(text)))
  if (!names.includes('num')) throw new TypeError('The gateway would not learn the number: write $ctx.num where it belongs.')
  if (!names.includes('msg') && !names.includes('otp')) throw new TypeError('The gateway would not learn the text: write $ctx.msg (or $ctx.otp) where it belongs.')
  if (channels.length > 1 && !names.includes('channel')) throw new TypeError('The gateway would not learn the channel: write $ctx.channel where it belongs, or make one httpSender for each.')
  return names
}

function requireString(template: unknown): string {
  if (typeof template !== 'string') throw new TypeError('url, payload and the values of headers are texts.')
  return template
}

function readStatuses(expected: number | readonly number[]): readonly number[] {
  const list = [expected].flat()
  if (list.length === 0 || !list.every((status) => Number.isInteger(status) && status >= 200 && status <= 599)) {
    throw new TypeError(`expectStatus is an HTTP status or a list of them, such as [200, 202], not ${JSON.stringify(expected)}.`)
  }
  return list
}

function checkAnswer(
  answer: { readonly id?: string, readonly code?: string },
): { readonly id?: string, readonly code?: string } {
  checkOptionNames('answer', answer, ['id', 'code'])
  for (const [name, field] of Object.entries(answer)) requireText(`answer.${name}`, field)
  return answer
}

function checkMask(mask: readonly unknown[]): readonly (string | RegExp)[] {
  const fits = (entry: unknown) => (typeof entry === 'string' && entry !== '') || Object.prototype.toString.call(entry) === '[object RegExp]'
  if (!Array.isArray(mask) || !mask.every(fits)) throw new TypeError('mask is a list of texts and regular expressions.')
  return mask as (string | RegExp)[]
}
