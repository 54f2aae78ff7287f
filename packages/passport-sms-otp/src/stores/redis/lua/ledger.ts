/** Fragment: the ledger of one subject, a hash. Needs `clock` and `challenge` before it. */
export const ledger = `
local function empty_ledger()
  return { failures = 0, locked_until = 0, disabled = false, texts_since_success = 0, texts = {}, unsent = {}, kept_for = 0 }
end

-- Failures never age out (NIST SP 800-63B-4 section 3.2.2); everything else does.
local function keep_until(it)
  return math.max(it.texts[#it.texts] or 0, it.unsent[#it.unsent] or 0) + it.kept_for
end

local function is_forgotten(it, now)
  return it.failures == 0 and now >= keep_until(it)
end

local function read_ledger(key, now)
  local values = redis.call('HMGET', key, 'failures', 'lockedUntil', 'disabled', 'textsSinceSuccess', 'texts', 'keptFor', 'unsent')
  if not values[1] then return empty_ledger() end
  local it = {
    failures = tonumber(values[1]),
    locked_until = tonumber(values[2]),
    disabled = values[3] == '1',
    texts_since_success = tonumber(values[4]),
    texts = numbers(values[5]),
    kept_for = tonumber(values[6]),
    unsent = numbers(values[7] or ''),
  }
  return is_forgotten(it, now) and empty_ledger() or it
end

local function write_ledger(key, it, now)
  if is_forgotten(it, now) then
    redis.call('DEL', key)
    return
  end
  redis.call('HSET', key,
    'failures', whole(it.failures), 'lockedUntil', whole(it.locked_until), 'disabled', it.disabled and '1' or '0',
    'textsSinceSuccess', whole(it.texts_since_success), 'texts', list(it.texts), 'keptFor', whole(it.kept_for),
    'unsent', list(it.unsent))
  if it.failures > 0 then
    redis.call('PERSIST', key)
  else
    redis.call('PEXPIRE', key, whole(keep_until(it) - now + GRACE))
  end
end

local function clear_failures(it)
  it.failures, it.locked_until, it.disabled = 0, 0, false
end

-- What is answered before anything else is looked at.
local function refused_to_person(it, now)
  if it.disabled then return { 'disabled', now } end
  if now < it.locked_until then return { 'locked', now, it.locked_until } end
end
`
