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

// KEYS[3]: the random words of the partition's flows, by their age.
const partitionFlows = `${standingFlow}
local function folderOf(key, random)
  return string.sub(key, 1, #key - #random)
end

-- Oldest first; the others go.
local function flowsOf(order, folder, act)
  for _, random in ipairs(redis.call('ZRANGE', order, 0, -1)) do
    local kept = redis.call('HMGET', folder .. random, 'expiresAt', 'generation', 'waits', 'version', 'json')
    if standing(kept[1], kept[2], KEYS[2]) then act(random, kept) else redis.call('ZREM', order, random) end
  end
end
`

/** KEYS: flow, its partition's generation, and the partition's flows. ARGV: now, ttl, json, its random word, until when it waits, and the most. */
export const createFlow = script(`${partitionFlows}
if flow() then return 0 end
local folder, waiting, others = folderOf(KEYS[1], ARGV[4]), {}, {}
flowsOf(KEYS[3], folder, function(random, kept)
  table.insert(ahead(kept[3]) and waiting or others, random)
end)
while #waiting + #others >= tonumber(ARGV[6]) do
  local yields = table.remove(#others > 0 and others or waiting, 1)
  redis.call('DEL', folder .. yields)
  redis.call('ZREM', KEYS[3], yields)
end
redis.call('ZADD', KEYS[3], now, ARGV[4])
local life = math.ceil(ARGV[2])
if redis.call('PTTL', KEYS[3]) < life then redis.call('PEXPIRE', KEYS[3], life) end
keep(KEYS[1], now + ARGV[2], 'version', 1, 'generation', newborn(KEYS[2]), 'json', ARGV[3], 'waits', ARGV[5])
return 1
`)

/**
 * KEYS: one flow of the partition, be it there or not, the partition's generation, and the partition's flows.
 * ARGV: now, and the random word of that one.
 */
export const readFlows = script(`${partitionFlows}
local found = { now }
flowsOf(KEYS[3], folderOf(KEYS[1], ARGV[2]), function(random, kept)
  for offset, value in ipairs({ random, kept[1], kept[4], kept[5] }) do table.insert(found, 1 + offset, value) end
end)
return found
`)

/** KEYS: flow, its partition's generation, and the flows of nobody there by their age. ARGV: now, ttl, json, its random word, and the most. */
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

/** KEYS: flow, and its partition's generation. ARGV: now. */
export const readFlow = script(`${standingFlow}
local kept = flow('version', 'json')
if not kept then return { now } end
return { now, kept[1], kept[3], kept[4] }
`)

/** KEYS: flow, its partition's generation, and the ledger that was passed, if any. ARGV: now, version, json, and until when it waits. */
export const advanceFlow = script(`${standingFlow}
if KEYS[3] then redis.call('DEL', KEYS[3]) end
if not at(ARGV[2]) then return 0 end
redis.call('HINCRBY', KEYS[1], 'version', 1)
redis.call('HSET', KEYS[1], 'json', ARGV[3], 'waits', ARGV[4])
return 1
`)

/**
 * KEYS: flow, its partition's generation, and the partition's flows; then, where there are such, the login with what belongs to it if it is of the same
 * partition, the ledger that was passed, and the tombstone.
 * ARGV: now, version, the flow's random word; then, empty where there is none, the ttl and json of the login, a word for the ledger, and the ttl and
 * page of the tombstone.
 */
export const finishFlow = script(`${standingFlow}
local index = 3
local function keyIf(given)
  if given == '' then return nil end
  index = index + 1
  return KEYS[index]
end
local login, owned = keyIf(ARGV[4]), keyIf(ARGV[4])
local ledger, tombstone = keyIf(ARGV[6]), keyIf(ARGV[7])

if ledger then redis.call('DEL', ledger) end
if not at(ARGV[2]) then return 0 end
redis.call('DEL', KEYS[1])
redis.call('ZREM', KEYS[3], ARGV[3])
if login then
  if redis.call('HLEN', login) > 0 then redis.call('DEL', login, owned) end
  keep(login, now + ARGV[4], 'createdAt', now, 'generation', newborn(KEYS[2]), 'json', ARGV[5])
end
if tombstone and not live(tombstone) then keep(tombstone, now + ARGV[7], 'to', ARGV[8]) end
return 1
`)

/** KEYS: flow, and the partition's flows. ARGV: now, and the flow's random word. */
export const dropFlow = script(`
redis.call('DEL', KEYS[1])
redis.call('ZREM', KEYS[2], ARGV[2])
return 1
`)

/** KEYS: a login and what belongs to it, or a tombstone. */
export const drop = script(`
redis.call('DEL', unpack(KEYS))
return 1
`)
