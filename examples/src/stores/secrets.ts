import { randomBytes } from 'node:crypto'
import type { Documents, Expiring } from 'passport-sql-stores'
import { changeOne, NEVER } from '../users/change-one.js'
import { answered, type Redis } from './redis.js'

/** At least 32 bytes each. */
export interface Secrets {
  /** Signs the session cookie. */
  readonly session: string
  /** The codes are derived from it. */
  readonly otp: string
}

const random = (): string => randomBytes(32).toString('base64url')

/** The given secrets; those that are not given are new at each start. */
export const ownSecrets = (given: Partial<Secrets>): Secrets => ({ session: given.session ?? random(), otp: given.otp ?? random() })

/**
 * All processes must hold the same secrets: those that are not given are made by the first process and kept in Redis
 * for the others.
 */
export const sharedSecrets = async (given: Partial<Secrets>, client: Redis, prefix: string): Promise<Secrets> => ({
  session: given.session ?? await shared(client, `${prefix}secret:session`),
  otp: given.otp ?? await shared(client, `${prefix}secret:otp`),
})

async function shared(client: Redis, key: string): Promise<string> {
  const own = random()
  return await answered(client.set(key, own, { condition: 'NX', GET: true })) ?? own
}

interface KeptSecrets extends Expiring, Secrets {}

/** The same, kept in a database. */
export const documentSecrets = async (given: Partial<Secrets>, documents: Documents): Promise<Secrets> => {
  if (given.session !== undefined && given.otp !== undefined) return { session: given.session, otp: given.otp }
  const own = ownSecrets({})
  const kept = await changeOne<KeptSecrets, Secrets>(documents, 'example:secrets', (before) => {
    const record = before ?? { ...own, expiresAt: NEVER }
    return { record, answer: record }
  })
  return { session: given.session ?? kept.session, otp: given.otp ?? kept.otp }
}
