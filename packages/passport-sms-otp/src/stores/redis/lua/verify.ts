import { challenge } from './challenge.js'
import { clock } from './clock.js'
import { ledger } from './ledger.js'

/** Keys: ledger, challenge. Arguments: now, whether the code matched, lockout after, for, max, disableAfter, disableFor (0: for good). */
export const verify = `${clock}${challenge}${ledger}
local ledger_key, challenge_key = unpack(KEYS)
local now, matched = clock(ARGV[1]), ARGV[2] == '1'
local after, first, max, disable_after = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local disable_for = tonumber(ARGV[7])

local ledger = read_ledger(ledger_key, now)
local refused = refused_to_person(ledger, now)
if refused then return refused end

local found = read_challenge(challenge_key, now)
if found.state ~= 'live' then return { found.state, now } end

-- The attempt is spent before any answer is given, whatever the answer will be.
found.attempts = found.attempts + 1
found.used = matched
write_challenge(challenge_key, found, now)

if matched then
  clear_failures(ledger)
  ledger.texts_since_success = 0
  write_ledger(ledger_key, ledger, now)
  return { 'ok', now }
end

local answer = { 'wrong', now, found.max_attempts - found.attempts }
ledger.failures = ledger.failures + 1
local function lock(milliseconds)
  ledger.locked_until = now + milliseconds
  answer[1], answer[4] = 'wrong-and-locked', ledger.locked_until
end
if ledger.failures < disable_after then
  if ledger.failures % after == 0 then lock(math.min(max, first * 2 ^ (ledger.failures / after - 1))) end
elseif disable_for > 0 then
  lock(disable_for)
else
  ledger.disabled = true
  answer[1] = 'wrong-and-disabled'
end
write_ledger(ledger_key, ledger, now)
return answer
`
