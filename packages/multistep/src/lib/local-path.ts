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
 * A path to come back to after the login: local, and not at or below `loginPath`. Paths are compared as browsers and
 * routers do, without regard to dot segments, encoding, case and trailing slashes.
 */
export function returnPath(value: unknown, loginPath: string): string | undefined {
  const path = localPath(value)
  if (path === undefined) return undefined
  const target = routed(path)
  const login = routed(loginPath)
  const isBelowLogin = target === login || target.startsWith(`${login}/`)
  return isBelowLogin || logsOut.test(target) ? undefined : path
}

/** A path as browsers and routers compare it. */
function routed(path: string): string {
  return decoded(new URL(path, 'http://local.invalid').pathname).toLowerCase().replace(/\/+$/, '')
}

/** Names of a route that logs out. A login that led the browser there would end at once. */
const logsOut = /\/(?:log|sign)[-_.]?(?:out|off)(?:\.\w+)?$/

function decoded(pathname: string): string {
  try {
    return decodeURIComponent(pathname)
  } catch {
    return pathname
  }
}
