import { MapDocuments } from '#internal/documents/map-documents'
import { checkFunctions, checkOptionNames } from '#internal/option-checks'
import { SmsOtpError } from '../../lib/errors.js'
import type { ReleaseRequest } from '../challenge-store.js'
import { DocumentChallengeStore } from '../documents/document-challenge-store.js'
import { warnInProduction } from './memory-warning.js'

/** How much the store may hold, and its clock. */
export interface MemoryChallengeStoreOptions {
  /**
   * Milliseconds since 1970.
   * @default Date.now
   */
  readonly now?: (() => number) | undefined
  /**
   * How many subjects may be held, and twice as many budgets. What would be new beyond that rejects with
   * `store_unavailable`, because making room would forget another user's failures.
   * @default 200_000
   */
  readonly capacity?: number | undefined
}

/**
 * A challenge store for one process: development, tests, an app that runs once. Limits are forgotten when the process
 * ends, and two processes do not share them, so it warns under `NODE_ENV=production`. No operation awaits anything:
 * each is one step.
 * @example
 * new SmsOtp({ sender, secret, countries: ['GB'], store: new MemoryChallengeStore({ capacity: 10_000 }) })
 */
export class MemoryChallengeStore extends DocumentChallengeStore {
  constructor(options: MemoryChallengeStoreOptions = {}) {
    super({ documents: inMemory(options) })
    warnInProduction()
  }

  /** What no room is left for is not counted: a user waits for a refusal, and must not get a failure instead. */
  override async release(request: ReleaseRequest): Promise<void> {
    try {
      await super.release(request)
    } catch (error) {
      if (!(error instanceof SmsOtpError)) throw error
      await super.release({ ...request, charge: [] })
    }
  }
}

function inMemory(options: MemoryChallengeStoreOptions): MapDocuments {
  checkOptionNames('MemoryChallengeStore', options, ['now', 'capacity'])
  checkFunctions(options, ['now'])
  const { now, capacity = 200_000 } = options
  if (!Number.isSafeInteger(capacity) || capacity < 1) {
    throw new TypeError(`capacity is a whole number of subjects, not ${capacity}.`)
  }
  return new MapDocuments({
    now,
    // A text is counted with its prefix and its country, at the least.
    // A trace decides nothing, so the oldest one makes room.
    kinds: {
      subject: { capacity }, budget: { capacity: 2 * capacity }, remembered: { capacity: 1 },
      trace: { capacity, whenFull: 'oldest yields' },
    },
    unavailable: (message) => new SmsOtpError('store_unavailable', message),
  })
}
