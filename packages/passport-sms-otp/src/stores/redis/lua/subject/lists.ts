import { MOST_CHALLENGES } from '../../../store-request.js'
import { isNamedBy, writeRecord } from './record.js'

/**
 * Fragment: unpacks the lists of a record, after `readRecord`. A challenge is a list: name, expires at, attempts, max
 * attempts, resends, max resends, marks.
 */
export const readLists = `
local function instants(from, size)
  local list = {}
  for at = from, from + size - 1, 8 do list[#list + 1] = unpack_from('<d', packed, at) end
  return list
end
local texts, unsent = instants(body_at, texts_size), instants(body_at + texts_size, unsent_size)

local challenges, challenge_at = {}, body_at + texts_size + unsent_size
while challenge_at <= #packed do
  local challenge = { unpack_from(CHALLENGE, packed, challenge_at) }
  challenge_at = table.remove(challenge)
  challenges[#challenges + 1] = challenge
end

-- Those that are still remembered.
local function remembered(list)
  local kept = {}
  for _, instant in ipairs(list) do
    if now < instant + kept_for then kept[#kept + 1] = instant end
  end
  return kept
end

local function place_of(id)
  for place, challenge in ipairs(challenges) do
    local name = challenge[1]
    if ${isNamedBy('name', 'id')} then return place end
  end
end

local function remove_challenge(id)
  local place = place_of(id)
  if place then table.remove(challenges, place) end
  return place ~= nil
end
`

/**
 * Fragment: writes the record with its lists, but without challenges that nobody needs to be told about any more. Of
 * more challenges than may be held, those that end first make room.
 */
export const writeLists = `
local places, ended = {}, 0
for place, challenge in ipairs(challenges) do
  if now >= challenge[2] + GRACE then ended = ended + 1 else places[place - ended] = challenge end
end
if #places > 1 then
  local order = {}
  for place, challenge in ipairs(places) do order[challenge] = place end
  table.sort(places, function (one, other)
    if one[2] == other[2] then return order[one] < order[other] end
    return one[2] < other[2]
  end)
end
format = 1
for _, challenge in ipairs(places) do
  if challenge[7] > 1 then format = 2 end
end
CHALLENGE = CHALLENGES[format]
local list = {}
for _, instant in ipairs(texts) do list[#list + 1] = pack('<d', instant) end
for _, instant in ipairs(unsent) do list[#list + 1] = pack('<d', instant) end
for place = max(1, #places - ${MOST_CHALLENGES} + 1), #places do
  list[#list + 1] = pack(CHALLENGE, #places[place][1], unpack(places[place], 1, 7))
end
texts_size, unsent_size = 8 * #texts, 8 * #unsent
kept_until = max(texts[#texts] or 0, unsent[#unsent] or 0) + kept_for
ends_at = max(kept_until, #places > 0 and places[#places][2] or 0)
${writeRecord('table.concat(list)')}
`
