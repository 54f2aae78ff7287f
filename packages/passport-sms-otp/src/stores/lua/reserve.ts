import { GRACE } from '../store-request.js'
import { clock } from './clock.js'
import { count } from './count.js'

/** Keys: one for each counter. Arguments: now, then budget, limit and window for each counter. */
export const reserve = `${clock}${count}
local now = clock(ARGV[1])
local counters, spent, retry_at = {}, nil, nil
for index, key in ipairs(KEYS) do
  local budget, limit, window = unpack(ARGV, index * 3 - 1, index * 3 + 1)
  local taken, ends_at = read_count(key, now)
  ends_at = ends_at or now + tonumber(window)
  counters[index] = { key = key, taken = taken, ends_at = ends_at }
  if taken >= tonumber(limit) and (not spent or ARGV[spent * 3 - 1] == budget) then
    spent = spent or index
    retry_at = math.max(retry_at or 0, ends_at)
  end
end
if spent then return { 'spent', now, retry_at, spent } end

for _, counter in ipairs(counters) do
  redis.call('HSET', counter.key, 'taken', whole(counter.taken + 1), 'endsAt', whole(counter.ends_at))
  redis.call('PEXPIRE', counter.key, whole(counter.ends_at - now + ${GRACE}))
end
return { 'reserved' }
`
