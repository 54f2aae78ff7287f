import { withDeadline } from '#internal/deadline'
import type { Challenge } from '../codes/handle.js'
import type { Key } from '../codes/keys.js'
import type { CodeProvider } from '../providers/provider.js'
import { redactedError, redactor } from '../senders/redact.js'
import type { Settings } from '../settings/settings.js'
import type { CountAnswer, LockoutPolicy, VerifyAnswer } from '../stores/challenge-store.js'
import type { Details } from '../texts/details.js'
import { codeOf } from './provider-code.js'

/** A well-formed code for a challenge that is meant. */
export interface Guess {
  readonly challenge: Challenge
  readonly key: Key
  readonly code: string
  readonly details: Details
  readonly lockout: LockoutPolicy
}

/** What the failure that was counted has brought about. */
export interface Consequence {
  readonly lockedUntil?: number
  readonly disabled?: boolean
}

/** The provider did not look at the code, or nobody knows whether it did. */
export interface Unavailable extends Consequence {
  readonly status: 'unavailable'
  readonly at: number
  readonly providerCode?: string
  /** Redacted. */
  readonly cause?: Error
}

export type GuessAnswer = VerifyAnswer | Unavailable | ({ readonly status: 'exhausted', readonly at: number } & Consequence)

/**
 * One step of the store spends the attempt, then the provider is asked, and another step says what it was worth. A
 * wrong code needs no second step: it was counted as one. So whatever breaks in between, the attempt is spent, and who
 * keeps the provider from answering guesses no more often.
 */
export async function askProvider(
  { store, senderTimeout }: Settings,
  provider: CodeProvider,
  { challenge, code, details, lockout }: Guess,
): Promise<GuessAnswer> {
  const { tag: subject, id, phone: to, purpose } = challenge
  const counted = await store.count({ subject, id, lockout })
  // Its code was never sent, or the provider did not say how it names it: another one has to be asked for. A stranger
  // is told of a wrong code, as of a number that was texted.
  if (counted.status === 'unassigned') {
    return challenge.known ? { status: 'expired', at: counted.at } : store.verify({ subject, id, matched: false, lockout })
  }
  if (counted.status !== 'counted') return counted
  const { verification, at, lockedUntil, disabled } = counted
  const conclude = (outcome: 'right' | 'unchecked' | 'expired' | 'exhausted') =>
    store.conclude({ subject, id, outcome, verification, lockedUntil, disabled })
  const said = await verdictOf(senderTimeout, { provider, guess: { id: verification, to, code, purpose, details } })
  const { verdict, ...why } = said
  switch (verdict) {
    case 'right': {
      const proven = await conclude('right')
      return proven.status === 'concluded' ? { status: 'unknown', at: proven.at } : proven
    }
    case 'wrong':
      return { ...asWrong(counted), status: 'wrong' }
    case 'expired':
      return { status: 'expired', at: (await conclude('expired')).at }
    case 'exhausted':
      return { ...asWrong(counted), status: 'exhausted', at: (await conclude('exhausted')).at }
    case 'unchecked':
      await conclude('unchecked')
      return { status: 'unavailable', at, ...why }
    default:
      return { ...asWrong(counted), status: 'unavailable', ...why }
  }
}

const asWrong = ({ at, attemptsLeft, lockedUntil, disabled }: Extract<CountAnswer, { status: 'counted' }>) => ({
  at, attemptsLeft,
  ...lockedUntil === undefined ? {} : { lockedUntil },
  ...disabled === undefined ? {} : { disabled },
})

interface Said extends Pick<Unavailable, 'providerCode' | 'cause'> {
  readonly verdict?: unknown
}

interface Asking {
  readonly provider: CodeProvider
  readonly guess: Parameters<CodeProvider['check']>[0]
}

/** What the provider said, if it was a verdict: a code is right only by that word. */
async function verdictOf(limit: number, { provider, guess }: Asking): Promise<Said> {
  try {
    const verdict: unknown = await withDeadline(limit, (signal) => provider.check(guess, { signal }))
    return { verdict }
  } catch (error) {
    const { to, code } = guess
    const providerCode = codeOf(error)
    const cause = redactedError(error, redactor({ to, code, body: '' }, [guess.id]))
    const isUnchecked = (Object(error) as { code?: unknown }).code === 'provider_unavailable'
    return { ...isUnchecked ? { verdict: 'unchecked' } : {}, cause, ...providerCode === undefined ? {} : { providerCode } }
  }
}
