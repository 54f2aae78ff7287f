import type { KeptChallenge } from '../factors/kept-challenge.js'
import type { Proof } from '../factors/proof.js'
import type { LedgerKey } from './ledger-store.js'

/**
 * The part of a `FlowStore` that raises a completed login: *requirements* that a guard has opened, the proofs that met
 * them, and *grants*, each of which lets one request pass once. All of it belongs to one login, by its id, and is gone
 * when that login is. What is not there any more (a login, a requirement, a version) is answered with `false` or
 * absence, and nothing is changed.
 */
export interface StepUpStore {
  /**
   * Opens a requirement for `ttl` milliseconds, as version 1. One with the same `key` that is open already is answered
   * in its place, as it stands, and lives for `ttl` anew. At most `mostRequirements` are open that nothing has begun on
   * (version 1), and at most `mostBegun` others: of these two kinds, the one goes that was asked for longest ago. So
   * what a page makes a browser open ends nothing that the person is at. Without the login `requirement` is absent.
   */
  openRequirement(
    login: string, requirement: NewRequirement,
  ): Promise<{ readonly at: number, readonly requirement?: KeptRequirement }>
  /** The open requirements of a login, the one asked for longest ago first. */
  readRequirements(login: string): Promise<{ readonly at: number, readonly requirements: readonly KeptRequirement[] }>
  /** Replaces the requirement if it is still at `version`, which then is one more; its expiry stays. */
  advanceRequirement(login: string, id: string, version: number, requirement: Requirement): Promise<boolean>
  dropRequirement(login: string, id: string): Promise<void>
  /**
   * Takes the requirement away if it still is at `version`; of any number of callers exactly one gets `true`. In the
   * same step the login holds `proofs`, of each factor the newest, and `retired` begins with `retires`, of at most
   * `mostRetired`; and the grant is kept for its `ttl` milliseconds. Of more than `mostGrants` grants, the one that
   * ends first goes.
   */
  meetRequirement(login: string, id: string, version: number, met: Met): Promise<boolean>
  /**
   * From now on that session is not this login's any more: `retired` begins with its digest, as `meetRequirement` does
   * it.
   */
  retireSession(login: string, retires: string): Promise<void>
  /** Takes a grant away; of any number of callers exactly one gets `true`. */
  takeGrant(login: string, grant: string): Promise<boolean>
  /** Takes from a login all that step-ups brought: their proofs, grants and open requirements. `retired` stays. */
  stepDown(login: string): Promise<void>
}

export const mostRequirements = 5
/** Each took a text, a call or a proof, which have limits of their own: more than anybody is at. */
export const mostBegun = 20
export const mostGrants = 20
export const mostRetired = 20

/** What a guard asks of a login, and how far the person has come. JSON. */
export interface Requirement {
  /**
   * Any one of these ways will do: each of its partitions covered by a proof of one of the factors it names, and each
   * proof covers one.
   */
  readonly asked: readonly (readonly (readonly string[])[])[]
  /** How old a proof may be: a duration. */
  readonly maxAge?: string
  /** For `bind`: the grant that it opens, and the values in words. Only proofs of its own meet it. */
  readonly grant?: string
  readonly details?: Readonly<Record<string, string>>
  /** The same values as a form sends them. */
  readonly values?: Readonly<Record<string, string>>
  /** The form that sends the request again once it may pass. */
  readonly resume?: ResumeForm
  /** Where a browser returns. */
  readonly page: string
  /** A post asked for it: its page can be shown without asking again. */
  readonly posted?: true
  readonly openedAt: number
  readonly proofs: readonly Proof[]
  /** By factor name. */
  readonly challenges: Readonly<Record<string, KeptChallenge>>
}

/** A request that the person sends with one button, after they have confirmed it. */
export interface ResumeForm {
  /** As the browser sees it. */
  readonly action: string
  /** The sentence on the button, or one for each language. `{name}` stands for a value of `details`. */
  readonly text: string | Readonly<Record<string, string>>
  readonly fields: Readonly<Record<string, string>>
}

/** A step-up that is to be kept. */
export interface NewRequirement {
  /** A word that stands in URLs: 128 random bits. */
  readonly id: string
  /** A digest of all that makes two requirements one. */
  readonly key: string
  readonly ttl: number
  readonly requirement: Requirement
}

/** A step-up that is under way, as a store keeps it. */
export interface KeptRequirement extends Requirement {
  readonly id: string
  readonly version: number
  readonly expiresAt: number
}

/** In the order in which they were proven. */
export const inOrder = (proofs: readonly Proof[]): Proof[] =>
  [...proofs].sort((one, other) => one.at - other.at || (one.factor < other.factor ? -1 : 1))

/** What ends a step-up: its proofs, and what they grant. */
export interface Met {
  readonly proofs: readonly Proof[]
  readonly grant?: { readonly key: string, readonly ttl: number }
  /** A digest of the session in which it was met: from now on it is not this login's any more. */
  readonly retires: string
  /** A ledger that shares the login's partition: it is cleared in the same step, whatever the answer is. */
  readonly passed?: LedgerKey
}
