const originOf = (name: string, origin: string): string => {
  const url = URL.canParse(origin) ? new URL(origin) : undefined
  if (url && /^https?:$/.test(url.protocol)) return url.origin
  throw new TypeError(`${name} lists origins such as 'https://operator.example', not ${JSON.stringify(origin)}.`)
}

/** What a page loads or sends beyond its own site. */
export interface PolicyOptions {
  /** Further origins that forms may end up at, by redirects too. */
  readonly formAction?: readonly string[]
  /** Further origins of images, and of style sheets: origins, or URLs there. */
  readonly images?: readonly string[]
  readonly styles?: readonly string[]
  /** Digests of scripts that stand in the page itself. */
  readonly scripts?: readonly string[]
}

/**
 * The value of `Content-Security-Policy` for the pages: nothing but their own style sheet, script and requests, no frames.
 * @throws TypeError for an entry that is no http(s) origin or URL.
 */
export const contentSecurityPolicy = ({ formAction = [], images = [], styles = [], scripts = [] }: PolicyOptions = {}): string => [
  `default-src 'none'`,
  ['style-src', `'self'`, ...styles.map((origin) => originOf('styles', origin))].join(' '),
  ['script-src', `'self'`, ...scripts].join(' '),
  `connect-src 'self'`,
  ['img-src', `'self'`, 'data:', ...images.map((origin) => originOf('images', origin))].join(' '),
  ['form-action', `'self'`, ...formAction.map((origin) => originOf('formAction', origin))].join(' '),
  `frame-ancestors 'none'`,
  `base-uri 'none'`,
].join('; ')

/** The policy of a page with this logo and these style sheets: those that come from other sites are named. */
export const policyOf = ({ logo, styles }: { readonly logo?: string, readonly styles: readonly string[] }, more: PolicyOptions = {}): string =>
  contentSecurityPolicy({ ...more, images: [logo].filter(isElsewhere), styles: styles.filter(isElsewhere) })

const isElsewhere = (address: string | undefined): address is string => address !== undefined && !address.startsWith('/')
