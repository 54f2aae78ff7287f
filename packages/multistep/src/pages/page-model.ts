import type { Markup } from '#internal/html'
import type { Messages } from '../locales/messages.js'
import type { Branding } from '../settings/page-options.js'
import type { State } from '../state/state.js'

/** The data that the pages of all views need. */
export interface PageContext {
  /** The path of the login as the browser sees it, behind a proxy, too. */
  readonly loginPath: string
  readonly messages: Messages
  /**
   * The app's name, logo and links.
   * @default none of them
   */
  readonly branding?: Branding | undefined
  /** The name of the user's account, as the page shows it. */
  readonly account?: string | undefined
  /**
   * Where a login ends that began at no other page.
   * @default '/'
   */
  readonly home?: string | undefined
  /**
   * Epoch milliseconds of the clock that the state's instants use.
   * @default Date.now()
   */
  readonly now?: number | undefined
}

/** The data that the parts of one page need. */
export interface PageModel {
  readonly state: State
  readonly messages: Messages
  readonly branding: Branding
  readonly account: string | undefined
  readonly home: string
  readonly now: number
  readonly loginPath: string
  /** `loginPath` without its last slash, to append to. */
  readonly base: string
}

const unbranded: Branding = { home: '/', links: [], styles: [] }

export const pageModel = (state: State, context: PageContext): PageModel => ({
  state,
  messages: context.messages,
  branding: context.branding ?? unbranded,
  account: context.account,
  home: context.home ?? '/',
  now: context.now ?? Date.now(),
  loginPath: context.loginPath,
  base: context.loginPath.replace(/\/+$/, ''),
})

/** What a view gives: the content of its page, without the frame. */
export interface Content {
  readonly heading: string
  /** The user has finished. The heading shows it. */
  readonly isGood?: true
  /** The line above the heading. */
  readonly kicker?: Markup | undefined
  readonly body: Markup
  /** More of the document's `<head>`. */
  readonly head?: Markup | undefined
}
