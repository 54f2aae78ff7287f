import type { KeptChallenge } from '../../factors/kept-challenge.js'
import type { Proof } from '../../factors/proof.js'
import type { Flow } from '../flow-store.js'

/**
 * A flow as the stores keep it: its values without their names, in half of the room, because there are more flows than
 * anything else. `null` stands for what is absent. The order is the format: what is kept in another one is void.
 */
export type PackedFlow = readonly [
  session: string, proofs: readonly PackedProof[], challenges: readonly PackedChallenge[],
  browser: string | null, stays: 0 | 1, ...user: unknown[],
]

type PackedProof = readonly [
  factor: string, at: number, kind: number | string, via: number | string, amr: readonly string[], ...channel: string[],
]

/** The fields by which multistep tells how a challenge stands, and the others of those that a strategy publishes. */
/** `0` in the place of the challenge: the factor was withdrawn. */
type PackedChallenge = readonly [name: string, challenge: string | 0 | null, ...shown: [] | PackedStanding]

type PackedStanding = readonly [
  to: unknown, expiresAt: number | null, resendAt: number | null, attemptsLeft: unknown, others?: object,
]

const kindCodes = [undefined, 'knowledge', 'possession', 'inherence'] as const
const viaCodes = ['fresh', 'remembered', 'recovery'] as const

export function packFlow({ session, proofs, challenges, browser, stays, user }: Flow): PackedFlow {
  const begun = Object.entries(challenges).map(([name, challenge]) => packChallenge(name, challenge))
  const people = user === undefined ? [] : [user]
  return [session, proofs.map(packProof), begun, browser ?? null, stays ? 1 : 0, ...people]
}

/** `undefined`: it is no such record, which an earlier version may have kept. Nothing goes on with it. */
export function unpackFlow(packed: unknown): Flow | undefined {
  if (!isPackedFlow(packed)) return undefined
  const [session, proofs, challenges, browser, stays, ...people] = packed
  return {
    session,
    ...browser === null ? {} : { browser },
    ...people.length === 0 ? {} : { user: people[0] },
    ...stays === 0 ? {} : { stays: true },
    proofs: proofs.map(unpackProof),
    challenges: Object.fromEntries(challenges.map(unpackChallenge)),
  }
}

const isPackedFlow = (value: unknown): value is PackedFlow =>
  Array.isArray(value) && typeof value[0] === 'string' && areLists(value[1]) && areLists(value[2])

const areLists = (value: unknown): boolean => Array.isArray(value) && value.every(Array.isArray)

const packProof = ({ factor, at, kind, via, amr, channel }: Proof): PackedProof =>
  [factor, at, codeOf(kindCodes, kind), codeOf(viaCodes, via), amr, ...channel === undefined ? [] : [channel]]

function unpackProof([factor, at, kind, via, amr, channel]: PackedProof): Proof {
  const proof = { factor, amr, at, via: valueOf(viaCodes, via) as Proof['via'] }
  const kept = valueOf(kindCodes, kind) as Proof['kind']
  return { ...proof, ...kept === undefined ? {} : { kind: kept }, ...channel === undefined ? {} : { channel } }
}

function packChallenge(name: string, { challenge: handle, public: shown, withdrawn }: KeptChallenge): PackedChallenge {
  if (withdrawn) return [name, 0]
  const challenge = handle ?? null
  if (shown === undefined) return [name, challenge]
  const { to = null, expiresAt, resendAt, attemptsLeft = null, ...others } = shown
  const [ends, again] = [instantOf(expiresAt), instantOf(resendAt)]
  const rest = {
    ...others,
    ...expiresAt === undefined || ends !== null ? {} : { expiresAt },
    ...resendAt === undefined || again !== null ? {} : { resendAt },
    ...shown.to === null ? { to } : {},
    ...shown.attemptsLeft === null ? { attemptsLeft } : {},
  }
  const all = [name, challenge, to, ends, again, attemptsLeft] as const
  return Object.keys(rest).length === 0 ? all : [...all, rest]
}

function unpackChallenge([name, challenge, ...shown]: PackedChallenge): [string, KeptChallenge] {
  if (challenge === 0) return [name, { withdrawn: true }]
  const kept = challenge === null ? {} : { challenge }
  if (shown.length === 0) return [name, kept]
  const [to, expiresAt, resendAt, attemptsLeft, others] = shown as PackedStanding
  return [name, { ...kept, public: {
    ...to === null ? {} : { to },
    ...expiresAt === null ? {} : { expiresAt: new Date(expiresAt).toISOString() },
    ...resendAt === null ? {} : { resendAt: new Date(resendAt).toISOString() },
    ...attemptsLeft === null ? {} : { attemptsLeft },
    ...others,
  } }]
}

/** Its place in the list. What is not there stands for itself. */
const codeOf = (list: readonly unknown[], value: string | undefined): number | string => {
  const code = list.indexOf(value)
  return code === -1 ? value as string : code
}

const valueOf = (list: readonly unknown[], code: number | string): unknown =>
  (typeof code === 'number' ? list[code] : code)

/** `null`: a number cannot stand for it, for it would be written in another way afterwards. */
function instantOf(text: unknown): number | null {
  const instant = typeof text === 'string' ? Date.parse(text) : Number.NaN
  return Number.isFinite(instant) && new Date(instant).toISOString() === text ? instant : null
}
