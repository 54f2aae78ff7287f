import { generations, script } from './script.js'

export const time = script(`
return now
`)

const standingFlow = `${generations}
local function flow(...)
  local kept = redis.call('HMGET', KEYS[1], 'expiresAt', 'generation', ...)
  return standing(kept[1], kept[2], KEYS[2]) and kept
end

local function at(version)
  local kept = flow('version')
  return kept and kept[3] == version
end
`

/** KEYS: flow, and its slot's generation. ARGV: now, ttl, json. */
export const createFlow = script(`${standingFlow}
if flow() then return 0 end
keep(KEYS[1], now + ARGV[2], 'version', 1, 'generation', newborn(KEYS[2]), 'json', ARGV[3])
return 1
`)

/** KEYS: flow, its slot's generation, and the flows of nobody there by their age. ARGV: now, ttl, json, its random word, and the most. */
export const createNobodysFlow = script(`${standingFlow}
if flow() then return 0 end
redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', '(' .. string.format('%.0f', now - ARGV[2]))
redis.call('ZADD', KEYS[3], now, ARGV[4])
redis.call('PEXPIRE', KEYS[3], math.ceil(ARGV[2]))
local folder = string.sub(KEYS[1], 1, #KEYS[1] - #ARGV[4])
while redis.call('ZCARD', KEYS[3]) > tonumber(ARGV[5]) do redis.call('DEL', folder .. redis.call('ZPOPMIN', KEYS[3])[1]) end
keep(KEYS[1], now + ARGV[2], 'version', 1, 'generation', newborn(KEYS[2]), 'json', ARGV[3])
return 1
`)

/** KEYS: flow, and its slot's generation. ARGV: now. */
export const readFlow = script(`${standingFlow}
local kept = flow('version', 'json')
if not kept then return { now } end
return { now, kept[1], kept[3], kept[4] }
`)

/** KEYS: flow, and its slot's generation. ARGV: now, version, json. */
export const advanceFlow = script(`${standingFlow}
if not at(ARGV[2]) then return 0 end
redis.call('HINCRBY', KEYS[1], 'version', 1)
redis.call('HSET', KEYS[1], 'json', ARGV[3])
return 1
`)

/** KEYS: flow, its slot's generation, and the login with what belongs to it if they are of the same slot. ARGV: now, version, and the login's ttl and json. */
export const finishFlow = script(`${standingFlow}
if not at(ARGV[2]) then return 0 end
redis.call('DEL', KEYS[1])
if KEYS[3] then
  if redis.call('HLEN', KEYS[3]) > 0 then redis.call('DEL', KEYS[3], KEYS[4]) end
  keep(KEYS[3], now + ARGV[3], 'createdAt', now, 'generation', newborn(KEYS[2]), 'json', ARGV[4])
end
return 1
`)

/** KEYS: a flow, or a login and what belongs to it. */
export const drop = script(`
redis.call('DEL', unpack(KEYS))
return 1
`)
