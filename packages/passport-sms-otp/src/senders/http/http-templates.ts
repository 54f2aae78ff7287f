import { requireText } from '#internal/option-checks'
import { refused } from '../provider-error.js'
import { asIs, asUrl, asXml, compile, jsonAfter, placeholdersIn, type Escape, type Template } from '../templates.js'

type Header = readonly [name: string, value: string]

const sample = { to: '+15005550006', body: 'Text\n"&', code: '012345' }

/** @throws TypeError for a URL that is not of the web, or has placeholders where they would change whom we talk to. */
export function gatewayUrl(text: string): Template {
  const url = URL.canParse(requireText('url', text)) ? new URL(text) : undefined
  if (!url || !/^https?:$/.test(url.protocol)) throw new TypeError('url is the address of the gateway and begins with https:// or http://.')
  if (url.username !== '' || url.password !== '') throw new TypeError('url must not hold a password: use the header Authorization.')
  if (text.includes('#')) throw new TypeError('url must not have a fragment, which is never sent: write # as %23.')
  if (placeholdersIn(/^[^:]*:[/\\]*[^/\\?]*/.exec(text)?.[0] ?? '').length > 0) throw new TypeError('Placeholders stand in the path or the query of url, never in its host.')
  refusePlus('url', text.split('?').slice(1).join('?'))
  return compile(text, () => asUrl)
}

/**
 * @throws TypeError for what every form and query reads as a space: the number of a sender would arrive without its
 * sign.
 */
function refusePlus(place: string, text: string): void {
  if (text.includes('+')) throw new TypeError(`${place}: a + arrives as a space. Write %2B for the sign, as before a number, and %20 for a space.`)
}

/**
 * Headers as pairs. In one text they are parted at those commas after which a name and a colon follow.
 * @throws TypeError for one that is not `name:value`.
 */
export function readHeaders(headers: Readonly<Record<string, string>> | string): readonly Header[] {
  if (typeof headers !== 'string') return Object.entries(headers)
  return headers.replace(/,\s*$/, '').split(/,(?=\s*[!#$%&'*+.^_`|~\w-]+\s*:)/).filter((entry) => entry.trim() !== '').map((entry): Header => {
    const colon = entry.indexOf(':')
    if (colon < 0) throw new TypeError('headers in one text are written name:value, name:value. An object holds every value.')
    return [entry.slice(0, colon).trim(), entry.slice(colon + 1).trim()]
  })
}

/** @throws TypeError when the option and the header differ. */
export function typeOfPayload(option: string | undefined, headers: readonly Header[]): string {
  const header = headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1]
  if (option !== undefined && header !== undefined && option !== header) throw new TypeError('contentType and the header Content-Type differ: give one of them.')
  return requireText('contentType', option ?? header ?? 'application/x-www-form-urlencoded')
}

export function headerTemplates(
  headers: readonly Header[],
  contentType: string | undefined,
): readonly (readonly [string, Template])[] {
  const all = headers.filter(([name]) => contentType === undefined || name.toLowerCase() !== 'content-type')
  if (contentType !== undefined) all.push(['Content-Type', contentType])
  return all.map(([name, value]) => {
    if (!/^[!#$%&'*+.^_`|~\w-]+$/.test(name) || !VISIBLE.test(value)) throw new TypeError(`The header ${JSON.stringify(name)} has characters that no header can have.`)
    return [name, compile(value, () => asHeader)]
  })
}

const VISIBLE = /^[ -~]*$/

/** There is no escape in a header: a line break would begin another one (RFC 9110 §5.5). */
const asHeader: Escape = (value) => {
  if (!VISIBLE.test(value)) throw refused('The text has line breaks or letters that cannot stand in a header: use $ctx.otp there, or a payload.', { temporary: false })
  return value
}

const kinds: readonly (readonly [RegExp, (payload: string) => Template])[] = [
  [/^application\/x-www-form-urlencoded$/, formTemplate],
  [/^[\w.-]+\/([\w.-]+\+)?json$/, jsonTemplate],
  [/^[\w.-]+\/([\w.-]+\+)?xml$/, xmlTemplate],
  [/^text\/plain$/, (payload) => compile(payload, () => asIs)],
]

/** @throws TypeError for a type in which we do not know how to write a value safely. */
export function payloadTemplate(payload: string, contentType: string): Template {
  const [type = '', ...parameters] = contentType.toLowerCase().split(';').map((part) => part.trim())
  const make = kinds.find(([pattern]) => pattern.test(type))?.[1]
  if (!make) throw new TypeError(`contentType is application/x-www-form-urlencoded, application/json, text/xml or text/plain (or another JSON or XML type), not ${contentType}.`)
  if (parameters.some((parameter) => /^charset\s*=/.test(parameter) && !/=\s*"?utf-8"?$/.test(parameter))) throw new TypeError('contentType: payloads are sent in UTF-8.')
  return make(payload)
}

function formTemplate(payload: string): Template {
  refusePlus('payload', payload)
  return compile(payload, () => asUrl)
}

function jsonTemplate(payload: string): Template {
  const template = compile(payload, jsonAfter)
  try {
    JSON.parse(template(sample))
  } catch {
    throw new TypeError('payload is not JSON. A placeholder stands within quotes, or alone where a whole string belongs.')
  }
  return template
}

function xmlTemplate(payload: string): Template {
  const sections = [...payload.matchAll(/<!(?:\[CDATA\[.*?\]\]|--.*?--)>/gs)]
  if (sections.some(([section]) => placeholdersIn(section).length > 0)) throw new TypeError('payload: nothing can be escaped within CDATA or a comment. Write the placeholder as plain content.')
  return compile(payload, () => asXml)
}
