/** What a factor's strategy asked to be kept for its next request, and what of it may be shown. */
export interface KeptChallenge {
  readonly challenge?: string
  readonly public?: Readonly<Record<string, unknown>>
  /** The strategy has said that its factor must not be used in this login. Nothing replaces that. */
  readonly withdrawn?: true
}

/** What the factors of a login have begun, by their names. */
export type KeptChallenges = Readonly<Record<string, KeptChallenge>>

/** What was kept, and what has begun now. A factor that was withdrawn stays so. */
export const withBegun = (kept: KeptChallenges, begun: KeptChallenges): KeptChallenges =>
  ({ ...kept, ...begun, ...chosen(kept, ({ withdrawn }) => withdrawn === true) })

/** What holds for a whole login, and not for one of its steps: that a factor was withdrawn, or tried silently. */
export const lastingIn = (kept: KeptChallenges): KeptChallenges =>
  chosen(kept, ({ challenge, public: shown }) => challenge === undefined && shown === undefined)

const chosen = (kept: KeptChallenges, isChosen: (one: KeptChallenge) => boolean): KeptChallenges =>
  Object.fromEntries(Object.entries(kept).filter(([, one]) => isChosen(one)))

/** When a challenge ends, as its strategy has published it. */
export function endOf({ public: shown }: KeptChallenge): number | undefined {
  const instant = Date.parse(String(shown?.expiresAt))
  return Number.isFinite(instant) ? instant : undefined
}
