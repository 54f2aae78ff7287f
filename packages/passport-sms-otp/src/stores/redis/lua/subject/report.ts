import { readLists, writeLists } from './lists.js'
import { findById, packMarks, readMarks, readRecord } from './record.js'

/**
 * Keys: record. Arguments: now, id, the number of the text that there is news of (an empty text for none), what is
 * known of it (1 delivered, 2 failed), delays.
 */
export const report = `${readRecord}
local id, text, news = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
${findById('id')}
if state ~= 'live' then return { state, now } end
${readMarks}${readLists}
local changed = text and text <= resends and (
  (news == 1 and delivery ~= 1) or (news == 2 and text == resends and delivery == 0)
)
if changed then
  delivery = news
  ${packMarks}
  challenges[place_of(id)][7] = marks
  ${writeLists}
end

-- The bits of both.
local tried = max(went_by, 1)
for bit = 0, 3 do
  local is_in = floor(tried / 2 ^ bit) % 2 == 1
  if not is_in and floor(passed_over / 2 ^ bit) % 2 == 1 then tried = tried + 2 ^ bit end
end
local delays = {}
for digits in string.gmatch(ARGV[5], '%d+') do delays[#delays + 1] = tonumber(digits) end
local texted_at = texts[#texts]
local resend_at = -1
if texted_at and resends < max_resends then
  resend_at = texted_at + (texts_since_success == 0 and 0 or delays[min(texts_since_success, #delays)] or 0)
end
return {
  'standing', now, resends, delivery, changed and 1 or 0, max_attempts - attempts, last, tried, texted_at or -1, resend_at
}
`
