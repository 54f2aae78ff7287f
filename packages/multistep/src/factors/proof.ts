import { distinctChannel, type Factor, type FactorTable, type Kind } from './factor.js'

/** One factor proven, as it is kept. JSON; instants are epoch milliseconds. */
export interface Proof {
  readonly factor: string
  readonly kind?: Kind
  readonly channel?: string
  /** RFC 8176 §2. */
  readonly amr: readonly string[]
  readonly at: number
  readonly via: 'fresh' | 'remembered' | 'recovery'
}

/** One factor that was proven in this login. */
export interface Evidence {
  readonly factor: string
  /** Absent for a factor that says nothing of its kind: it counts for its step, never for `mfa`. */
  readonly kind?: Kind
  /** What the proof travelled over; two proofs over one channel are one (NIST SP 800-63B-4 §2.2.1). */
  readonly channel?: string
  /** RFC 8176 §2. */
  readonly amr: readonly string[]
  readonly at: Date
  /** Only `fresh` evidence counts for `mfa` and for the age of a proof. */
  readonly via: 'fresh' | 'remembered' | 'recovery'
}

/** A proof by this factor, as far as its strategy says nothing else of it. */
export const proofBy = ({ name, kind, channel, amr, via }: Factor, at: number): Proof => ({
  factor: name,
  ...(kind ? { kind } : {}),
  ...(channel === undefined ? {} : { channel }),
  amr,
  at,
  via,
})

/** The factors that were proven. A proof by a factor that is no more counts as nothing. */
export function provenFactors(proofs: readonly { readonly factor: string }[], table: FactorTable): Factor[] {
  const proven: Factor[] = []
  for (const proof of proofs) {
    const factor = table.find(proof.factor)
    if (factor) proven.push(factor)
  }
  return proven
}

export const toEvidence = (proof: Proof): Evidence => ({ ...proof, amr: [...proof.amr], at: new Date(proof.at) })

/**
 * The `amr` of a login (RFC 8176 §2): every factor's own, and `mfa` when two kinds over two channels were proven
 * freshly. Never because a factor says so of itself: another site's two factors are one proof here, and maybe an old
 * one.
 */
export function amrOf(proofs: readonly Proof[]): string[] {
  const own = new Set(proofs.flatMap((proof) => proof.amr).filter((method) => method !== 'mfa'))
  if (isMultiFactor(proofs)) own.add('mfa')
  return [...own]
}

function isMultiFactor(proofs: readonly Proof[]): boolean {
  const fresh = proofs.filter((proof) => proof.via === 'fresh' && proof.kind !== undefined)
  const channel = (proof: Proof): string => distinctChannel(proof.channel, proof.factor)
  return fresh.some((one) => fresh.some((other) => one.kind !== other.kind && channel(one) !== channel(other)))
}

/** The evidence of a login: of each factor the newest fresh proof stands for all of its fresh ones. */
export const newest = (proofs: readonly Proof[]): readonly Proof[] =>
  proofs.filter((proof, index) => !proofs.some((other, place) => isReplacedBy(proof, other, place > index)))

function isReplacedBy(proof: Proof, other: Proof, isLater: boolean): boolean {
  if (proof.factor !== other.factor || proof.via !== 'fresh' || other.via !== 'fresh') return false
  return other.at > proof.at || (other.at === proof.at && isLater)
}
