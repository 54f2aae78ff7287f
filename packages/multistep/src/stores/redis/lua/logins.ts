import { devices } from './devices.js'
import { generations, script } from './script.js'

/** KEYS: login, what belongs to it, and its partition's generation. ARGV: now, ttl, json. */
export const createLogin = script(`${generations}
if redis.call('HLEN', KEYS[1]) > 0 then redis.call('DEL', KEYS[1], KEYS[2]) end
keep(KEYS[1], now + ARGV[2], 'createdAt', now, 'generation', newborn(KEYS[3]), 'json', ARGV[3])
return 1
`)

/** KEYS: login, and its partition's generation. ARGV: now. */
export const readLogin = script(`${generations}
local login, proofs = {}, {}
local entries = redis.call('HGETALL', KEYS[1])
for index = 1, #entries, 2 do
  local field, value = entries[index], entries[index + 1]
  login[field] = value
  if string.sub(field, 1, 2) == 'p:' then table.insert(proofs, value) end
end
if not standing(login.expiresAt, login.generation, KEYS[2]) then return { now } end
return { now, login.createdAt, login.json, login.retired or '', unpack(proofs) }
`)

/** KEYS: generation, devices. ARGV: now, ttl. */
export const endAll = script(`${generations}${devices}
local expiresAt = redis.call('HGET', KEYS[1], 'expiresAt')
local last = ahead(expiresAt) and tonumber(expiresAt) or 0
keep(KEYS[1], math.max(now + ARGV[2], last), 'value', newborn(KEYS[1]) + 1)
return forgetAll(KEYS[2])
`)
