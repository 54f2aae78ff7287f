import { withDeadline } from '#internal/deadline'
import { readHttpOptions, type HttpGateway, type HttpSenderOptions } from './http-options.js'
import { request, type HttpAnswer } from '../http-request.js'
import { neverConnected, refused, unknownOutcome, unreachable } from '../provider-error.js'
import { redactedError, redactor, type Redact } from '../redact.js'
import type { SmsMessage, SmsSender } from '../sender.js'

/**
 * Any gateway that takes a text by one HTTP request. `$ctx.num`, `$ctx.msg` and `$ctx.otp` in url, headers and payload
 * are replaced by the number, the text and the code, `$ctx.channel` and `$ctx.ref` by the channel and by what names the
 * text in a report, each escaped for where it stands.
 * @throws TypeError for options that could not work.
 * @example
 * const sender = httpSender({
 *   url: 'https://gateway.example/v1/messages',
 *   headers: { Authorization: `Bearer ${process.env.GATEWAY_KEY ?? ''}` },
 *   contentType: 'application/json',
 *   payload: '{"to": "$ctx.num", "text": "$ctx.msg"}',
 * })
 */
export function httpSender(options: HttpSenderOptions): SmsSender {
  const gateway = readHttpOptions(options)
  return {
    name: gateway.name,
    channels: gateway.channels,
    async send(message, { signal }) {
      if (!gateway.showsText && message.confirms !== undefined) {
        throw refused('The gateway gets the code alone, and would not show what it confirms: use $ctx.msg.', { providerCode: 'details_not_shown', temporary: false })
      }
      const filled = fill(gateway, message)
      const redact = redactor(message, [...gateway.mask, ...secretsOf(filled)])
      const answer = await askGateway(gateway, filled, signal, redact)
      await judge(gateway, answer, redact)
      const id = told(answer, gateway.answer.id, redact)
      return id === undefined ? {} : { id }
    },
  }
}

interface Filled {
  readonly url: string
  readonly headers: [name: string, value: string][]
  readonly body: string | undefined
}

const fill = ({ url, headers, payload }: HttpGateway, message: SmsMessage): Filled => ({
  url: url(message),
  headers: headers.map(([name, value]) => [name, value(message)]),
  body: payload?.(message),
})

/** Keys stand in headers and in the query. Short values are words such as `json`, and hide nothing. */
const secretsOf = ({ url, headers }: Filled): string[] =>
  [url, ...headers.flatMap(([, value]) => [value, value.replace(/^\w+ /, '')]), ...new URL(url).searchParams.values()].filter((value) => value.length >= 8)

async function askGateway(
  { method, fetch, timeout }: HttpGateway,
  { url, headers, body }: Filled,
  signal: AbortSignal,
  redact: Redact,
): Promise<HttpAnswer> {
  const send = (stop: AbortSignal) => request(
    fetch,
    url,
    { method, headers, signal: stop, ...body === undefined ? {} : { body } },
  )
  try {
    return await (
      timeout === undefined ? send(signal) : withDeadline(timeout, (late) => send(AbortSignal.any([signal, late])))
    )
  } catch (error) {
    const cause = redactedError(error, redact)
    if (neverConnected(error)) throw unreachable('There is no connection to the gateway.', cause)
    throw unknownOutcome('The gateway gave no answer, or not a whole one.', { cause })
  }
}

/** A refusal is definite when the gateway says so: by 4xx, except 408, which is about time, or inside its answer. */
async function judge(gateway: HttpGateway, answer: HttpAnswer, redact: Redact): Promise<void> {
  const { status } = answer
  const code = told(answer, gateway.answer.code, redact)
  const about = { providerCode: code ?? `http_${status}`, cause: excerpt(answer, redact) }
  if (gateway.expectStatus.includes(status)) {
    if (!await accepts(gateway, answer, redact)) throw refused('The gateway answered that it did not take the text.', { ...about, providerCode: code ?? 'body_refused', temporary: false })
  } else if (status >= 400 && status < 500 && status !== 408) {
    throw refused(`The gateway refused the text (HTTP ${status}${code === undefined ? '' : `, ${code}`}).`, { ...about, temporary: status === 429 })
  } else {
    throw unknownOutcome(`The gateway answered with HTTP ${status}, which tells nothing about the text.`, about)
  }
}

async function accepts({ expectBody }: HttpGateway, answer: HttpAnswer, redact: Redact): Promise<boolean> {
  try {
    return await expectBody(answer.body) === true
  } catch {
    // Its error is left out: an error of JSON.parse quotes a piece of the answer, which may be half a number.
    throw unknownOutcome('The gateway answered something that expectBody cannot read.', { providerCode: 'body_unreadable', cause: excerpt(answer, redact) })
  }
}

const excerpt = ({ status, body }: HttpAnswer, redact: Redact): Error => new Error(`HTTP ${status}: ${redact(body).slice(0, 500)}`)

const WORD = /^[\w.:=+/@-]{1,100}$/

/** What stands in a field of a JSON answer, if it reads like an id or a code and holds nothing of the message. */
function told({ body }: HttpAnswer, path: string | undefined, redact: Redact): string | undefined {
  if (path === undefined) return undefined
  const value = path.split('.').reduce<unknown>((within, name) => (Object.hasOwn(Object(within) as object, name) ? (within as Record<string, unknown>)[name] : undefined), parsed(body))
  const text = typeof value === 'number' ? String(value) : value
  return typeof text === 'string' && WORD.test(text) && redact(text) === text ? text : undefined
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}
