/**
 * Checks the address of a party to a login. It is `https:`, except on loopback during development.
 * An attacker who reads or changes these answers could log in as anybody.
 * @throws TypeError that says what is wrong with the address.
 */
export function allowedUrl(what: string, value: unknown): URL {
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined
  if (!url) {
    throw new TypeError(
      `${what} is an absolute address such as 'https://operator.example', not ${JSON.stringify(value)}.`,
    )
  }
  if (url.username !== '' || url.password !== '' || url.hash !== '') {
    throw new TypeError(`${what} has no user name, password or #fragment in it.`)
  }
  if (url.protocol === 'https:') return url
  if (url.protocol !== 'http:' || !isLoopback(url)) {
    throw new TypeError(
      `${what} begins with https:, not ${url.protocol}//${url.host}.`
      + ' Only on loopback http: is allowed, for development.',
    )
  }
  if (process.env.NODE_ENV === 'production') {
    throw new TypeError(`${what} begins with https: when NODE_ENV is production, on loopback, too.`)
  }
  return url
}

export const isLoopback = ({ hostname }: URL): boolean =>
  hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname)
