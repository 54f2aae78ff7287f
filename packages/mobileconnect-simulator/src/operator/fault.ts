/** How an endpoint fails. With a `delay` alone it answers right, but late. */
export interface Fault {
  /** @default 503 */
  readonly status?: number | undefined
  /** Before anything is answered: `'3s'`; long enough, and nothing ever comes. */
  readonly delay?: string | undefined
  /**
   * A text, or an object for JSON.
   * @default { error: 'temporarily_unavailable' }
   */
  readonly body?: string | object | undefined
  /**
   * An OAuth error: in JSON with status 400; at `authorize` by the redirect back to the app. `{ error: 'server_error'
   * }`, or what is in no standard: `{ error: 'authorization_error', errorDescription: 'Previous authentication
   * transaction is not finished' }`.
   */
  readonly error?: string | undefined
  readonly errorDescription?: string | undefined
  /**
   * For so many requests.
   * @default until `restore()`
   */
  readonly times?: number | undefined
}
