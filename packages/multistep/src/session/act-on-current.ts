import type { Proof } from '../factors/proof.js'

/**
 * Acts on a record as it stands. Where another request moved it meanwhile but proved nothing, acts once more on what it
 * is now. `undefined`: in vain.
 */
export async function onCurrent<T extends { readonly proofs: readonly Proof[] }>(
  record: T, reread: () => Promise<T | undefined>, act: (record: T) => Promise<boolean>,
): Promise<T | undefined> {
  let standing = record
  for (let attempt = 0; attempt < 4; attempt += 1) {
    if (await act(standing)) return standing
    const now = await reread()
    if (now?.proofs.length !== record.proofs.length) return undefined
    standing = now
  }
  return undefined
}
