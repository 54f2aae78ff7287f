import { findById, readRecord, refusePerson, withFound, writeRecord } from './record.js'

/**
 * Keys: record. Arguments: now, id, and `right`, or else the lockout as one text: after, for, max, disableAfter and
 * disableFor (0: for good). With `asked` behind it, a provider is asked after this, and the last of the answer is `=`
 * and how it names the code.
 */
export const verify = `${readRecord}${refusePerson}
local id, matched = ARGV[2], ARGV[3] == 'right'
${findById('id')}
if state ~= 'live' then return { state, now } end
local named = ARGV[4] and sub(found, #id + 2)
if named == '' then return { 'unassigned', now } end

-- The attempt is spent before any answer is given, whatever the answer will be.
attempts = attempts + 1
local answer
if matched then
  failures, locked_until, texts_since_success = 0, 0, 0
  local went_by = floor(marks / 2) % 16
  marks = marks + 1
  answer = went_by == 0 and { 'ok', now } or { 'ok-by', now, went_by }
else
  local policy = {}
  for digits in string.gmatch(ARGV[3], '%d+') do policy[#policy + 1] = tonumber(digits) end
  local after, first, longest, disable_after, disable_for = unpack(policy, 1, 5)
  local lock_for
  failures = failures + 1
  if failures < disable_after then
    if failures % after == 0 then lock_for = min(longest, first * 2 ^ (failures / after - 1)) end
  elseif disable_for > 0 then
    lock_for = disable_for
  else
    disabled = 1
  end
  if lock_for then locked_until = now + lock_for end
  local status = disabled == 1 and 'wrong-and-disabled' or lock_for and 'wrong-and-locked' or 'wrong'
  answer = { status, now, max_attempts - attempts, lock_for and locked_until }
  if named then answer[lock_for and 5 or 4] = '=' .. named end
end
${writeRecord(...withFound())}
return answer
`
