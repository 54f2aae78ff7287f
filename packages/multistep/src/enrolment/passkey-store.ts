import type { Awaitable } from '../lib/awaitable.js'

/** A passkey as an app keeps it. It holds no secret. */
export interface Passkey {
  /** The credential's id, base64url. */
  readonly id: string
  /** base64url. */
  readonly publicKey: string
  /** How often it was used, as the authenticator counts. */
  readonly counter: number
  readonly transports?: readonly string[]
  readonly name: string
  /** ISO 8601. */
  readonly createdAt: string
}

/** Where an app keeps passkeys: a table beside its accounts, one row for each. */
export interface PasskeyStore {
  /** The passkeys of one user. */
  list(userId: string): Awaitable<readonly Passkey[]>
  /**
   * `'new'`: adds one, or replaces the user's own one with the same id. It rejects an id that another user has.
   * `'used'`: only replaces the user's own one whose counter is lower. It may have been removed meanwhile, and must not
   * come back: then, and where the counter is as high already, the answer is `false`, and nobody logs in.
   */
  save(userId: string, passkey: Passkey, as: 'new' | 'used'): Awaitable<boolean>
  /** Removes the user's own one. `false`: there is none. */
  remove(userId: string, id: string): Awaitable<boolean>
}

/**
 * Keeps passkeys in this process, for development and tests.
 * @example
 * new PasskeyStrategy({
 *   webauthn, store: new MemoryPasskeyStore(), rpName: 'Acme', rpID: 'localhost', origin: 'http://localhost:3000',
 * })
 */
export class MemoryPasskeyStore implements PasskeyStore {
  private readonly kept = new Map<string, { readonly owner: string, readonly passkey: Passkey }>()

  list(userId: string): readonly Passkey[] {
    return [...this.kept.values()].filter(({ owner }) => owner === userId).map(({ passkey }) => passkey)
  }

  save(userId: string, passkey: Passkey, as: 'new' | 'used'): boolean {
    const before = this.kept.get(passkey.id)
    if (as === 'used') {
      if (before?.owner !== userId || before.passkey.counter >= passkey.counter) return false
    } else if (before && before.owner !== userId) {
      throw new Error('Another user has this passkey.')
    }
    this.kept.set(passkey.id, { owner: userId, passkey })
    return true
  }

  remove(userId: string, id: string): boolean {
    return this.kept.get(id)?.owner === userId && this.kept.delete(id)
  }
}
