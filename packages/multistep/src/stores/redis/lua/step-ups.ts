import { mostBegun, mostGrants, mostRequirements, mostRetired } from '../../step-up-store.js'
import { logins } from './logins.js'
import { script } from './script.js'

// KEYS of each script: a login, the hash of its requirements and grants, which ends with it, and the generation of its
// partition.
// r:<id> = order version expiresAt key json · g:<key> = expiresAt · order: the last one given.
const requirements = `${logins}
local kept = KEYS[2]
local login = current(KEYS[1], KEYS[3])

local function entries(kind)
  local found, all = {}, redis.call('HGETALL', kept)
  for index = 1, #all, 2 do
    if string.sub(all[index], 1, 2) == kind then found[all[index]] = all[index + 1] end
  end
  return found
end

local function parse(field, value)
  local order, version, expiresAt, key, json = string.match(value, '^(%d+) (%d+) (%d+) (%S+) (.*)$')
  return {
    field = field, id = string.sub(field, 3), order = tonumber(order), version = version, expiresAt = expiresAt,
    key = key, json = json,
  }
end

local function write(one)
  redis.call('HSET', kept, one.field, table.concat({ one.order, one.version, one.expiresAt, one.key, one.json }, ' '))
end

-- Those that are open, oldest first; the others are tidied away.
local function open()
  local found = {}
  if not login then return found end
  for field, value in pairs(entries('r:')) do
    local one = parse(field, value)
    if ahead(one.expiresAt) then table.insert(found, one) else redis.call('HDEL', kept, field) end
  end
  table.sort(found, function(a, b) return a.order < b.order end)
  return found
end

local function find(id, version)
  local field = 'r:' .. id
  local value = login and redis.call('HGET', kept, field)
  local one = value and parse(field, value)
  return one and one.version == version and ahead(one.expiresAt) and one
end

local function retire(session)
  local retired = { session }
  for _, word in ipairs(login[5] or {}) do
    if word ~= session and #retired < ${mostRetired} then table.insert(retired, word) end
  end
  login[5] = retired
end

-- Of each factor the newest proof.
local function hold(factor, at, json)
  local proofs = login[6] or {}
  login[6] = proofs
  for _, proof in ipairs(proofs) do
    if proof[1] == factor then
      if proof[2] <= at then proof[2], proof[3] = at, json end
      return
    end
  end
  table.insert(proofs, { factor, at, json })
end

local function isNew(one)
  return one.version == '1'
end

local function isBegun(one)
  return one.version ~= '1'
end

-- Of one kind the oldest go, until at most so many are left.
local function bound(all, isOfKind, most)
  local some = {}
  for _, one in ipairs(all) do
    if isOfKind(one) then table.insert(some, one) end
  end
  while #some > most do redis.call('HDEL', kept, table.remove(some, 1).field) end
end

local function expire()
  redis.call('PEXPIRE', kept, math.ceil(login[1] - now))
end
`

/** ARGV: now, id, key, ttl, json. */
export const openRequirementScript = script(`${requirements}
if not login then return { now } end
local others, one = open(), nil
for _, other in ipairs(others) do
  if other.key == ARGV[3] then one = other end
end
if not one then
  one = { field = 'r:' .. ARGV[2], id = ARGV[2], version = '1', key = ARGV[3], json = ARGV[5] }
  bound(others, isNew, ${mostRequirements} - 1)
end
one.order, one.expiresAt = redis.call('HINCRBY', kept, 'order', 1), math.ceil(now + ARGV[4])
write(one)
expire()
return { now, one.id, one.version, one.expiresAt, one.json }
`)

/** ARGV: now. */
export const readRequirementsScript = script(`${requirements}
local reply = { now }
for _, one in ipairs(open()) do
  for _, value in ipairs({ one.id, one.version, one.expiresAt, one.json }) do table.insert(reply, value) end
end
return reply
`)

/** ARGV: now, id, version, json. */
export const advanceRequirementScript = script(`${requirements}
local one = find(ARGV[2], ARGV[3])
if not one then return 0 end
one.version, one.json = one.version + 1, ARGV[4]
write(one)
if one.version == 2 then bound(open(), isBegun, ${mostBegun}) end
return 1
`)

/** ARGV: now, id. */
export const dropRequirementScript = script(`
redis.call('HDEL', KEYS[2], 'r:' .. ARGV[2])
return 1
`)

/**
 * KEYS[4]: the ledger that was passed, if any. ARGV: now, id, version, the grant's key (or '') and ttl, the retired
 * session, and of each proof its factor, instant and json.
 */
export const meetRequirementScript = script(`${requirements}
if KEYS[4] then redis.call('DEL', KEYS[4]) end
local one = find(ARGV[2], ARGV[3])
if not one then return 0 end
redis.call('HDEL', kept, one.field)
retire(ARGV[6])
for index = 7, #ARGV, 3 do hold(ARGV[index], tonumber(ARGV[index + 1]), ARGV[index + 2]) end
store(KEYS[1], login[1], login)
if ARGV[4] == '' then return 1 end

redis.call('HSET', kept, 'g:' .. ARGV[4], math.ceil(now + ARGV[5]))
local grants = {}
for field, expiresAt in pairs(entries('g:')) do
  if ahead(expiresAt) then
    table.insert(grants, { field = field, expiresAt = tonumber(expiresAt) })
  else
    redis.call('HDEL', kept, field)
  end
end
table.sort(grants, function(a, b) return a.expiresAt < b.expiresAt end)
while #grants > ${mostGrants} do redis.call('HDEL', kept, table.remove(grants, 1).field) end
expire()
return 1
`)

/** ARGV: now, the session. */
export const retireSessionScript = script(`${requirements}
if login then
  retire(ARGV[2])
  store(KEYS[1], login[1], login)
end
return 1
`)

/** ARGV: now, key. */
export const takeGrantScript = script(`${requirements}
local expiresAt = redis.call('HGET', kept, 'g:' .. ARGV[2])
redis.call('HDEL', kept, 'g:' .. ARGV[2])
return login and ahead(expiresAt) and 1 or 0
`)

export const stepDownScript = script(`${logins}
redis.call('DEL', KEYS[2])
local login = current(KEYS[1], KEYS[3])
if login and login[6] then
  login[6] = nil
  store(KEYS[1], login[1], login)
end
return 1
`)
