import { GRACE } from '../../../store-request.js'
import { clock, wholeFunction } from '../clock.js'
import { conversion } from './conversion.js'
import { count } from './count.js'

/**
 * Keys: one for each counter to give back to, one for each to take from, then one for each conversion.
 * Arguments: now, when they were reserved, how many counters to give back to and to take from, then the window of each
 * counter.
 */
export const release = `${clock}${wholeFunction}${count}${conversion}
local reserved_at = tonumber(ARGV[2])
local given, counted = tonumber(ARGV[3]), tonumber(ARGV[3]) + tonumber(ARGV[4])

local function give_back(key, window)
  local taken, ends_at = read_count(key, now)
  -- What was taken from a window that is over is over, too.
  if not ends_at or reserved_at < ends_at - window then return end
  if taken > 1 then
    redis.call('HINCRBY', key, 'taken', -1)
  else
    redis.call('DEL', key)
  end
end

local function charge(key, window)
  local taken, ends_at = read_count(key, now)
  ends_at = ends_at or now + window
  redis.call('HSET', key, 'taken', whole(taken + 1), 'endsAt', whole(ends_at))
  redis.call('PEXPIRE', key, whole(ends_at - now + ${GRACE}))
end

for index, key in ipairs(KEYS) do
  local window = tonumber(ARGV[4 + index] or 0)
  if index > counted then
    local it = read_conversion(key, now)
    if it.ends_at then
      forget_texts(it, 1)
      write_conversion(key, it, now)
    end
  elseif index > given then
    charge(key, window)
  else
    give_back(key, window)
  end
end
return { 'done' }
`
