import { challenge } from './challenge.js'
import { clock } from './clock.js'
import { ledger } from './ledger.js'

/** Keys: ledger, challenge. Arguments: now, whether it was repeated, the instant of the text, whether the ledger forgets it. */
export const undo = `${clock}${challenge}${ledger}
local ledger_key, challenge_key = unpack(KEYS)
local now, repeated, text_at, refund = clock(ARGV[1]), ARGV[2] == '1', tonumber(ARGV[3]), ARGV[4] == '1'

local function forget_text(it)
  for index = #it.texts, 1, -1 do
    if it.texts[index] == text_at then
      table.remove(it.texts, index)
      it.texts_since_success = math.max(0, it.texts_since_success - 1)
      return true
    end
  end
end

if not repeated then
  redis.call('DEL', challenge_key)
elseif tonumber(redis.call('HGET', challenge_key, 'resends') or 0) > 0 then
  redis.call('HINCRBY', challenge_key, 'resends', -1)
end

if refund then
  local ledger = read_ledger(ledger_key, now)
  if forget_text(ledger) then write_ledger(ledger_key, ledger, now) end
end
return { 'done' }
`
