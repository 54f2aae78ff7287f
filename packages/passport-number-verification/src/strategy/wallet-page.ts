import type { Request } from 'express'

/**
 * The address that a page which can ask a wallet is told. A browser that just follows it goes on to the next way, so
 * nothing depends on a script. The fragment says what the script may do, and is never sent to a server.
 */
export const pageAddress = (callbackURL: string, state: string, request?: object): string => {
  const asked = request === undefined ? '' : `=${encodeURIComponent(JSON.stringify(request))}`
  return `${callbackURL}?state=${state}#digital-credential${asked}`
}

/** The address that the app's software on the phone is told. Its fragment has the address that the phone opens. */
export const appAddress = (callbackURL: string, state: string, url?: string): string =>
  `${callbackURL}?state=${state}#app${url === undefined ? '' : `=${encodeURIComponent(url)}`}`

/** Whether a script or an app asks, and no page is to be shown. */
export const wantsJson = ({ headers: { accept = '' } }: Request): boolean =>
  /^application\/json\s*($|;)/i.test(accept)

/** The parameter by which a page says that it can ask a wallet. */
export const isAsking = (parameters: URLSearchParams): boolean => parameters.get('wallet') === 'ask'

/** The one request of `navigator.credentials.get({ digital: { requests } })` (OpenID4VP 1.0, appendix A). */
export const walletRequest = (nonce: string, credential: object): object => ({
  protocol: 'openid4vp-v1-unsigned',
  data: { response_type: 'vp_token', response_mode: 'dc_api', nonce, dcql_query: { credentials: [credential] } },
})

/**
 * Whether this browser may have a wallet that knows its SIM, which Android alone has. Chromium says its platform with
 * each request over https. Any other browser is asked by the page.
 */
export const mayHaveWallet = ({ headers }: Request): boolean =>
  /^("Android")?$/.test(String(headers['sec-ch-ua-platform'] ?? ''))

/** The first language that the browser wants, for what the wallet shows. */
export const languageOf = ({ headers }: Request): string =>
  /^[a-z]{2,3}(-[a-z0-9]{1,8}){0,3}(?=$|[,;\s])/i.exec(headers['accept-language'] ?? '')?.[0] ?? 'en'
