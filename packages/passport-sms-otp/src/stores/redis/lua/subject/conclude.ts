import { findById, readRecord, withFound, writeRecord } from './record.js'

/**
 * Keys: record. Arguments: now, id, outcome, how the provider names the code, and what the count brought about: the end
 * of a lock (an empty text for none), and whether it disabled.
 */
export const conclude = `${readRecord}
local id, outcome, verification = ARGV[2], ARGV[3], ARGV[4]
${findById('id')}
if outcome == 'right' then
  if state == 'unknown' then return { state, now } end
  if marks % 2 == 1 then return { 'used', now } end
  failures, locked_until, disabled, texts_since_success, marks = 0, 0, 0, 0, marks + 1
elseif state == 'unknown' then
  return { 'concluded', now }
else
  if outcome ~= 'exhausted' then
    attempts = attempts - 1
    failures = max(0, failures - 1)
    if locked_until == tonumber(ARGV[5]) then locked_until = 0 end
    if ARGV[6] == '1' then disabled = 0 end
  end
  if found == id .. ' ' .. verification and marks % 2 == 0 then
    -- No name is left to ask the provider by: an attempt that is given back later opens nothing.
    if outcome == 'exhausted' then attempts, found = max_attempts, id end
    if outcome == 'expired' then expires_at = min(expires_at, now) end
  end
end
${writeRecord(...withFound())}
local went_by = floor(marks / 2) % 16
if outcome == 'right' and went_by > 0 then return { 'ok-by', now, went_by } end
return { outcome == 'right' and 'ok' or 'concluded', now }
`
