import type { KeptChallenge } from '../factors/kept-challenge.js'
import type { Proof } from '../factors/proof.js'
import type { DeviceStore } from './device-store.js'
import type { LedgerKey, LedgerStore } from './ledger-store.js'
import type { StepUpStore } from './step-up-store.js'
import type { NewTombstone, TombstoneStore } from './tombstone-store.js'

export type { AttemptAnswer, LedgerKey, LockoutPolicy, Settled } from './ledger-store.js'

/**
 * The port behind which pending logins (*flows*), completed logins, failure ledgers and remembered devices live. Every
 * operation is **one atomic step**, and what it promises holds under any concurrency. The store owns time: expiry and
 * locks are decided with the store's clock, and every answer that a caller may have to date something by carries that
 * clock's `at` (epoch milliseconds). A failure of any kind rejects.
 *
 * Ids have two parts, `partition.random`: whatever shares a partition lives in one place (a Redis Cluster's hash slot),
 * so that an operation can touch all of it at once. A person's flows, logins, ledgers and devices share the partition
 * of that person. Prove an implementation with `flowStoreContract` from `multistep/testing`.
 */
export interface FlowStore extends DeviceStore, LedgerStore, StepUpStore, TombstoneStore {
  /** The store's clock. */
  time(): Promise<number>

  /**
   * Keeps a new flow for `ttl` milliseconds, as version 1. `false`: the id is taken, and nothing was written. One
   * partition has at most `mostFlows`, unless it is nobody's: another one takes the place of the oldest whose
   * challenges have all ended, or of the oldest when there is none such.
   */
  createFlow(id: string, flow: Flow, ttl: number): Promise<boolean>
  /** `flow` is absent when it never was, has expired, or was finished or dropped. */
  readFlow(id: string): Promise<{ readonly at: number, readonly flow?: KeptFlow }>
  /** The flows of one partition that have not expired, and were neither finished nor dropped; the latest first. */
  readFlows(
    partition: string,
  ): Promise<{ readonly at: number, readonly flows: readonly (KeptFlow & { readonly id: string })[] }>
  /**
   * Replaces the flow if it is still at `version`, which then is one more; its expiry stays. `false`: it was moved, or
   * is gone.
   * @param passed a ledger that shares the flow's partition: it is cleared in the same step, whatever the answer is.
   */
  advanceFlow(id: string, version: number, flow: Flow, passed?: LedgerKey): Promise<boolean>
  /**
   * Takes the flow away if it still is at `version`, and keeps the login it ends in for `ttl` milliseconds. Of any
   * number of callers exactly one gets `true`. Flow and login of one partition: one step; of two partitions: the taking
   * decides. The caller that takes it leaves `tombstone`, as `leaveTombstone` would: in the same step where one server
   * holds both, else after it.
   * @param passed as for `advanceFlow`.
   */
  finishFlow(
    id: string, version: number, login: NewLogin, passed?: LedgerKey, tombstone?: NewTombstone,
  ): Promise<boolean>
  dropFlow(id: string): Promise<void>

  /** Keeps a login that needed no flow, for its `ttl`. */
  createLogin(login: NewLogin): Promise<void>
  /** `login` is absent when it never was, has outlived its `ttl`, or was ended. Reading extends nothing. */
  readLogin(id: string): Promise<{ readonly at: number, readonly login?: Login }>
  /** What belongs to the login ends with it. */
  endLogin(id: string): Promise<void>
}

/** Of a person: more than anybody begins in earnest, on all of their devices, within the life of one. */
export const mostFlows = 10

/** A login that is not complete. JSON. */
export interface Flow {
  /** Digest of the id of the session it belongs to: it is of no use in another. */
  readonly session: string
  /**
   * Digest of what its browser says of itself and of where it is, which is no proof of anything; absent while nobody is
   * known.
   */
  readonly browser?: string
  /** What the app's `serializeUser` gave; absent while nobody is known. */
  readonly user?: unknown
  /** The person wishes to stay logged in. */
  readonly stays?: true
  readonly proofs: readonly Proof[]
  /** By factor name. */
  readonly challenges: Readonly<Record<string, KeptChallenge>>
}

/** A pending login as a store keeps it. */
export interface KeptFlow extends Flow {
  readonly version: number
  readonly expiresAt: number
}

/** A completed login. JSON. */
export interface Login {
  readonly userId: string
  /** By which it was made: it says nothing to another one that shares the store. */
  readonly policy: string
  /** The proofs that made the login, and after them the proofs of step-ups. */
  readonly proofs: readonly Proof[]
  readonly createdAt: number
  /** Digests of sessions that a step-up gave another id, the latest first; absent: none. */
  readonly retired?: readonly string[]
}

/** A completed login that is to be kept. */
export interface NewLogin {
  readonly id: string
  readonly login: Omit<Login, 'createdAt' | 'retired'>
  /** Milliseconds; absolute, counted from now. */
  readonly ttl: number
}
