import type { NextStep, OpenFactor } from '../policy/next-step.js'
import type { MultistepError } from '../lib/errors.js'
import type { Flow, KeptFlow, Login } from '../stores/flow-store.js'
import type { KeptRequirement } from '../stores/step-up-store.js'

/** The login that a request carries, as `session()` read it. */
export interface ActiveLogin extends Login {
  readonly id: string
  /** The store's clock at that moment. */
  readonly at: number
}

/** What a pending login leaves to the one that takes its place: see `login/taken-along`. */
export interface Left {
  readonly userId: string
  readonly challenges: Flow['challenges']
}

/** What is asked for next. */
export interface Outstanding {
  /** How many have been passed of `steps`; as many as there are when nothing is left. */
  readonly step: number
  readonly steps: number
  /** The factors that this person can take the step with. */
  readonly open: readonly OpenFactor[]
  /** All that the step would accept, of a person who had everything. */
  readonly accepted: readonly string[]
}

/** What a login is asked for next. */
export type NextOfLogin = NextStep

/** A pending login as the store holds it. */
export type Standing = KeptFlow & { readonly id: string }

/** Where a browser stands, as the server knows it. */
export type Position = LoginPosition | SteppingUp

/** Where it stands with its login. */
export type LoginPosition = Beginning | Pending

/** From here a first factor begins a login. */
export type Beginning = Anonymous | Complete

/** A person, and the id by which the app knows them. */
export interface Person {
  /** As the app's account data is now. */
  readonly user: Express.User
  readonly userId: string
}

/** What each position says, and what only some of them have. */
interface Read {
  /** The store's clock, where it was read. */
  readonly at: number | undefined
  /** The person who proves a factor here, where one is known. */
  readonly person?: Person
  /** The pending login, also one that only keeps a challenge. */
  readonly flow?: Standing | undefined
  /** The requirement that a step-up is for. */
  readonly requirement?: KeptRequirement
  /** The session names a pending login that is gone. */
  readonly lost?: boolean
}

interface Begins extends Read {
  readonly person?: never
  readonly requirement?: never
  /** What a first factor would begin. */
  readonly next: NextOfLogin
  readonly lost: boolean
  /** Why the person of the pending login could not be read: a new one may begin, and that one cannot go on. */
  readonly unreadable?: MultistepError
  /** What the pending login that this one takes the place of leaves to it. */
  readonly left?: Left | undefined
}

/** Nobody is known. */
export interface Anonymous extends Begins {
  readonly type: 'anonymous'
  /** Keeps a challenge that will say who the person is. */
  readonly flow: Standing | undefined
  /** A completed login, beside which another one has begun. */
  readonly login: ActiveLogin | undefined
}

/** A person is logged in, and nothing else has begun. */
export interface Complete extends Begins {
  readonly type: 'complete'
  readonly flow?: never
  readonly login: ActiveLogin
}

/** A person is known, and more is asked for. */
export interface Pending extends Read {
  readonly type: 'pending'
  readonly person: Person
  readonly flow: Standing
  readonly requirement?: never
  readonly lost?: never
  readonly next: NextOfLogin
  /** A completed login, which stays until this one is complete. */
  readonly login: ActiveLogin | undefined
}

/** A person who is logged in proves what a guard asked for. */
export interface SteppingUp extends Read {
  readonly type: 'stepping-up'
  readonly person: Person
  readonly flow?: never
  readonly lost?: never
  readonly login: ActiveLogin
  readonly requirement: KeptRequirement
  readonly next: Outstanding
}

/** Whom an event is about, once a person is known. */
export const who = ({ person }: Position): { readonly userId?: string } => (person ? { userId: person.userId } : {})
