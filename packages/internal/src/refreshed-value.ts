import { HOUR, SECOND } from './time-units.js'

/** Milliseconds for which the value is used without asking again. */
const REFRESH_AFTER = HOUR
/** Milliseconds for which an old value is used while its owner cannot be asked. */
const USABLE_FOR = 24 * HOUR
/**
 * Milliseconds between two tries while its owner is down. Without the pause, each login would wait for a timeout.
 */
const RETRY_AFTER = 30 * SECOND

/** A value that is fetched at its first use, and again when it is old. Callers at the same time share one fetch. */
export class RefreshedValue<Value> {
  private held: { readonly value: Value, readonly at: number, refreshAt: number } | undefined
  private fetching: Promise<Value> | undefined

  private readonly fetch: () => Promise<Value>
  private readonly now: () => number
  private readonly isOutage: (error: unknown) => boolean

  /**
   * @param isOutage whether the owner of the value could not be asked. After any other error it answered, and the
   * answer is wrong: then an old value does not stand in.
   */
  constructor(fetch: () => Promise<Value>, now: () => number, isOutage: (error: unknown) => boolean) {
    this.fetch = fetch
    this.now = now
    this.isOutage = isOutage
  }

  async get(): Promise<Value> {
    if (this.held && this.now() < this.held.refreshAt) return this.held.value
    this.fetching ??= this.refresh().finally(() => { this.fetching = undefined })
    return this.fetching
  }

  private async refresh(): Promise<Value> {
    try {
      const value = await this.fetch()
      const at = this.now()
      this.held = { value, at, refreshAt: at + REFRESH_AFTER }
      return value
    } catch (error) {
      if (!this.isOutage(error) || !this.held || this.now() >= this.held.at + USABLE_FOR) throw error
      this.held.refreshAt = this.now() + RETRY_AFTER
      return this.held.value
    }
  }
}
