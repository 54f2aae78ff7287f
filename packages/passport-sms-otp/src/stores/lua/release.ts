import { clock } from './clock.js'
import { count } from './count.js'

/** Keys: one for each counter. Arguments: now. */
export const release = `${clock}${count}
local now = clock(ARGV[1])
for _, key in ipairs(KEYS) do
  local taken = read_count(key, now)
  if taken > 1 then
    redis.call('HINCRBY', key, 'taken', -1)
  elseif taken == 1 then
    redis.call('DEL', key)
  end
end
return { 'done' }
`
