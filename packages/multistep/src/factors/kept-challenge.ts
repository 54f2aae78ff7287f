/** What a factor's strategy asked to be kept for its next request, and what of it may be shown. */
export interface KeptChallenge {
  readonly challenge?: string
  readonly public?: Readonly<Record<string, unknown>>
}

/** When a challenge ends, as its strategy has published it. */
export function endOf({ public: shown }: KeptChallenge): number | undefined {
  const instant = Date.parse(String(shown?.expiresAt))
  return Number.isFinite(instant) ? instant : undefined
}
