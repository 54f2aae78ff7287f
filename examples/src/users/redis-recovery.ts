import type { RecoveryCodeStore } from 'multistep/recovery-codes'
import { answered, type Redis } from '../stores/redis.js'
import type { RecoverySheet } from './recovery-sheet.js'

export const redisSheet = (client: Redis, key: string): RecoverySheet => ({
  codes: async () => JSON.parse(await answered(client.get(key)) ?? '[]') as string[],
  write: async (codes) => await answered(client.set(key, JSON.stringify(codes), { condition: 'NX' })) !== null,
  tear: async () => {
    await answered(client.set(key, '[]'))
  },
})

/** A set of hashes for each person; taking one out tells one caller that it was there. */
export const redisRecoveryCodes = (client: Redis, prefix: string): RecoveryCodeStore => ({
  replace: async (id, hashes) => answered(client.multi().del(prefix + id).sAdd(prefix + id, [...hashes]).exec()),
  list: async (id) => answered(client.sMembers(prefix + id)),
  remove: async (id, hash) => await answered(client.sRem(prefix + id, hash)) === 1,
})
