/**
 * A path of this app that is safe to send a browser to, or `undefined`. Only what browsers, proxies and routers read
 * alike passes: no scheme, host, backslash, control character, empty segment, `@`, or encoded form of these (OWASP
 * Unvalidated Redirects; RFC 9700 §4.11). Query and fragment are free.
 */
export function localPath(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > 2048 || !value.startsWith('/')) return undefined
  if (!printable.test(value)) return undefined
  const path = value.split(/[?#]/, 1)[0] ?? ''
  if (path.includes('//') || path.includes('\\') || path.includes('@') || encodedTrouble.test(path)) return undefined
  const { pathname } = new URL(path, 'http://local.invalid')
  return pathname.includes('//') ? undefined : value
}

const printable = /^[\x21-\x7e]+$/
/** %00–%1F, %7F, and encoded `/`, `\`, `@` and `%` (double encoding). */
const encodedTrouble = /%(?:[01][0-9a-f]|7f|2f|5c|40|25)|%(?![0-9a-f]{2})/i

/**
 * A path to come back to after the login: local, and not at or under `loginPath` the way browsers and routers see it,
 * to whom dot segments, encoding, case and trailing slashes make no difference.
 */
export function returnPath(value: unknown, loginPath: string): string | undefined {
  const path = localPath(value)
  if (path === undefined) return undefined
  const [plain, trunk] = [path, loginPath].map((one) => decoded(new URL(one, 'http://local.invalid').pathname).toLowerCase().replace(/\/+$/, ''))
  return plain === trunk || plain?.startsWith(`${trunk}/`) || endsLogin.test(plain ?? '') ? undefined : path
}

/** As apps name the route that logs out: a browser that is led there by its login has none. */
const endsLogin = /\/(?:log|sign)[-_.]?(?:out|off)(?:\.\w+)?$/

function decoded(pathname: string): string {
  try {
    return decodeURIComponent(pathname)
  } catch {
    return pathname
  }
}
