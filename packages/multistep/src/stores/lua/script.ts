import { createHash } from 'node:crypto'

/** A Lua script and the name under which Redis caches it. */
export interface Script {
  readonly text: string
  readonly sha: string
}

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

export function script(body: string): Script {
  const text = common + body
  return { text, sha: createHash('sha1').update(text).digest('hex') }
}
