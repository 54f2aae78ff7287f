import { clock } from './clock.js'
import { conversion } from './conversion.js'
import { count } from './count.js'

/** Keys: one for each counter, then one for each conversion. Arguments: now, how many counters. */
export const release = `${clock}${count}${conversion}
local now, counted = clock(ARGV[1]), tonumber(ARGV[2])
for index, key in ipairs(KEYS) do
  if index > counted then
    local it = read_conversion(key, now)
    if it.ends_at then
      forget_texts(it, 1)
      write_conversion(key, it, now)
    end
  else
    local taken = read_count(key, now)
    if taken > 1 then
      redis.call('HINCRBY', key, 'taken', -1)
    elseif taken == 1 then
      redis.call('DEL', key)
    end
  end
end
return { 'done' }
`
