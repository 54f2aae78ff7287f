import type { DeviceState } from '../login/devices.js'
import type { State } from '../login/state.js'
import type { Messages } from '../messages.js'

export interface PageContext {
  /** As the browser sees it. */
  readonly loginPath: string
  readonly messages: Messages
  /** The factor the person picked. Ignored when the step does not accept it. */
  readonly chosen?: string | undefined
  /** For the view `redirect`: an http(s) URL, or a path. */
  readonly redirectTo?: string | undefined
  /** For the view `devices`. */
  readonly devices?: readonly DeviceState[] | undefined
  /** Epoch milliseconds by the clock that the state's instants come from. Default: `Date.now()`. */
  readonly now?: number | undefined
}

/** What the parts of one page are drawn from. */
export interface Scene {
  readonly state: State
  readonly messages: Messages
  readonly now: number
  readonly loginPath: string
  /** `loginPath` to append to. */
  readonly base: string
  readonly chosen: string | undefined
  readonly devices: readonly DeviceState[] | undefined
}

export const sceneOf = (state: State, { loginPath, messages, now, chosen, devices }: PageContext): Scene =>
  ({ state, messages, now: now ?? Date.now(), loginPath, base: loginPath.replace(/\/+$/, ''), chosen, devices })
