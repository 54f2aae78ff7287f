import type { Slot } from './plan.js'

/** A proof, as far as it counts: two proofs by one authenticator are one. */
export interface Proven { readonly factor: string, readonly authenticator: string }

/**
 * Which slots the proofs cover: each proof at most one, two proofs by one authenticator count once, as many slots as possible,
 * earlier ones first. (Kuhn's augmenting paths: a slot once covered stays covered while later ones are tried.)
 */
export function coverage(slots: readonly Slot[], proofs: readonly Proven[]): boolean[] {
  const taker = new Map<string, number>()
  const cover = (index: number, tried: Set<string>): boolean => {
    const usable = proofs.filter((proof) => slots[index]?.includes(proof.factor) && !tried.has(proof.authenticator))
    for (const { authenticator } of usable) {
      if (tried.has(authenticator)) continue
      tried.add(authenticator)
      const holder = taker.get(authenticator)
      if (holder === undefined || cover(holder, tried)) {
        taker.set(authenticator, index)
        return true
      }
    }
    return false
  }
  return slots.map((_, index) => cover(index, new Set()))
}
