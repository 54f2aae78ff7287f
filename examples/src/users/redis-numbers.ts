import { answered, type Redis } from '../stores/redis.js'
import type { Numbers } from './numbers.js'

const claim = `
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 1 then return 0 end
for _, taken in ipairs(redis.call('HVALS', KEYS[1])) do
  if taken == ARGV[2] then return 0 end
end
return redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])`

/** A person may begin a login on one process and finish it on another. */
export const redisNumbers = (client: Redis, key: string): Numbers => ({
  of: async (id) => await answered(client.hGet(key, id)) ?? undefined,
  owner: async (phone) => Object.entries(await answered(client.hGetAll(key))).find(([, taken]) => taken === phone)?.[0],
  claim: async (id, phone) => await answered(client.eval(claim, { keys: [key], arguments: [id, phone] })) === 1,
})
