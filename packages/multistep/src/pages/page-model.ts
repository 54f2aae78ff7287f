import type { Messages } from '../locales/messages.js'
import type { Branding } from '../settings/page-options.js'
import type { State } from '../state/state.js'

/** What the pages of all views are drawn from. */
export interface PageContext {
  /** As the browser sees it. */
  readonly loginPath: string
  readonly messages: Messages
  /** The app's name, logo and links. Default: none of them. */
  readonly branding?: Branding | undefined
  /** How the account of the person is shown. */
  readonly account?: string | undefined
  /** Where a login ends that no page asked for. Default: `'/'`. */
  readonly home?: string | undefined
  /** Epoch milliseconds by the clock that the state's instants come from. Default: `Date.now()`. */
  readonly now?: number | undefined
}

/** What the parts of one page are drawn from. */
export interface PageModel {
  readonly state: State
  readonly messages: Messages
  readonly branding: Branding
  readonly account: string | undefined
  readonly home: string
  readonly now: number
  readonly loginPath: string
  /** `loginPath` to append to. */
  readonly base: string
}

const unbranded: Branding = { home: '/', links: [], styles: [] }

export const pageModel = (state: State, { loginPath, messages, branding, account, home, now }: PageContext): PageModel => ({
  state,
  messages,
  branding: branding ?? unbranded,
  account,
  home: home ?? '/',
  now: now ?? Date.now(),
  loginPath,
  base: loginPath.replace(/\/+$/, ''),
})
