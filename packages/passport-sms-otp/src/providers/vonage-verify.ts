import type { KeyObject } from 'node:crypto'
import { checkFunctions, checkOptionNames, requireText } from '#internal/option-checks'
import { checkUrl } from '../camara/camara-client.js'
import type { SmsChannel } from '../lib/channels.js'
import { readSigningKey, signedJwt } from '../lib/signed-jwt.js'
import { parseObject, request, type Fetch } from '../senders/http-request.js'
import { redactor } from '../senders/redact.js'
import { exchange } from './http-outcome.js'
import { refusedByProvider, verdictOf } from './outcomes.js'
import type { CodeGuess, CodeProvider, CodeStart, CodeStarted, CodeVerdict } from './provider.js'

/** A JWT of an application (RS256), or Basic with the key of the account. */
export type VonageLogin =
  | { readonly applicationId: string, readonly privateKey: string | KeyObject }
  | { readonly apiKey: string, readonly apiSecret: string }

/**
 * How this app logs in at Vonage, and what its texts say.
 * @example
 * const options: VonageVerifyOptions = { applicationId, privateKey, brand: 'Acme' }
 */
export type VonageVerifyOptions = VonageLogin & {
  /** Who asks, as the text says it: at most 16 characters. */
  readonly brand: string
  /**
   * From 6 to 10.
   * @default 6
   */
  readonly codeLength?: number | undefined
  /**
   * The WhatsApp number that codes come from, such as `'447400123456'`.
   * @default none: the provider does texts and calls
   */
  readonly whatsAppFrom?: string | undefined
  /** @default 'https://api.nexmo.com' */
  readonly baseUrl?: string | undefined
  /**
   * Stands in events.
   * @default 'vonage-verify'
   */
  readonly name?: string | undefined
  /** @default the `fetch` of Node */
  readonly fetch?: Fetch | undefined
  /**
   * Epoch milliseconds, of the JWT.
   * @default Date.now
   */
  readonly now?: (() => number) | undefined
}

interface VonageClient {
  readonly url: string
  readonly authorization: () => string
  readonly brand: string
  readonly codeLength: number
  readonly whatsAppFrom: string | undefined
  readonly fetch: Fetch
}

/**
 * Vonage Verify v2, by HTTP: Vonage makes the codes, sends them and checks them. It has one verification of a number at
 * a time: a second one is told as a limit of its own, and a resend takes the place of the first. Its texts show no
 * details.
 * @throws TypeError for options that are missing or misspelt.
 * @example
 * vonageVerify({ applicationId, privateKey, brand: 'Acme' })
 */
export function vonageVerify(options: VonageVerifyOptions): CodeProvider {
  const client = readClient(options)
  return {
    name: requireText('name', options.name ?? 'vonage-verify'),
    channels: client.whatsAppFrom === undefined ? ['sms', 'voice'] : ['sms', 'voice', 'whatsapp'],
    code: { length: client.codeLength },
    start: async (start, { signal }) => startRequest(client, start, signal),
    check: async (guess, { signal }) => checkRequest(client, guess, signal),
  }
}

const optionNames = [
  'applicationId', 'privateKey', 'apiKey', 'apiSecret', 'brand', 'codeLength', 'whatsAppFrom', 'baseUrl', 'name', 'fetch', 'now',
]

function readClient(options: VonageVerifyOptions): VonageClient {
  checkOptionNames('vonageVerify', options, optionNames)
  checkFunctions(options, ['fetch', 'now'])
  const { codeLength = 6, whatsAppFrom, baseUrl = 'https://api.nexmo.com', fetch = globalThis.fetch } = options
  const brand = requireText('brand', options.brand)
  if (brand.length > 16) throw new TypeError('brand is of at most 16 characters.')
  if (!Number.isInteger(codeLength) || codeLength < 6 || codeLength > 10) throw new TypeError('codeLength is a whole number from 6 to 10.')
  if (whatsAppFrom !== undefined && !/^[1-9]\d{4,14}$/.test(whatsAppFrom)) throw new TypeError('whatsAppFrom is a number of digits alone, such as \'447400123456\'.')
  const authorization = readLogin(options)
  return { url: `${checkUrl('baseUrl', baseUrl)}/v2/verify`, authorization, brand, codeLength, whatsAppFrom, fetch }
}

function readLogin(options: VonageVerifyOptions): () => string {
  const { applicationId, privateKey, apiKey, apiSecret } = options as Partial<Record<string, unknown>>
  const isJwt = applicationId !== undefined || privateKey !== undefined
  if (isJwt === (apiKey !== undefined || apiSecret !== undefined)) throw new TypeError('vonageVerify takes either applicationId and privateKey, or apiKey and apiSecret.')
  if (!isJwt) {
    const basic = `Basic ${Buffer.from(`${requireText('apiKey', apiKey)}:${requireText('apiSecret', apiSecret)}`).toString('base64')}`
    return () => basic
  }
  const key = readSigningKey('privateKey', privateKey)
  if (key.alg !== 'RS256') throw new TypeError('privateKey is the key of the Vonage application: a private key of RSA.')
  const claims = { application_id: requireText('applicationId', applicationId) }
  const { now = Date.now } = options
  return () => `Bearer ${signedJwt(key, claims, now())}`
}

