const originOf = (origin: string): string => {
  const url = URL.canParse(origin) ? new URL(origin) : undefined
  if (url && /^https?:$/.test(url.protocol)) return url.origin
  throw new TypeError(`formAction lists origins such as 'https://operator.example', not ${JSON.stringify(origin)}.`)
}

/**
 * The value of `Content-Security-Policy` for the pages: nothing but their own style sheet and script, no frames.
 * `formAction`: further origins that forms may end up at, by redirects too. `scripts`: digests of scripts that stand in the page itself.
 * @throws TypeError when one is no http(s) origin.
 */
export const contentSecurityPolicy = ({ formAction = [], scripts = [] }: { formAction?: readonly string[], scripts?: readonly string[] } = {}): string => [
  `default-src 'none'`,
  `style-src 'self'`,
  ['script-src', `'self'`, ...scripts].join(' '),
  `img-src 'self' data:`,
  ['form-action', `'self'`, ...formAction.map(originOf)].join(' '),
  `frame-ancestors 'none'`,
  `base-uri 'none'`,
].join('; ')
