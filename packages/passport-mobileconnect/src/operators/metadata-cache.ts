import { MobileConnectError } from '../errors.js'

const MINUTE = 60_000
/** Milliseconds for which what an operator says of itself is taken as it is; then it is asked again. */
const FRESH = 60 * MINUTE
/** Beyond that, only while it can not be asked. */
const STALE = 24 * 60 * MINUTE
/** After a failure the old one is good enough for a moment: not every login shall wait for an answer that does not come. */
const RETRY = MINUTE / 2

/** One value that is fetched when it is first wanted, once for all who want it at the same time, and again when it has become old. */
export class Refreshed<Value> {
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
      this.held = { value, at, refreshAt: at + FRESH }
      return value
    } catch (error) {
      // An answer that is wrong is believed less than none.
      const unavailable = error instanceof MobileConnectError && error.code === 'operator_unavailable'
      if (!unavailable || !this.held || this.now() >= this.held.at + STALE) throw error
      this.held.refreshAt = this.now() + RETRY
      return this.held.value
    }
  }
}
