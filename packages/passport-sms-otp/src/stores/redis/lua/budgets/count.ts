/** Fragment: what one counter has taken in its running window, a hash. */
export const count = `
local function read_count(key, now)
  local values = redis.call('HMGET', key, 'taken', 'endsAt')
  local ends_at = tonumber(values[2] or 0)
  if now < ends_at then return tonumber(values[1]), ends_at end
  return 0
end
`
