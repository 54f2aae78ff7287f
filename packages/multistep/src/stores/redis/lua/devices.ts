import { script } from './script.js'

/**
 * A partition's devices are one hash: under `:id` the words below, and what is told of the device as JSON, which stays
 * text.
 */
export const devices = `
local words = '^(%d+) (%d+) (%d+) (%d+) (%S+) (%S+) (%S+) (.*)$'

local function parsed(id, text)
  local order, createdAt, lastUsedAt, expiresAt, token, purpose, fingerprint, json = string.match(text, words)
  assert(order, 'malformed')
  return {
    id = id, order = tonumber(order), createdAt = createdAt, lastUsedAt = lastUsedAt, expiresAt = expiresAt,
    token = token, purpose = purpose, fingerprint = fingerprint, json = json,
  }
end

local function find(key, id)
  local text = redis.call('HGET', key, ':' .. id)
  local device = text and parsed(id, text)
  return device and ahead(device.expiresAt) and device
end

local function forget(key, id)
  return redis.call('HDEL', key, ':' .. id, '=' .. id)
end

-- Those that live, oldest first; the others go.
local function all(key)
  local found, kept = {}, redis.call('HGETALL', key)
  for index = 1, #kept, 2 do
    local id = string.match(kept[index], '^:(.+)$')
    local device = id and parsed(id, kept[index + 1])
    if device and ahead(device.expiresAt) then table.insert(found, device) elseif device then forget(key, id) end
  end
  table.sort(found, function(one, other) return one.order < other.order end)
  return found
end

local function write(key, device)
  redis.call('HSET', key, ':' .. device.id, table.concat({
    device.order, device.createdAt, device.lastUsedAt, device.expiresAt,
    device.token, device.purpose, device.fingerprint, device.json,
  }, ' '))
end

local function forgetAll(key)
  local ids = {}
  for _, device in ipairs(all(key)) do table.insert(ids, device.id) end
  redis.call('DEL', key)
  return ids
end
`

/** KEYS: devices. ARGV: now, max, ttl, id, token, purpose, fingerprint, json, and the ids to replace. */
export const rememberDeviceScript = script(`${devices}
local max, id = tonumber(ARGV[2]), ARGV[4]
local gone = {}
forget(KEYS[1], id)
for index = 9, #ARGV do
  if find(KEYS[1], ARGV[index]) then table.insert(gone, ARGV[index]) end
  forget(KEYS[1], ARGV[index])
end

local others = all(KEYS[1])
local expiresAt, order = math.ceil(now + ARGV[3]), 1
for _, device in ipairs(others) do order = device.order + 1 end
while #others >= max do
  table.insert(gone, others[1].id)
  forget(KEYS[1], table.remove(others, 1).id)
end

local last = expiresAt
for _, device in ipairs(others) do last = math.max(last, tonumber(device.expiresAt)) end
write(KEYS[1], {
  id = id, order = order, createdAt = now, lastUsedAt = now, expiresAt = expiresAt,
  token = ARGV[5], purpose = ARGV[6], fingerprint = ARGV[7], json = ARGV[8],
})
keep(KEYS[1], last)
return gone
`)

/**
 * KEYS: devices. ARGV: now, next, purpose, fingerprint, the grace, the browser and what is sealed for it (or '' and
 * ''), and of each device its id and token. The last use is kept beside the device, under `=id`, as the token it spent,
 * the browser and what was sealed for it.
 */
export const useDeviceScript = script(`${devices}
local browser, sealed = ARGV[6], ARGV[7]

local function answer(device, again)
  return { 'ok', device.id, device.createdAt, device.lastUsedAt, device.expiresAt, device.json, again }
end

local function isAgain(device, token)
  if browser == '' or device.fingerprint ~= ARGV[4] or now >= device.lastUsedAt + ARGV[5] then return nil end
  local spent, by, kept = string.match(redis.call('HGET', KEYS[1], '=' .. device.id) or '', '^(%S+) (%S+) (%S+)$')
  return spent == token and by == browser and kept or nil
end

for index = 8, #ARGV, 2 do
  local device = find(KEYS[1], ARGV[index])
  if device and device.purpose == ARGV[3] then
    local token = ARGV[index + 1]
    if device.token ~= token then
      local again = isAgain(device, token)
      if again then return answer(device, again) end
      forget(KEYS[1], device.id)
      return { 'reused', device.id }
    end
    if device.fingerprint ~= ARGV[4] then
      forget(KEYS[1], device.id)
      return { 'outdated', device.id }
    end
    device.token, device.lastUsedAt = ARGV[2], now
    write(KEYS[1], device)
    if browser == '' then
      redis.call('HDEL', KEYS[1], '=' .. device.id)
    else
      redis.call('HSET', KEYS[1], '=' .. device.id, table.concat({ token, browser, sealed }, ' '))
    end
    return answer(device)
  end
end
return { 'unknown' }
`)

/** KEYS: devices. */
export const listDevicesScript = script(`${devices}
local list = {}
for _, device in ipairs(all(KEYS[1])) do
  table.insert(list, { device.id, device.createdAt, device.lastUsedAt, device.expiresAt, device.json })
end
return list
`)

/** KEYS: devices. ARGV: now, id. */
export const forgetDeviceScript = script(`${devices}
local known = find(KEYS[1], ARGV[2])
forget(KEYS[1], ARGV[2])
return known and 1 or 0
`)

/** KEYS: devices. */
export const forgetDevicesScript = script(`${devices}
return forgetAll(KEYS[1])
`)
