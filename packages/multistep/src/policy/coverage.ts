import type { Proven } from '../factors/factor.js'
import type { Slot } from './plan.js'

/**
 * Which proof covers which slot: each proof at most one, two proofs by one authenticator count once, as many slots as possible, earlier ones first.
 * (Kuhn's augmenting paths: a slot once covered stays covered while later ones are tried.)
 */
export function matching(slots: readonly Slot[], proofs: readonly Proven[]): (Proven | undefined)[] {
  const taken = new Map<string, { readonly index: number, readonly proof: Proven }>()
  const cover = (index: number, tried: Set<string>): boolean => {
    for (const proof of proofs) {
      const { factor, authenticator } = proof
      if (tried.has(authenticator) || !slots[index]?.includes(factor)) continue
      tried.add(authenticator)
      const holder = taken.get(authenticator)
      if (holder === undefined || cover(holder.index, tried)) {
        taken.set(authenticator, { index, proof })
        return true
      }
    }
    return false
  }
  slots.forEach((_, index) => cover(index, new Set()))
  const bySlot = new Map([...taken.values()].map(({ index, proof }) => [index, proof]))
  return slots.map((_, index) => bySlot.get(index))
}

/** Which slots the proofs cover. */
export const coverage = (slots: readonly Slot[], proofs: readonly Proven[]): boolean[] => matching(slots, proofs).map((proof) => proof !== undefined)

export const coversAll = (slots: readonly Slot[], proofs: readonly Proven[]): boolean => !coverage(slots, proofs).includes(false)
