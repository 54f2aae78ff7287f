/** Fragment: the time, as given by the caller (an empty string: Redis' own), and how numbers are written. */
export const clock = `
local function clock(given)
  if given ~= '' then return tonumber(given) end
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

-- Lua writes large numbers with an exponent, which Redis does not read as an integer.
local function whole(number)
  return string.format('%.0f', number)
end

local function list(numbers)
  local digits = {}
  for index, number in ipairs(numbers) do digits[index] = whole(number) end
  return table.concat(digits, ',')
end

local function numbers(list)
  local found = {}
  for digits in string.gmatch(list, '%d+') do found[#found + 1] = tonumber(digits) end
  return found
end
`
