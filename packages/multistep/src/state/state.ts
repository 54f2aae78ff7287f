/** One factor that the current step accepts. */
export type { Problem } from '../lib/errors.js'
import type { Problem } from '../lib/errors.js'
/** One factor that the current step accepts of this person. */
export interface FactorState {
  readonly factor: string
  readonly label: string
  /** Something that reminds the person which one it is, such as a masked number. */
  readonly hint?: string
  /**
   * The form fields that the next post of this factor needs: to begin its challenge when there is none yet and it takes
   * input, else to prove it.
   */
  readonly fields: readonly string[]
  /**
   * The challenge in progress, as the strategy published it: `{ to, expiresAt, resendAt, attemptsLeft }` for a texted
   * code, and as it stands now, where the strategy says that: `{ channel, delivery, expectedBy, next }`, too.
   */
  readonly challenge?: Readonly<Record<string, unknown>>
  /**
   * How its challenge may travel, the preferred way first: one of them in the field `channel` of the post that begins
   * or repeats it. There where the strategy has several, and one may be chosen now.
   */
  readonly channels?: readonly string[]
  /**
   * The fields that begin its challenge anew with something else, such as another number. There while one is under way
   * that the person gave it for.
   */
  readonly beginFields?: readonly string[]
  /** Where to post, beginning with the mount path. `challenge` is there when the factor has one to begin or repeat. */
  readonly links: {
    readonly authenticate: string
    readonly challenge?: string
    /** The app's own page for this factor, where it has one. */
    readonly page?: string
  }
  /** The factor sends the person elsewhere: its post is answered with a redirect. */
  readonly redirects?: true
  /** The post that proves it may ask to remember this browser (field `remember`), for as long as this. */
  readonly remember?: { readonly for: string }
  /** The post that proves it may ask to stay logged in (field `stay`), for as long as this. */
  readonly stay?: { readonly for: string }
  /** How the fields are filled in, by field name, as the strategy says: so many digits, or an example. */
  readonly inputs?: Readonly<Record<string, FieldInput>>
  /** Known values to show in the fields, by field name. */
  readonly prefill?: Readonly<Record<string, string>>
}

export interface FieldInput { readonly digits?: number, readonly example?: string }

/** Where a browser's login stands: what pages show and JSON clients get. Instants are ISO 8601. */
export interface State {
  readonly status: 'anonymous' | 'pending' | 'step-up' | 'complete'
  /** The current step, from 1. */
  readonly step: number
  /** As many steps as the policy asks for, as far as it is known now. */
  readonly steps: number
  readonly completed: readonly { readonly factor: string, readonly at: string }[]
  /** The factors of the current step that this person can use, in the policy's order. Empty when complete. */
  readonly factors: readonly FactorState[]
  readonly problem?: Problem
  /** What a step-up is for: its `id` goes into each post as `for`, and its `details` are what the person confirms. */
  readonly requirement?: {
    readonly id: string
    readonly details?: Readonly<Record<string, string>>
    readonly maxAge?: string
  }
  /** What this person has confirmed with `bind` and not sent yet, the last one first. */
  readonly granted?: readonly GrantState[]
  /**
   * The values of `bind` as a form sends them, of a step-up that the person has cancelled: once, for the form that they
   * come back to.
   */
  readonly values?: Readonly<Record<string, string>>
  /** With `factor_not_enrolled`: where this person, who is logged in, sets up what they lack. */
  readonly setUp?: readonly SetUpLink[]
  /** Of the completed login. RFC 8176 §2. */
  readonly amr?: readonly string[]
  readonly returnTo?: string
  /** Of the pending login, or of the requirement. */
  readonly expiresAt?: string
  /** For forms (`_csrf`) and posts (`x-csrf-token`). */
  readonly csrfToken: string
}

export interface SetUpLink {
  readonly factor: string
  readonly label: string
  readonly page: string
}

/** A request that may pass once, because the person has confirmed its values. */
export interface GrantState {
  /** The id of the requirement that was met. */
  readonly id: string
  /** The bound values in words, and as a form sends them. */
  readonly details: Readonly<Record<string, string>>
  readonly values: Readonly<Record<string, string>>
  /** Where the person began. */
  readonly page: string
  /** ISO 8601. */
  readonly expiresAt: string
}

/** A device as pages and JSON clients see it. Instants are ISO 8601. */
export interface DeviceState {
  readonly id: string
  readonly createdAt: string
  readonly lastUsedAt: string
  readonly expiresAt: string
  readonly label?: string
  /** It is the browser that asks. */
  readonly current: boolean
  readonly links: { readonly revoke: string }
}
