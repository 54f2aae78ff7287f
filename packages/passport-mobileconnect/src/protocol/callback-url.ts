import { isLoopback } from '../operators/allowed-url.js'

const PLACE = '{operator}'

/**
 * Where operators send the person back. Written out, for a redirect URI that is made of the `Host` header is one that anybody can choose.
 * @throws TypeError that says what to write instead.
 */
export function checkCallbackUrl(value: unknown): string {
  const example = 'callbackURL is the whole address of the callback, such as \'https://app.example/login/mobileconnect/callback\''
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined
  if (!url) throw new TypeError(`${example}, not ${JSON.stringify(value)}: it is not made of the request, whose Host header anybody can choose.`)
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url))) throw new TypeError(`${example}: https:, or http: on loopback while developing.`)
  if (url.search !== '' || url.hash !== '' || url.username !== '') throw new TypeError(`${example}: without a query, a #fragment or a user name.`)
  const places = String(value).split(PLACE).length - 1
  const path = String(value).slice(url.origin.length)
  if (places > 1 || (places === 1 && !path.split('/').includes(PLACE))) throw new TypeError(`callbackURL has ${PLACE} once, as a whole part of its path: 'https://app.example/login/mobileconnect/callback/${PLACE}'.`)
  return String(value)
}

/** Whether each operator's callback comes to an address of its own. */
export const isPerOperator = (callbackURL: string): boolean => callbackURL.includes(PLACE)

export const redirectUriOf = (callbackURL: string, operator: string): string => callbackURL.replace(PLACE, operator)

/**
 * Whether a request came in at this operator's own address: what one operator was told to send to its address, another can not send to its
 * own (RFC 9700 §4.4.2.2). Only the end of the path is compared, for proxies strip and add beginnings.
 */
export function cameInFor(operator: string, callbackURL: string, url: string): boolean {
  if (!isPerOperator(callbackURL)) return true
  const end = `/${operator}${callbackURL.slice(callbackURL.indexOf(PLACE) + PLACE.length)}`
  const [path = ''] = url.split(/[?#]/)
  return withoutLastSlash(path).endsWith(withoutLastSlash(end))
}

/** To Express, it makes no other address. */
const withoutLastSlash = (path: string): string => path.replace(/\/$/, '')
