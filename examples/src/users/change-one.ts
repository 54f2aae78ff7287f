import type { Documents, Expiring } from 'passport-sql-stores'

/** Changes one document. */
export const changeOne = <Kept extends Expiring, Answer>(
  documents: Documents,
  key: string,
  decide: (kept: Kept | undefined, now: number) => { readonly record: Kept | undefined, readonly answer: Answer },
): Promise<Answer> =>
  documents.change<Kept, Answer>([key], ([kept], now) => {
    const { record, answer } = decide(kept, now)
    return { records: [record], answer }
  })

/** For what lives as long as the app. */
export const NEVER = Number.MAX_SAFE_INTEGER
