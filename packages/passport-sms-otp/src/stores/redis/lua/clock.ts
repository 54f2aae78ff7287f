/** Fragment: the time, as the caller gives it in `ARGV[1]` (an empty string: Redis' own), and how numbers are written. */
export const clock = `
local now = tonumber(ARGV[1])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end

-- Lua writes large numbers with an exponent, which Redis does not read as an integer.
local function whole(number)
  return string.format('%.0f', number)
end
`
