import { clock } from '../clock.js'
import { lists } from './lists.js'
import { record } from './record.js'

/**
 * Keys: record. Arguments: now, id, whether it was repeated, the instant of the text, whether it was tried in vain, whether the challenge stays.
 */
export const undo = `${clock}${record}${lists}
local id, repeated, text_at, tried_in_vain, stays = ARGV[2], ARGV[3] == '1', tonumber(ARGV[4]), ARGV[5] == '1', ARGV[6] == '1'

-- A text that counts in no window any more. It may count among those that were tried in vain.
local function forget_text()
  for index = #texts, 1, -1 do
    if texts[index] == text_at then
      table.remove(texts, index)
      texts_since_success = math.max(0, texts_since_success - 1)
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
  local from, next_from, expires_at, attempts, max_attempts, resends, max_resends, used = find_challenge(id)
  if not from or resends == 0 then return false end
  replace_challenge(from, next_from, struct.pack(CHALLENGE, #id, id, expires_at, attempts, max_attempts, resends - 1, max_resends, used))
  return true
end

local changed = take_back()
if forget_text() or changed then write_lists() end
return { 'done' }
`
