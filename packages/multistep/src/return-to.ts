/**
 * A path of this app that is safe to send a browser to, or `undefined`. Only what browsers, proxies and routers read alike passes:
 * no scheme, host, backslash, control character, empty segment, `@`, or encoded form of these (OWASP Unvalidated Redirects; RFC 9700 §4.11).
 * Query and fragment are free.
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

/** Whether a path lies at or under another, the way routers see it: case and trailing slashes make no difference. */
export function isUnder(path: string, base: string): boolean {
  const [plain = '', trunk] = [path.split(/[?#]/, 1)[0]?.toLowerCase(), base.toLowerCase().replace(/\/+$/, '')]
  return plain === trunk || plain.startsWith(`${trunk}/`)
}
