import { GRACE } from '../../store-request.js'

/** Fragment: one challenge, a hash. A key that was never written reads as unknown. */
export const challenge = `
local GRACE = ${GRACE}

-- Compares instants: a key may outlive its time to live when the clock is the caller's.
local function state_of(found, now)
  if now >= found.expires_at + GRACE then return 'unknown' end
  if now >= found.expires_at then return 'expired' end
  if found.used then return 'used' end
  if found.attempts >= found.max_attempts then return 'exhausted' end
  return 'live'
end

local function read_challenge(key, now)
  local values = redis.call('HMGET', key, 'expiresAt', 'attempts', 'maxAttempts', 'resends', 'maxResends', 'used')
  if not values[1] then return { state = 'unknown' } end
  local found = {
    expires_at = tonumber(values[1]),
    attempts = tonumber(values[2]),
    max_attempts = tonumber(values[3]),
    resends = tonumber(values[4]),
    max_resends = tonumber(values[5]),
    used = values[6] == '1',
  }
  found.state = state_of(found, now)
  return found
end

local function write_challenge(key, it, now)
  redis.call('HSET', key,
    'expiresAt', whole(it.expires_at), 'attempts', whole(it.attempts), 'maxAttempts', whole(it.max_attempts),
    'resends', whole(it.resends), 'maxResends', whole(it.max_resends), 'used', it.used and '1' or '0')
  redis.call('PEXPIRE', key, whole(it.expires_at - now + GRACE))
end
`
