import type { Request, Response } from '../http/request.js'
import type { Messages } from '../locales/messages.js'
import type { NewTotpKey, ShownPasskey } from '../factors/set-up.js'
import type { Branding } from './page-options.js'
import type { ResumeForm } from '../stores/step-up-store.js'
import type { DeviceState, GrantState, State } from '../state/state.js'

/** What each view shows, beside the state. */
export interface Views {
  /** The current step. */
  readonly login: Chosen & {
    /** The person wants to give another number than the one a code was sent to. */
    readonly another?: boolean
  }
  /** On the way to another site. */
  readonly redirect: {
    /** An http(s) URL, or a path. */
    readonly redirectTo: string
    /** The silent factor that the other site answers, where the page is one of a step. */
    readonly tried?: string
    /** Its `hint`, such as a masked number. */
    readonly hint?: string
    /** The factor that a person may go on with who does not wait for the other site. */
    readonly instead?: string
  }
  /** The step cannot be done now. */
  readonly unavailable: Chosen
  /** The last page of a step-up: a form that sends what was confirmed. */
  readonly confirm: {
    readonly grant: GrantState
    readonly form: ResumeForm
  }
  /** A refusal that no step can show: `problem` says why. */
  readonly refused: object
  /** The person is logged in: `returnTo` is where they go on. */
  readonly complete: object
  readonly devices: { readonly devices: readonly DeviceState[] }
  /** Setting up an authenticator app. */
  readonly 'totp-set-up': {
    readonly factor: string
    /** The person has one. */
    readonly isSetUp: boolean
    /** What the app on the phone is given: shown until it is confirmed by a code, and never again. */
    readonly begun?: NewTotpKey
    /** A key was shown, and the code that was entered is not one of it. The key is shown no more. */
    readonly isBegun?: true
  }
  /** Passkeys: a list, and how one is added. */
  readonly passkeys: {
    readonly factor: string
    readonly passkeys: readonly ShownPasskey[]
    /** For `navigator.credentials.create`, once the person has asked for it. */
    readonly options?: object
  }
  readonly 'recovery-codes': {
    /** How many are left. */
    readonly remaining: number
    /** New ones: they are shown this once. */
    readonly codes?: readonly string[]
  }
}

interface Chosen {
  /** The factor the person picked. Ignored when the step does not accept it. */
  readonly chosen?: string | undefined
}

/** The name of a page. */
export type View = keyof Views

/**
 * What a view of the app's own is drawn from. `problem` and the labels of factors are in the locale's words already.
 */
export type ViewState<V extends View = View> = State & Views[V] & {
  /** As the browser sees it. */
  readonly loginPath: string
  /** Every sentence of our own pages, in the person's language. */
  readonly messages: Messages
  /** The option `pages`, as the pages use it. */
  readonly branding: Branding
  /** How the person's account is shown: what `pages.account` gave. */
  readonly account: string | undefined
  /** Where a login ends that no page asked for, as the browser sees it. */
  readonly home: string
  /** Epoch milliseconds by the option `now`, where it is given. */
  readonly now: number | undefined
}

/** An Express response, as far as a view needs it. */
export interface ViewResponse extends Response {
  render(view: string, locals?: object): void
}

/** Draws a page: its four parameters belong together, so that `view` says what `state` holds. */
export type Render = (
  ...page: {
    readonly [V in View]: [req: Request, res: ViewResponse, view: V, state: ViewState<V>]
  }[View]
) => unknown

/** An Express request that can say which of some languages the person reads best. */
export interface LocaleRequest extends Request {
  acceptsLanguages(...languages: string[]): string | false
}