async function startRequest(client: VonageClient, start: CodeStart, signal: AbortSignal): Promise<CodeStarted> {
  const { brand, codeLength } = client
  const { to, channel, locale, repeated, validFor } = start
  const body = {
    brand, code_length: codeLength, channel_timeout: timeoutFor(validFor), workflow: [stepOf(client, channel, to)],
    ...locale === undefined ? {} : { locale: localeFor(locale) },
  }
  try {
    return await exchange(async () => {
      const answer = await post(client, '', { body, signal })
      const inTheWay = answer.status === 409 && repeated ? answer.members.request_id : undefined
      // Of a live challenge of ours, whose code is asked for again.
      if (typeof inTheWay === 'string' && await cancel(client, inTheWay, signal)) return idIn(await post(client, '', { body, signal }))
      return idIn(answer)
    }, redactor({ to, body: '', code: '' }))
  } catch (error) {
    throw refusedByProvider(error, (code) => kinds[code] ?? 'undeliverable')
  }
}

/**
 * Seconds that the one step lasts, of those that Vonage takes. It ends with the code: a verification that outlasts it
 * would be in the way of the next one.
 */
const timeoutFor = (validFor: number): number => Math.min(Math.max(validFor, 15), 900)

/** One step: Vonage moves on to no other, and sends nothing twice. */
function stepOf({ whatsAppFrom }: VonageClient, channel: SmsChannel, to: string): object {
  return { channel, to: to.slice(1), ...channel === 'whatsapp' ? { from: whatsAppFrom } : {} }
}

/** As Vonage writes them: `de-de`. */
const localeFor = (locale: string): string => {
  const [language = locale, region] = locale.toLowerCase().split('-')
  return `${language}-${region ?? regions[language] ?? language}`
}

const regions: Readonly<Partial<Record<string, string>>> = { en: 'gb', da: 'dk', sv: 'se', cs: 'cz', el: 'gr', ja: 'jp', ko: 'kr', zh: 'cn', uk: 'ua' }

interface VonageAnswer {
  readonly status: number
  readonly members: Readonly<Record<string, unknown>>
}

async function post(
  { url, authorization, fetch }: VonageClient,
  path: string,
  { body, signal }: { body: object, signal: AbortSignal },
): Promise<VonageAnswer> {
  const headers = { authorization: authorization(), 'content-type': 'application/json', accept: 'application/json' }
  const answer = await request(fetch, `${url}${path}`, { method: 'POST', headers, body: JSON.stringify(body), signal })
  return { status: answer.status, members: parseObject(answer.body) }
}

async function cancel({ url, authorization, fetch }: VonageClient, id: string, signal: AbortSignal): Promise<boolean> {
  const init = { method: 'DELETE', headers: { authorization: authorization() }, signal }
  return (await request(fetch, `${url}/${encodeURIComponent(id)}`, init)).status === 204
}

function idIn({ status, members }: VonageAnswer): CodeStarted {
  const { request_id: id } = members
  if (status === 202 && typeof id === 'string') return { id }
  throw refusal(status)
}

const refusal = (status: number): Error => Object.assign(new Error(`Vonage answered with HTTP ${status}.`), { status, code: `http_${status}` })

/** Statuses of a new request: another one for the number is under way, too much at once, a number that is none. */
const kinds: Readonly<Partial<Record<string, 'throttled' | 'blocked'>>> = { http_409: 'throttled', http_429: 'throttled', http_422: 'blocked' }

async function checkRequest(
  client: VonageClient,
  { id, to, code }: CodeGuess,
  signal: AbortSignal,
): Promise<CodeVerdict> {
  try {
    return await exchange<CodeVerdict>(async () => {
      const { status, members } = await post(client, `/${encodeURIComponent(id)}`, { body: { code }, signal })
      if (status === 200 && members.status === 'completed') return 'right'
      throw refusal(status)
    }, redactor({ to, body: '', code }, [id]))
  } catch (error) {
    return verdictOf(error, verdicts)
  }
}

/**
 * Statuses of a check: a wrong code, a request that is not known or was verified already, one that takes no code any
 * more, and too many wrong codes. The rest is about us.
 */
const verdicts: Readonly<Partial<Record<string, CodeVerdict>>> = {
  http_400: 'wrong', http_404: 'expired', http_409: 'expired', http_410: 'exhausted',
  http_401: 'unchecked', http_402: 'unchecked', http_403: 'unchecked', http_429: 'unchecked',
}
