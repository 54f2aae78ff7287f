import { RecentEntries } from '../lib/recently.js'
import { open, seal, type Challenge } from './handle.js'
import type { Keys } from './keys.js'

/** The handles of half a minute at a hundred texts a second. */
const HANDLES = 4000

/**
 * Seals and opens the handles of one list of secrets. A process remembers what it sealed itself: the person mostly
 * comes back to the process that texted, and opening a handle costs as much as all else about a guess. Any other
 * process with the same secrets opens it, too.
 */
export class Handles {
  private readonly keys: Keys
  private readonly sealed = new RecentEntries<Challenge>(HANDLES)

  constructor(keys: Keys) {
    this.keys = keys
  }

  seal(challenge: Challenge): string {
    const handle = seal(this.keys, challenge)
    this.sealed.set(handle, challenge)
    return handle
  }

  /** The challenge in a handle that one of the secrets sealed; `undefined` for anything else. */
  open(handle: unknown): Challenge | undefined {
    const known = typeof handle === 'string' ? this.sealed.get(handle) : undefined
    return known ?? open(this.keys, handle)
  }
}
