import { readLists, writeLists } from './lists.js'
import { packMarks, readMarks, readRecord } from './record.js'

/**
 * Keys: record. Arguments: now, id, whether it was repeated, the instant of the text, whether it was tried in vain,
 * whether the challenge stays, whether the text before is known to have failed, the place of the channel, and whether
 * no other text went by it.
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
  local marks, channel, is_new, failed = challenge[7], tonumber(ARGV[8]), ARGV[9] == '1', ARGV[7] == '1'
  ${readMarks}
  local all = max(went_by, 1)
  if is_new and floor(all / 2 ^ channel) % 2 == 1 then
    went_by = all - 2 ^ channel
    -- A record keeps no order of the others: the one of the last place counts as the last one.
    last = 0
    for bit = 1, 3 do
      if floor(went_by / 2 ^ bit) % 2 == 1 then last = bit end
    end
    if failed and floor(passed_over / 2 ^ channel) % 2 == 0 then passed_over = passed_over + 2 ^ channel end
  end
  if failed and delivery == 0 then delivery = 2 end
  ${packMarks}
  challenge[7] = marks
  return true
end

local changed = take_back()
if not forget_text() and not changed then return { 'done' } end
${writeLists}
return { 'done' }
`
