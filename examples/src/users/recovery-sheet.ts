import { MemoryRecoveryCodeStore, RecoveryCodeStrategy, type RecoveryCodeStore } from 'multistep/recovery-codes'

/** The sheet of paper that ada keeps her recovery codes on. In this demonstration everybody may read it. */
export interface RecoverySheet {
  /** None any more, once she has made new ones. */
  codes(): Promise<readonly string[]>
  /** `true` for the first of all processes: these are then the codes of the sheet. */
  write(codes: readonly string[]): Promise<boolean>
  tear(): Promise<void>
}

export function memorySheet(): RecoverySheet {
  let sheet: readonly string[] | undefined
  return {
    codes: async () => sheet ?? [],
    write: async (codes) => {
      if (sheet) return false
      sheet = codes
      return true
    },
    tear: async () => { sheet = [] },
  }
}

async function makeCodes(id: string) {
  const store = new MemoryRecoveryCodeStore()
  const codes = await new RecoveryCodeStrategy({ store }).generate({ id })
  return { codes, hashes: store.list(id) }
}

// Once for each process, and early: hashing takes a while, as it should.
const made = makeCodes('ada')

/** Gives ada her first codes, unless another process has done so. */
export async function handOutCodes(sheet: RecoverySheet, store: RecoveryCodeStore): Promise<void> {
  const { codes, hashes } = await made
  if (await sheet.write(codes)) await store.replace('ada', hashes)
}
