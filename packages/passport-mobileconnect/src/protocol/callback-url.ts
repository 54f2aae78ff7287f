import { checkCallbackUrl } from '#internal/callback-url'

const PLACE = '{operator}'

/**
 * Checks where operators send the user back to, and the place of `{operator}` in it.
 * @throws TypeError that says what to write instead.
 */
export function checkOperatorCallback(value: unknown): string {
  const url = checkCallbackUrl(value, 'https://app.example/login/mobileconnect/callback')
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
