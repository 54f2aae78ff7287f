import { anything, callback, checkOptions, text, type Shape } from '../lib/option-checks.js'

/** What the router's pages show of the app they belong to. A path gets `publicPath` in front, as every path does. */
export interface PageOptions {
  /**
   * The app's name: on top of every page, in its title, and in the name of the file of recovery codes.
   * @default none
   */
  name?: string
  /**
   * A path or an http(s) URL of an image, shown beside `name` at a height of 32 px.
   * @default none
   */
  logo?: string
  /**
   * Where `name` and `logo` lead: a path or an http(s) URL.
   * @default '/'
   */
  home?: string
  /**
   * The colour of buttons and links, as `'#0a7'` or `'#00aa77'`. It is made darker or lighter where text would not be
   * legible.
   * @default a blue
   */
  accent?: string
  /**
   * Where people get help: a path, or an http(s), mailto or tel URL.
   * @default none
   */
  help?: string
  /**
   * Further links below every page, such as "Forgot password?". A text may be an object of texts by language.
   * @default none
   */
  links?: readonly PageLink[]
  /**
   * Style sheets of the app, behind the pages' own: paths or http(s) URLs.
   * @default none
   */
  styles?: readonly string[]
  /**
   * How a person's account is shown while they log in: `(user) => user.username`. A function that throws, or gives no
   * text, shows nothing.
   * @default nothing is shown
   */
  account?: (user: Express.User) => string | null | undefined
}

export interface PageLink {
  /** A text, or texts by language: `{ en: 'Sign up', de: 'Registrieren' }`. */
  readonly text: string | Readonly<Record<string, string>>
  readonly href: string
}

/** The options of the pages with everything decided. Addresses are as the browser sees them. */
export interface Branding extends Omit<PageOptions, 'home' | 'links' | 'styles'> {
  readonly home: string
  readonly links: readonly PageLink[]
  readonly styles: readonly string[]
}

const pageShapes: Readonly<Record<keyof PageOptions, Shape>> = {
  name: text, logo: anything, home: anything, help: anything, links: anything, styles: anything,
  accent: {
    words: 'a colour such as \'#0a7\' or \'#00aa77\'',
    fits: (value) => typeof value === 'string' && /^#(?:[\da-f]{3}|[\da-f]{6})$/i.test(value),
  },
  account: callback('(user) => user.username'),
}

const linkShapes: Readonly<Record<keyof PageLink, Shape>> = {
  text: { words: 'text, or an object of texts by language', fits: (value) => isText(value) || isTextByLanguage(value) },
  href: anything,
}

const isText = (value: unknown): value is string => typeof value === 'string' && value.trim() !== ''

const isTextByLanguage = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).length > 0 && Object.values(value).every(isText)

/** @throws TypeError for an option that is unknown, or that no page could show. */
export function brandingOf(options: PageOptions, publicPath: string): Branding {
  checkOptions('pages.', options, pageShapes)
  const { name, logo, home, accent, help, links, styles, account } = options
  if (logo !== undefined && name === undefined) {
    throw new TypeError(
      'multistep: pages.logo needs pages.name beside it: it is what a screen reader says in its place.',
    )
  }
  const address = (option: string, value: unknown, schemes: readonly string[] = web): string =>
    checkedAddress(option, value, schemes, publicPath)
  return {
    home: address('home', home ?? '/'),
    links: listIn('links', links).map((link, index) => {
      checkOptions(`pages.links[${index}].`, link, linkShapes)
      const { text: words, href } = link as Partial<PageLink>
      if (words === undefined) throw new TypeError(`multistep: pages.links[${index}].text is missing. ${linkExample}`)
      return { text: words, href: address(`links[${index}].href`, href, [...web, 'mailto:', 'tel:']) }
    }),
    styles: listIn('styles', styles).map((style, index) => address(`styles[${index}]`, style)),
    ...name === undefined ? {} : { name },
    ...logo === undefined ? {} : { logo: address('logo', logo) },
    ...accent === undefined ? {} : { accent },
    ...help === undefined ? {} : { help: address('help', help, [...web, 'mailto:', 'tel:']) },
    ...account === undefined ? {} : { account },
  }
}

const web = ['http:', 'https:']
const ownPath = /^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/
const linkExample = 'Write links: [{ text: \'Sign up\', href: \'/sign-up\' }].'

function listIn(option: string, list: unknown): readonly unknown[] {
  if (list === undefined) return []
  if (Array.isArray(list)) return list
  const example = option === 'links' ? linkExample : 'Write styles: [\'/login.css\'].'
  throw new TypeError(`multistep: pages.${option} is a list. ${example}`)
}

function checkedAddress(option: string, value: unknown, schemes: readonly string[], publicPath: string): string {
  if (typeof value === 'string' && ownPath.test(value)) return publicPath + value
  if (typeof value === 'string' && URL.canParse(value) && schemes.includes(new URL(value).protocol)) {
    return new URL(value).href
  }
  const names = schemes.map((scheme) => scheme.slice(0, -1)).join(', ')
  throw new TypeError(
    `multistep: pages.${option} is a path such as '/help', or a URL (${names}), not ${JSON.stringify(value)}.`,
  )
}
