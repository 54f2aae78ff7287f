const originOf = (name: string, origin: string): string => {
  const url = URL.canParse(origin) ? new URL(origin) : undefined
  if (url && /^https?:$/.test(url.protocol)) return url.origin
  throw new TypeError(`${name} lists origins such as 'https://operator.example', not ${JSON.stringify(origin)}.`)
}

/** Other sites that a page may load from or send to. */
export interface PolicyOptions {
  /**
   * More origins that forms may lead to, also by redirects.
   * @default []
   */
  readonly formAction?: readonly string[]
  /**
   * More origins of images and of style sheets. URLs are taken, too.
   * @default []
   */
  readonly images?: readonly string[]
  /**
   * More origins of style sheets.
   * @default []
   */
  readonly styles?: readonly string[]
  /**
   * Digests of inline scripts.
   * @default []
   */
  readonly scripts?: readonly string[]
}

/**
 * The value of `Content-Security-Policy` for the pages. It allows their own style sheet, script and requests, and no
 * frames.
 * @throws TypeError for an entry that is no http(s) origin or URL.
 * @example
 * res.setHeader('Content-Security-Policy', contentSecurityPolicy({ images: ['https://cdn.acme.example'] }))
 */
export const contentSecurityPolicy = ({
  formAction = [], images = [], styles = [], scripts = [],
}: PolicyOptions = {}): string => [
  `default-src 'none'`,
  ['style-src', `'self'`, ...styles.map((origin) => originOf('styles', origin))].join(' '),
  ['script-src', `'self'`, ...scripts].join(' '),
  `connect-src 'self'`,
  ['img-src', `'self'`, 'data:', ...images.map((origin) => originOf('images', origin))].join(' '),
  ['form-action', `'self'`, ...formAction.map((origin) => originOf('formAction', origin))].join(' '),
  `frame-ancestors 'none'`,
  `base-uri 'none'`,
].join('; ')

interface LoadedFiles {
  readonly logo?: string
  readonly styles: readonly string[]
}

/** The policy of a page with this logo and these style sheets. It names the ones on other sites. */
export const policyOf = ({ logo, styles }: LoadedFiles, more: PolicyOptions = {}): string =>
  contentSecurityPolicy({ ...more, images: [logo].filter(isElsewhere), styles: styles.filter(isElsewhere) })

const isElsewhere = (address: string | undefined): address is string =>
  address !== undefined && !address.startsWith('/')
