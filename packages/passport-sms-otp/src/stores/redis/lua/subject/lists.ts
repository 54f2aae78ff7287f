import { MOST_CHALLENGES } from '../../../store-request.js'

/** Fragment: the lists of a record, unpacked and changed. Needs `record` before it. */
export const lists = `
local function unpack_instants(from, size)
  local instants = {}
  for at = from, from + size - 1, 8 do instants[#instants + 1] = struct.unpack('<d', body, at) end
  return instants
end

local function pack_instants(instants)
  local list = {}
  for index, instant in ipairs(instants) do list[index] = struct.pack('<d', instant) end
  return table.concat(list)
end

local texts, unsent = unpack_instants(1, texts_size), unpack_instants(texts_size + 1, unsent_size)

-- Those that are still remembered.
local function remembered(instants)
  local kept = {}
  for _, instant in ipairs(instants) do
    if now < instant + kept_for then kept[#kept + 1] = instant end
  end
  return kept
end

local function remove_challenge(id)
  local from, next_from = find_challenge(id)
  if from then replace_challenge(from, next_from, '') end
  return from ~= nil
end

local function add_challenge(id, expires_at, max_attempts, max_resends)
  remove_challenge(id)
  body = body .. struct.pack(CHALLENGE, #id, id, expires_at, 0, max_attempts, 0, max_resends, 0)
end

-- Drops what nobody needs to be told about any more. Of more challenges than may be held, those that end first make room.
local function pruned_challenges()
  local challenges, from = {}, texts_size + unsent_size + 1
  while from <= #body do
    local _, expires_at, _, _, _, _, _, next_from = struct.unpack(CHALLENGE, body, from)
    if now < expires_at + GRACE then
      challenges[#challenges + 1] = { expires_at = expires_at, place = from, packed = string.sub(body, from, next_from - 1) }
    end
    from = next_from
  end
  table.sort(challenges, function (one, other)
    if one.expires_at == other.expires_at then return one.place < other.place end
    return one.expires_at < other.expires_at
  end)
  while #challenges > ${MOST_CHALLENGES} do table.remove(challenges, 1) end
  return challenges
end

-- Writes the record with its lists as they are now.
local function write_lists()
  local challenges = pruned_challenges()
  local last = challenges[#challenges]
  local list = { pack_instants(texts), pack_instants(unsent) }
  for _, challenge in ipairs(challenges) do list[#list + 1] = challenge.packed end
  body, texts_size, unsent_size = table.concat(list), 8 * #texts, 8 * #unsent
  kept_until = math.max(texts[#texts] or 0, unsent[#unsent] or 0) + kept_for
  ends_at = math.max(kept_until, last and last.expires_at or 0)
  write_record()
end
`
