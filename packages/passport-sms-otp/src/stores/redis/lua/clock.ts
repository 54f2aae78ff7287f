/**
 * Fragment: the time, as the caller gives it in `ARGV[1]`. An empty text stands for the time of Redis. Functions that
 * are called often have a local name, which costs less than two look-ups.
 */
export const clock = `
local call, floor, max, min = redis.call, math.floor, math.max, math.min
local now = tonumber(ARGV[1])
if not now then
  local time = call('TIME')
  now = time[1] * 1000 + floor(time[2] / 1000)
end
`

/**
 * An expression: a number as Redis reads it. Lua writes large ones with an exponent, which Redis takes for no integer.
 */
export const whole = (number: string): string => `string.format('%.0f', ${number})`

/** Fragment: the same as a function, for scripts that write many. */
export const wholeFunction = `
local function whole(number)
  return ${whole('number')}
end
`
