import { randomBytes } from 'node:crypto'
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
