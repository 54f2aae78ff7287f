import { GRACE } from '../../../store-request.js'
import { clock, wholeFunction } from '../clock.js'
import { conversion } from './conversion.js'
import { count } from './count.js'

/**
 * Keys: one for each counter, then one for each conversion. Arguments: now, how many counters, then budget, limit,
 * window and whether it is only looked at for each counter, then below, over, pauseFor, patience and whether it is only
 * looked at for each conversion.
 */
export const reserve = `${clock}${wholeFunction}${count}${conversion}
local counted = tonumber(ARGV[2])
local judged = {}

local function refuse(...)
  for _, each in ipairs(judged) do
    if each.it.ends_at then write_conversion(each.key, each.it, now) end
  end
  return { ... }
end

-- What a prefix was paused for must not pause its country, too.
local function excuse(first, texts)
  for index = first, #KEYS do
    local it = read_conversion(KEYS[index], now)
    if it.ends_at then
      forget_texts(it, texts)
      write_conversion(KEYS[index], it, now)
    end
  end
end

for index = counted + 1, #KEYS do
  local place = index - counted
  local first = 2 + counted * 4 + (place - 1) * 5
  local below, over, pause_for, patience, peek = unpack(ARGV, first + 1, first + 5)
  local it = read_conversion(KEYS[index], now)
  local began = judge(it, tonumber(below), tonumber(over), tonumber(pause_for), tonumber(patience), now)
  judged[place] = { key = KEYS[index], it = it, peek = peek == '1' }
  if began then
    excuse(index + 1, began[1] - began[2])
    return refuse('paused-now', now, it.paused_until, place, began[1], began[2])
  end
  if now < it.paused_until then return refuse('paused', now, it.paused_until, place) end
end

local counters, spent, spent_budget, retry_at = {}, nil, nil, nil
for index = 1, counted do
  local first = 2 + (index - 1) * 4
  local budget, limit, window, peek = unpack(ARGV, first + 1, first + 4)
  local key = KEYS[index]
  local taken, ends_at = read_count(key, now)
  ends_at = ends_at or now + tonumber(window)
  counters[index] = { key = key, taken = taken, ends_at = ends_at, peek = peek == '1' }
  if taken >= tonumber(limit) and (not spent or spent_budget == budget) then
    spent, spent_budget = spent or index, budget
    retry_at = math.max(retry_at or 0, ends_at)
  end
end
if spent then return refuse('spent', now, retry_at, spent) end

for _, counter in ipairs(counters) do
  if not counter.peek then
    redis.call('HSET', counter.key, 'taken', whole(counter.taken + 1), 'endsAt', whole(counter.ends_at))
    redis.call('PEXPIRE', counter.key, whole(counter.ends_at - now + ${GRACE}))
  end
end
for _, each in ipairs(judged) do
  if not each.peek then
    add_to_conversion(each.key, each.it, now)
  elseif each.it.ends_at then
    write_conversion(each.key, each.it, now)
  end
end
return { 'reserved', now }
`
