/** One factor that the current step accepts. */
export type { Problem } from '../lib/errors.js'
import type { Problem } from '../lib/errors.js'
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
   * code.
   */
  readonly challenge?: Readonly<Record<string, unknown>>
  /**
   * The fields that begin its challenge anew with something else, such as another number. There while one is under way
   * that the person gave it for.
   */
  readonly beginFields?: readonly string[]
  /** Where to post, beginning with the mount path. `challenge` is there when the factor has one to begin or repeat. */
  readonly links: { readonly authenticate: string, readonly challenge?: string }
  /** The factor sends the person elsewhere: its post is answered with a redirect. */
  readonly redirects?: true
  /** The post that proves it may ask to remember this browser (field `remember`), for as long as this. */
  readonly remember?: { readonly for: string }
  /** The post that proves it may ask to stay logged in (field `stay`), for as long as this. */
  readonly stay?: { readonly for: string }
  /** Known values to show in the fields, by field name. */
  readonly prefill?: Readonly<Record<string, string>>
}

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
  /** Of the completed login. RFC 8176 §2. */
  readonly amr?: readonly string[]
  readonly returnTo?: string
  /** Of the pending login, or of the requirement. */
  readonly expiresAt?: string
  /** For forms (`_csrf`) and posts (`x-csrf-token`). */
  readonly csrfToken: string
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
