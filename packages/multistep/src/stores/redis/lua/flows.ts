import { generations, records, script } from './script.js'

export const timeScript = script(`
return now
`)

/**
 * KEYS[1] of each script: the flows of a person, or one flow of nobody. They are one record, oldest first, of each its
 * random word, version, expiresAt, until when it waits, and JSON. What an earlier version kept in another form is void.
 */
const flows = `${records}
local flows = {}
for _, flow in ipairs(loaded(KEYS[1]) or {}) do
  if now < flow[3] and type(flow[5]) == 'string' then table.insert(flows, flow) end
end

local function find(random)
  for index, flow in ipairs(flows) do
    if flow[1] == random then return flow, index end
  end
end

local function add(random, ttl, waits, json)
  table.insert(flows, { random, 1, math.ceil(now + ttl), waits, json })
end

local function save()
  local last = 0
  for _, flow in ipairs(flows) do last = math.max(last, flow[3]) end
  if #flows == 0 then redis.call('DEL', KEYS[1]) else store(KEYS[1], last, flows) end
end
`

/** ARGV: now, random word, ttl, until when it waits, json, and the most. */
export const createFlowScript = script(`${flows}
if find(ARGV[2]) then return 0 end
while #flows >= tonumber(ARGV[6]) do
  local yields = 1
  for index = #flows, 1, -1 do
    if now >= flows[index][4] then yields = index end
  end
  table.remove(flows, yields)
end
add(ARGV[2], ARGV[3], tonumber(ARGV[4]), ARGV[5])
save()
return 1
`)

/**
 * KEYS[2]: the flows of nobody in this partition, by age. ARGV: now, random word, ttl, until when it waits, json, the
 * most.
 */
export const createNobodysFlowScript = script(`${flows}
if find(ARGV[2]) then return 0 end
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', '(' .. string.format('%.0f', now - ARGV[3]))
redis.call('ZADD', KEYS[2], now, ARGV[2])
redis.call('PEXPIRE', KEYS[2], math.ceil(ARGV[3]))
local folder = string.sub(KEYS[1], 1, #KEYS[1] - #ARGV[2])
while redis.call('ZCARD', KEYS[2]) > tonumber(ARGV[6]) do
  redis.call('DEL', folder .. redis.call('ZPOPMIN', KEYS[2])[1])
end
add(ARGV[2], ARGV[3], tonumber(ARGV[4]), ARGV[5])
save()
return 1
`)

/** ARGV: now, random word. */
export const readFlowScript = script(`${flows}
local flow = find(ARGV[2])
if not flow then return { now } end
return { now, flow[3], flow[2], flow[5] }
`)

/** The latest first. */
export const readFlowsScript = script(`${flows}
local found = { now }
for index = #flows, 1, -1 do
  local flow = flows[index]
  for _, value in ipairs({ flow[1], flow[3], flow[2], flow[5] }) do table.insert(found, value) end
end
return found
`)

/** KEYS[2]: the ledger that was passed, if any. ARGV: now, random word, version, until when it waits, and json. */
export const advanceFlowScript = script(`${flows}
if KEYS[2] then redis.call('DEL', KEYS[2]) end
local flow = find(ARGV[2])
if not flow or flow[2] ~= tonumber(ARGV[3]) then return 0 end
flow[2], flow[4], flow[5] = flow[2] + 1, tonumber(ARGV[4]), ARGV[5]
save()
return 1
`)

/**
 * KEYS[2]: the flows of nobody in this partition, by their age; then, where there are such, the login with what belongs
 * to it and the generation if it is of the same partition, the ledger that was passed, and the tombstone.
 * ARGV: now, random word, version; then, empty where there is none, the ttl and json of the login, a word for the
 * ledger, and the ttl and page of the tombstone.
 */
export const finishFlowScript = script(`${flows}${generations}
local last = 2
local function keyIf(given)
  if given == '' then return nil end
  last = last + 1
  return KEYS[last]
end
local login, owned, generation = keyIf(ARGV[4]), keyIf(ARGV[4]), keyIf(ARGV[4])
local ledger, tombstone = keyIf(ARGV[6]), keyIf(ARGV[7])

if ledger then redis.call('DEL', ledger) end
local flow, index = find(ARGV[2])
if not flow or flow[2] ~= tonumber(ARGV[3]) then return 0 end
table.remove(flows, index)
save()
redis.call('ZREM', KEYS[2], ARGV[2])
if login then
  if loaded(login) then redis.call('DEL', owned) end
  local expiresAt = math.ceil(now + ARGV[4])
  store(login, expiresAt, { expiresAt, now, math.max(now, generationOf(generation)), ARGV[5] })
end
if tombstone and not live(tombstone) then keep(tombstone, now + ARGV[7], 'to', ARGV[8]) end
return 1
`)

/** KEYS[2]: the flows of nobody in this partition, by their age. ARGV: now, random word. */
export const dropFlowScript = script(`${flows}
local flow, index = find(ARGV[2])
if flow then
  table.remove(flows, index)
  save()
end
redis.call('ZREM', KEYS[2], ARGV[2])
return 1
`)

/** KEYS: a login and what belongs to it, or a tombstone. */
export const dropScript = script(`
redis.call('DEL', unpack(KEYS))
return 1
`)
