import { MOST_NOTES } from '../../../store-request.js'
import { whole } from '../clock.js'
import { readRecord } from './record.js'

/**
 * Keys: record, trace. Arguments: now, the name of the challenge (an empty text for none) and its end, of how many
 * challenges notes are kept, how long they are, also as long as failures are counted, and then texts and instants of
 * notes in pairs (an empty text for now).
 *
 * A trace is JSON, for it is read by people and by no other script: its end, and chapters in the order of their ends.
 * A chapter is a name, an end, and notes. A note is a text, its first instant, its last one, and how often it happened.
 */
export const note = `${readRecord}
local name, its_end, last = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local kept_for_notes = tonumber(failures > 0 and ARGV[6] or ARGV[5])
local json = call('GET', KEYS[2])
local kept = json and cjson.decode(json)
local chapters = {}
for _, one in ipairs(kept and now < kept[1] and kept[2] or {}) do
  local held = {}
  for _, known in ipairs(one[3]) do
    if known[3] + tonumber(ARGV[6]) > now then held[#held + 1] = known end
  end
  if #held > 0 then
    one[3] = held
    chapters[#chapters + 1] = one
  end
end

local chapter
for place, one in ipairs(chapters) do
  if one[1] == name then chapter = table.remove(chapters, place) break end
end
chapter = chapter or { name, its_end, {} }
local notes = chapter[3]
for index = 7, #ARGV, 2 do
  local text, at, known = ARGV[index], tonumber(ARGV[index + 1]) or now, nil
  for _, one in ipairs(notes) do
    if one[1] == text then known = one end
  end
  if known then
    known[3], known[4] = max(known[3], at), known[4] + 1
  else
    notes[min(#notes + 1, ${MOST_NOTES})] = { text, at, at, 1 }
  end
end

local place = #chapters + 1
for index = #chapters, 1, -1 do
  if chapters[index][2] > chapter[2] then place = index end
end
table.insert(chapters, place, chapter)
-- What made no challenge comes first, and takes no place of one.
local first = chapters[1][1] == '' and 2 or 1
while #chapters - first + 1 > last do table.remove(chapters, first) end
call('SET', KEYS[2], cjson.encode({ now + kept_for_notes, chapters }), 'PX', ${whole('kept_for_notes')})
return { 'done' }
`
