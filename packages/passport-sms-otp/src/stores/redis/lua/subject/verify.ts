import { clock } from '../clock.js'
import { record, refusePerson } from './record.js'

/** Keys: record. Arguments: now, id, whether the code matched, lockout after, for, max, disableAfter, disableFor (0: for good). */
export const verify = `${clock}${record}${refusePerson}
local id, matched = ARGV[2], ARGV[3] == '1'
local from, next_from, expires_at, attempts, max_attempts, resends, max_resends, used = find_challenge(id)
local state = state_of(expires_at, attempts, max_attempts, used)
if state ~= 'live' then return { state, now } end

-- The attempt is spent before any answer is given, whatever the answer will be.
attempts = attempts + 1
replace_challenge(from, next_from, struct.pack(CHALLENGE, #id, id, expires_at, attempts, max_attempts, resends, max_resends, matched and 1 or 0))

if matched then
  failures, locked_until, texts_since_success = 0, 0, 0
  write_record()
  return { 'ok', now }
end

local after, first, max = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local disable_after, disable_for = tonumber(ARGV[7]), tonumber(ARGV[8])
local answer = { 'wrong', now, max_attempts - attempts }
local function lock(milliseconds)
  locked_until = now + milliseconds
  answer[1], answer[4] = 'wrong-and-locked', locked_until
end
failures = failures + 1
if failures < disable_after then
  if failures % after == 0 then lock(math.min(max, first * 2 ^ (failures / after - 1))) end
elseif disable_for > 0 then
  lock(disable_for)
else
  disabled = 1
  answer[1] = 'wrong-and-disabled'
end
write_record()
return answer
`
