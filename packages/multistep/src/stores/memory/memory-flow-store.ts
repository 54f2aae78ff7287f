import { warnOncePerCode } from '#internal/warn-once-per-code'
import { plainText } from '#internal/documents/aging-documents'
import { MapDocuments, type Capacity } from '#internal/documents/map-documents'
import { MultistepError } from '../../lib/errors.js'
import { callback, checkOptions, whole } from '../../lib/option-checks.js'
import { DocumentFlowStore } from '../documents/document-flow-store.js'
import { placesFor, type DocumentKind } from '../documents/flow-documents.js'
import { personText } from './person-text.js'

export interface MemoryFlowStoreOptions {
  /** The clock, in epoch milliseconds: `Date.now`. */
  readonly now?: () => number
  /**
   * How many people with pending logins or failures are kept, as many logins, and as many people with devices. Beyond
   * it a new one is `store_unavailable`. What strangers make (flows of nobody, ledgers of names) is kept apart: there,
   * and among tombstones, an old one yields.
   * @default 100000
   */
  readonly capacity?: number
}

/**
 * Keeps flows, logins, ledgers and devices in this process: for development, tests, and apps of one process that may
 * forget them at a restart. Under `NODE_ENV=production` it warns, once.
 * @example
 * multistep(passport, { steps: ['local', 'sms-otp'], store: new MemoryFlowStore({ capacity: 10_000 }) })
 */
export class MemoryFlowStore extends DocumentFlowStore {
  /** @throws TypeError for options that cannot work. */
  constructor(options: MemoryFlowStoreOptions = {}) {
    checkOptions('MemoryFlowStore ', options, { now: callback('() => Date.now()'), capacity: whole(1, 2 ** 24) })
    const { now, capacity = 100_000 } = options
    const kept = new MapDocuments<DocumentKind>({ kinds: kindsFor(capacity), now, unavailable: storeFull })
    super({ documents: kept, strangers: capacity })
    warnInProduction()
  }
}

/** @param objects so many documents of each kind are no text yet; for tests. */
export function kindsFor(capacity: number, objects?: number): Readonly<Record<DocumentKind, Capacity>> {
  const { flows, names } = placesFor(capacity)
  return {
    person: { capacity, textForm: personText, objects },
    // Read with every request.
    login: { capacity },
    devices: { capacity, textForm: plainText, objects },
    // Nobody is kept from a login because there are many.
    name: { capacity, whenFull: 'oldest yields' },
    tombstone: { capacity, whenFull: 'oldest yields' },
    // So many places that none of them is ever too many.
    strangers: { capacity: names.documents, textForm: plainText, objects },
    nobody: { capacity: flows.documents, textForm: personText, objects },
    salt: { capacity: 1 },
  }
}

const storeFull = (message: string): MultistepError => new MultistepError('store_unavailable', message)

function warnInProduction(): void {
  if (process.env.NODE_ENV !== 'production') return
  const loss = 'forgets every login at a restart and shares nothing between processes'
  warnOncePerCode('MULTISTEP_MEMORY_STORE', `MemoryFlowStore ${loss}: use RedisFlowStore in production.`)
}
