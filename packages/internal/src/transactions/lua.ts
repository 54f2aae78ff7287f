import { script } from '../redis-script.js'

// ARGV[1] of every script: the caller's clock, or '' for the server's. Whether something is gone is decided by
// comparing instants; the expiry of a key only tidies up, and an injected clock may run ahead of the server's.
const clock = `
local now = tonumber(ARGV[1])
if ARGV[1] == '' then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
local function live(key)
  local expiresAt = redis.call('HGET', key, 'expiresAt')
  return expiresAt and now < tonumber(expiresAt)
end
`

export const put = script(`${clock}
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'sealed', ARGV[2], 'expiresAt', now + ARGV[3], 'askAt', now, 'slowed', 0)
redis.call('PEXPIRE', KEYS[1], math.max(ARGV[3], 1))
return { 'done' }`)

export const take = script(`${clock}
local sealed = live(KEYS[1]) and redis.call('HGET', KEYS[1], 'sealed')
redis.call('DEL', KEYS[1])
if sealed then return { 'taken', sealed } end
return { 'unknown' }`)

export const claim = script(`${clock}
if not live(KEYS[1]) then return { 'unknown' } end
local askAt = tonumber(redis.call('HGET', KEYS[1], 'askAt'))
if now < askAt then return { 'early', tostring(askAt - now) } end
redis.call('HSET', KEYS[1], 'askAt', now + ARGV[2])
local kept = redis.call('HMGET', KEYS[1], 'sealed', 'slowed')
return { 'claimed', kept[1], kept[2] }`)

export const postpone = script(`${clock}
if live(KEYS[1]) then
  redis.call('HSET', KEYS[1], 'askAt', now + ARGV[2])
  redis.call('HINCRBY', KEYS[1], 'slowed', ARGV[3])
end
return { 'done' }`)

// A sorted set of what was counted, by time.
export const count = script(`${clock}
local limit, window = tonumber(ARGV[2]), tonumber(ARGV[3])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - window)
local counted = redis.call('ZCARD', KEYS[1])
if counted >= limit then
  local first = redis.call('ZRANGE', KEYS[1], counted - limit, counted - limit, 'WITHSCORES')
  return { 'spent', tostring((tonumber(first[2]) or now) + window - now) }
end
redis.call('ZADD', KEYS[1], now, ARGV[4])
redis.call('PEXPIRE', KEYS[1], math.max(window, 1))
return { 'counted' }`)
