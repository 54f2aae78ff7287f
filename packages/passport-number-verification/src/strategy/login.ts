import type { Request } from 'express'
import type { SessionTransactions } from '#internal/transactions/session-transactions'
import type { Person } from './person.js'
import type { Settings } from './read-options.js'

/** One request of a login, with all that the strategy knows about it. */
export interface Login {
  readonly req: Request
  readonly settings: Settings
  readonly person: Person
  readonly kept: SessionTransactions
}
