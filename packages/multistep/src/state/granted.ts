import type { ResumeForm } from '../stores/step-up-store.js'

/**
 * A request that the person has confirmed and not sent yet, as pages show it. It opens nothing: the grant in the store
 * does, and a slow request may leave here what is taken there already.
 */
export interface Granted {
  /** The id of the requirement that was met. */
  readonly id: string
  /** The grant in the store. */
  readonly key: string
  /** The bound values in words, and as a form sends them. */
  readonly details: Readonly<Record<string, string>>
  readonly values: Readonly<Record<string, string>>
  /** Where the person began. */
  readonly page: string
  /** Epoch milliseconds by the store's clock. */
  readonly expiresAt: number
  readonly resume?: ResumeForm
}

/** Those that have not expired, the last one first. */
export const livingGrants = (granted: readonly Granted[] | undefined, now: number): readonly Granted[] =>
  (granted ?? []).filter(({ expiresAt }) => now < expiresAt).reverse()
