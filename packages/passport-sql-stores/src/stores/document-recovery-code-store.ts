import { documentKey } from '#internal/documents/document-key'
import { changeOne, type Documents, type Expiring } from '#internal/documents/documents'
import type { RecoveryCodeStore } from 'multistep/recovery-codes'

interface KeptCodes extends Expiring {
  readonly hashes: readonly string[]
}

/** Recovery codes live as long as the account. */
const NEVER = Number.MAX_SAFE_INTEGER

/** Recovery codes of multistep over documents: one document for each person. Only hashes get here. */
export class DocumentRecoveryCodeStore implements RecoveryCodeStore {
  private readonly documents: Documents

  constructor(documents: Documents) {
    this.documents = documents
  }

  async replace(userId: string, hashes: readonly string[]): Promise<void> {
    const record = hashes.length === 0 ? undefined : { hashes: [...hashes], expiresAt: NEVER }
    await changeOne<KeptCodes, undefined>(this.documents, keyOf(userId), () => ({ record, answer: undefined }))
  }

  async list(userId: string): Promise<readonly string[]> {
    const { records: [kept] } = await this.documents.read<KeptCodes>([keyOf(userId)])
    return kept?.hashes ?? []
  }

  async remove(userId: string, hash: string): Promise<boolean> {
    return changeOne<KeptCodes, boolean>(this.documents, keyOf(userId), (kept) => {
      if (!kept?.hashes.includes(hash)) return { record: kept, answer: false }
      const hashes = kept.hashes.filter((other) => other !== hash)
      return { record: hashes.length === 0 ? undefined : { ...kept, hashes }, answer: true }
    })
  }
}

const keyOf = (userId: string): string => documentKey('codes', userId)
