import type { Factor } from '../factors/factor.js'
import type { OpenFactor } from '../policy/next-step.js'
import type { KeptChallenges } from '../factors/kept-challenge.js'
import type { Position } from './position.js'

/** What the current step's factors have begun. */
export const challengesOf = ({ requirement, flow }: Position): KeptChallenges =>
  (requirement ?? flow)?.challenges ?? {}

/**
 * The factors that are offered: none that was withdrawn, and a silent one that was tried only where there is no other.
 */
export function offeredAt(position: Position): readonly OpenFactor[] {
  const { open } = position.next
  const begun = challengesOf(position)
  if (!open.some(({ factor }) => Object.hasOwn(begun, factor.name))) return open
  const usable = open.filter(({ factor }) => !isWithdrawn(position, factor))
  const untried = usable.filter(({ factor }) => !wasTried(position, factor))
  return untried.length > 0 ? untried : usable
}

/** What a strategy leaves that withdraws its factor: it must not be used in this login. */
export const withdrawal = { withdrawn: true } as const

/** Whether the strategy of this factor has said that it must not be used in this login, such as after a SIM swap. */
export const isWithdrawn = (position: Position, { name }: Factor): boolean =>
  challengesOf(position)[name]?.withdrawn === true

/** The factor of this step that is tried before the person is asked for anything, once in a login. */
export function silentFactorAt(position: Position): Factor | undefined {
  const isUntried = ({ factor, enrolling }: OpenFactor) => factor.silent && !enrolling && !wasTried(position, factor)
  return offeredAt(position).find(isUntried)?.factor
}

/** A silent try leaves a challenge with nothing in it. */
export const wasTried = (position: Position, { silent, name }: Factor): boolean =>
  silent && Object.hasOwn(challengesOf(position), name)

/** What follows in the place of a silent factor: the one behind it, or else the first one. */
export function factorAfter(position: Position, tried: Factor): Factor | undefined {
  const own = position.next.open.filter(({ enrolling, factor }) => !enrolling && !isWithdrawn(position, factor))
  const all = own.map(({ factor }) => factor)
  const place = all.indexOf(tried)
  const others = [...all.slice(place + 1), ...all.slice(0, Math.max(place, 0))]
  return others.find((factor) => !wasTried(position, factor))
}

/** Codes of a strategy that could say nothing without the person (OpenID Connect Core §3.1.2.6 has the last four). */
const sayingNothing: readonly unknown[] = [
  'unavailable', 'interaction_required', 'login_required', 'consent_required', 'account_selection_required',
]

/** Whether a silent factor says that it can say nothing, by the code of its failure. */
export const isUnavailable = ({ silent }: Factor, info: unknown): boolean =>
  silent && sayingNothing.includes((info as { code?: unknown } | null | undefined)?.code)

/** A strategy that fails with `withdrawn: true` says that its factor must not be used in this login. */
export const withdraws = (info: unknown): boolean =>
  (info as { withdrawn?: unknown } | null | undefined)?.withdrawn === true
