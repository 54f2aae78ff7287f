/** What may have changed: the SIM card of a number (CAMARA SIM Swap), or the phone it is in (CAMARA Device Swap). */
export type SwapKind = 'sim' | 'device'

/** What is asked of a provider. */
export interface SwapQuestion {
  readonly kind: SwapKind
  /** E.164, such as `+447400123456`. */
  readonly phone: string
  /** Whole hours: whether it changed within so many. */
  readonly maxAge: number
}

/**
 * Who knows whether the SIM or the phone of a number changed of late: an operator, or an aggregator.
 * @example
 * const acme: SwapProvider = {
 *   name: 'acme',
 *   kinds: ['sim'],
 *   async swapped({ phone, maxAge }, { signal }) {
 *     const answer = await fetch(`https://api.acme.example/sim/${encodeURIComponent(phone)}?hours=${maxAge}`, { signal })
 *     if (!answer.ok) return undefined
 *     return ((await answer.json()) as { swapped?: boolean }).swapped
 *   },
 * }
 */
export interface SwapProvider {
  /** Stands in events. */
  readonly name: string
  readonly kinds: readonly SwapKind[]
  /**
   * Whether it changed. Anything but `true` and `false` means that nobody knows, and so does a rejection. A `code` of
   * the error stands in events.
   */
  swapped(question: SwapQuestion, options: { readonly signal: AbortSignal }): Promise<boolean | undefined>
}
