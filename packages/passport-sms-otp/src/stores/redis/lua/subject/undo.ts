import { readLists, writeLists } from './lists.js'
import { readRecord } from './record.js'

/**
 * Keys: record. Arguments: now, id, whether it was repeated, the instant of the text, whether it was tried in vain,
 * whether the challenge stays, and whether the text before is known to have failed.
 */
export const undo = `${readRecord}${readLists}
local id, repeated, text_at, tried_in_vain, stays = ARGV[2], ARGV[3] == '1', tonumber(ARGV[4]), ARGV[5] == '1', ARGV[6] == '1'

-- A text that counts in no window any more. It may count among those that were tried in vain.
local function forget_text()
  for place = #texts, 1, -1 do
    if texts[place] == text_at then
      table.remove(texts, place)
      texts_since_success = max(0, texts_since_success - 1)
      if tried_in_vain then
        unsent = remembered(unsent)
        unsent[#unsent + 1] = text_at
        table.sort(unsent)
      end
      return true
    end
  end
  return false
end

-- Gives the resend back, or removes the challenge that was begun.
local function take_back()
  if not repeated then return not stays and remove_challenge(id) end
  local challenge = challenges[place_of(id)]
  if not challenge or challenge[5] == 0 then return false end
  challenge[5] = challenge[5] - 1
  if ARGV[7] == '1' then challenge[7] = challenge[7] % 128 + 256 end
  return true
end

local changed = take_back()
if not forget_text() and not changed then return { 'done' } end
${writeLists}
return { 'done' }
`
