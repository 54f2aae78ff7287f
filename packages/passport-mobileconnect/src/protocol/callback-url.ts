import { isLoopback } from '../operators/allowed-url.js'

const PLACE = '{operator}'

/**
 * Checks where operators send the user back to. The app writes it out: a redirect URI that is made of the `Host` header
 * could be chosen by an attacker.
 * @throws TypeError that says what to write instead.
 */
export function checkCallbackUrl(value: unknown): string {
  const example =
    'callbackURL is the whole address of the callback, such as \'https://app.example/login/mobileconnect/callback\''
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined
  if (!url) {
    throw new TypeError(
      `${example}, not ${JSON.stringify(value)}: it is not made of the request, whose Host header anybody can choose.`,
    )
  }
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url))) {
    throw new TypeError(`${example}: https:, or http: on loopback while developing.`)
  }
  if (url.search !== '' || url.hash !== '' || url.username !== '') {
    throw new TypeError(`${example}: without a query, a #fragment or a user name.`)
  }
  checkPlace(String(value), url)
  return String(value)
}

function checkPlace(callbackURL: string, { origin }: URL): void {
  const places = callbackURL.split(PLACE).length - 1
  const isWholePart = callbackURL.slice(origin.length).split('/').includes(PLACE)
  if (places === 0 || (places === 1 && isWholePart)) return
  throw new TypeError(
    `callbackURL has ${PLACE} once, as a whole part of its path:`
    + ` 'https://app.example/login/mobileconnect/callback/${PLACE}'.`,
  )
}

/** Whether each operator has a callback address of its own. */
export const isPerOperator = (callbackURL: string): boolean => callbackURL.includes(PLACE)

export const redirectUriOf = (callbackURL: string, operator: string): string => callbackURL.replace(PLACE, operator)

/**
 * Whether a callback came in at this operator's own address. Otherwise a malicious operator could pass on the code of
 * another one (mix-up, RFC 9700 §4.4.2.2).
 * Only the end of the path is compared, because proxies strip and add beginnings.
 */
export function cameInFor(operator: string, callbackURL: string, url: string): boolean {
  if (!isPerOperator(callbackURL)) return true
  const end = `/${operator}${callbackURL.slice(callbackURL.indexOf(PLACE) + PLACE.length)}`
  const [path = ''] = url.split(/[?#]/)
  return withoutLastSlash(path).endsWith(withoutLastSlash(end))
}

/** Express treats both paths as the same. */
const withoutLastSlash = (path: string): string => path.replace(/\/$/, '')
