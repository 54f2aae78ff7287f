import { answered, type Redis } from '../stores/redis.js'
import type { Numbers } from './numbers.js'

const give = `
if ARGV[3] == 'first' and redis.call('HEXISTS', KEYS[1], ARGV[1]) == 1 then return 0 end
local all = redis.call('HGETALL', KEYS[1])
for i = 1, #all, 2 do
  if all[i + 1] == ARGV[2] and all[i] ~= ARGV[1] then return 0 end
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
return 1`

/** A person may begin a login on one process and finish it on another. */
export const redisNumbers = (client: Redis, key: string): Numbers => {
  const given = async (...args: [id: string, phone: string, which: 'first' | 'any']) =>
    (await answered(client.eval(give, { keys: [key], arguments: args }))) === 1
  return {
    of: async (id) => (await answered(client.hGet(key, id))) ?? undefined,
    owner: async (phone) =>
      Object.entries(await answered(client.hGetAll(key))).find(([, taken]) => taken === phone)?.[0],
    claim: (id, phone) => given(id, phone, 'first'),
    change: (id, phone) => given(id, phone, 'any'),
  }
}
