import { script as named, type Script } from '#internal/redis-script'

// ARGV[1] of every script: the caller's clock, or '' for the server's.
// The expiry of a key only tidies up: what is gone is decided by comparing `expiresAt` with `now`.
const common = `
local now = tonumber(ARGV[1])
if ARGV[1] == '' then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end

local function ahead(instant)
  return instant and now < tonumber(instant)
end

local function live(key)
  return ahead(redis.call('HGET', key, 'expiresAt'))
end

local function keep(key, expiresAt, ...)
  expiresAt = math.ceil(expiresAt)
  redis.call('HSET', key, 'expiresAt', expiresAt, ...)
  redis.call('PEXPIRE', key, expiresAt - now)
end
`

/**
 * A record is one string that holds an array. Where something else stands, the script fails: it is never taken for
 * nothing.
 */
export const records = `
local function loaded(key)
  local packed = redis.call('GET', key)
  if not packed then return nil end
  local record = cmsgpack.unpack(packed)
  assert(type(record) == 'table', 'malformed')
  return record
end

local function store(key, expiresAt, record)
  redis.call('SET', key, cmsgpack.pack(record), 'PX', math.max(1, math.ceil(expiresAt - now)))
end
`

/**
 * Logins carry the generation of their partition in which they were made. `endAll` begins the next one, and with it
 * every login of an earlier one is over. Generations are instants, so that they only grow even where the key has ended
 * in between.
 */
export const generations = `
local function generationOf(key)
  local kept = redis.call('HMGET', key, 'expiresAt', 'value')
  return ahead(kept[1]) and assert(tonumber(kept[2])) or 0
end
`

export const script = (body: string): Script => named(common + body)
