import { challenge } from './challenge.js'
import { clock } from './clock.js'
import { ledger } from './ledger.js'

/** Keys: ledger, challenge. Arguments: now, whether it was repeated, the instant of the text, whether it was tried in vain, whether the challenge stays. */
export const undo = `${clock}${challenge}${ledger}
local ledger_key, challenge_key = unpack(KEYS)
local now, repeated, text_at, unsent, stays = clock(ARGV[1]), ARGV[2] == '1', tonumber(ARGV[3]), ARGV[4] == '1', ARGV[5] == '1'

local function add_unsent(it)
  local tried = { text_at }
  for _, each in ipairs(it.unsent) do
    if now < each + it.kept_for then tried[#tried + 1] = each end
  end
  table.sort(tried)
  it.unsent = tried
end

local function forget_text(it)
  for index = #it.texts, 1, -1 do
    if it.texts[index] == text_at then
      table.remove(it.texts, index)
      it.texts_since_success = math.max(0, it.texts_since_success - 1)
      if unsent then add_unsent(it) end
      return true
    end
  end
end

if repeated then
  if tonumber(redis.call('HGET', challenge_key, 'resends') or 0) > 0 then redis.call('HINCRBY', challenge_key, 'resends', -1) end
elseif not stays then
  redis.call('DEL', challenge_key)
end

local ledger = read_ledger(ledger_key, now)
if forget_text(ledger) then write_ledger(ledger_key, ledger, now) end
return { 'done' }
`
