import type { Messages } from '../locales/messages.js'
import type { State } from '../state.js'
import { worded } from './translate.js'

/** What the pages of all views are drawn from. */
export interface PageContext {
  /** As the browser sees it. */
  readonly loginPath: string
  readonly messages: Messages
  /** Epoch milliseconds by the clock that the state's instants come from. Default: `Date.now()`. */
  readonly now?: number | undefined
}

/** What the parts of one page are drawn from. */
export interface PageModel {
  readonly state: State
  readonly messages: Messages
  readonly now: number
  readonly loginPath: string
  /** `loginPath` to append to. */
  readonly base: string
}

export const pageModel = (state: State, { loginPath, messages, now }: PageContext): PageModel =>
  ({ state: worded(state, messages), messages, now: now ?? Date.now(), loginPath, base: loginPath.replace(/\/+$/, '') })
