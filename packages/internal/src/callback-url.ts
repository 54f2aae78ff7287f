import { isLoopback } from './allowed-url.js'

/**
 * Checks where another site sends the user back to. The app writes it out: a redirect URI that is made of the `Host`
 * header could be chosen by an attacker.
 * @param example an address that shows what to write
 * @throws TypeError that says what to write instead
 */
export function checkCallbackUrl(value: unknown, example: string): URL {
  const what = `callbackURL is the whole address of the callback, such as '${example}'`
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined
  if (!url) {
    throw new TypeError(
      `${what}, not ${JSON.stringify(value)}: it is not made of the request, whose Host header anybody can choose.`,
    )
  }
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url))) {
    throw new TypeError(`${what}: https:, or http: on loopback while developing.`)
  }
  if (url.search !== '' || url.hash !== '' || url.username !== '') {
    throw new TypeError(`${what}: without a query, a #fragment or a user name.`)
  }
  return url
}
