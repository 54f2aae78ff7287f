import { MobileConnectError } from '../errors.js'
import { HOUR, SECOND } from '../time-units.js'

/** Milliseconds for which what an operator says of itself is taken as it is; then it is asked again. */
const REFRESH_AFTER = HOUR
/** Beyond that, only while it can not be asked. */
const USABLE_FOR = 24 * HOUR
/** After a failure the old one is good enough for a moment: not every login shall wait for an answer that does not come. */
const RETRY_AFTER = 30 * SECOND

/** One value that is fetched when it is first wanted, once for all who want it at the same time, and again when it has become old. */
export class RefreshedValue<Value> {
  private held: { readonly value: Value, readonly at: number, refreshAt: number } | undefined
  private fetching: Promise<Value> | undefined

  private readonly fetch: () => Promise<Value>
  private readonly now: () => number

  constructor(fetch: () => Promise<Value>, now: () => number) {
    this.fetch = fetch
    this.now = now
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
      // An answer that is wrong is believed less than none.
      const unavailable = error instanceof MobileConnectError && error.code === 'operator_unavailable'
      if (!unavailable || !this.held || this.now() >= this.held.at + USABLE_FOR) throw error
      this.held.refreshAt = this.now() + RETRY_AFTER
      return this.held.value
    }
  }
}
