import { challenge } from './challenge.js'
import { clock } from './clock.js'
import { ledger } from './ledger.js'

/** Keys: ledger. Arguments: now. */
export const enable = `${clock}${challenge}${ledger}
local now = clock(ARGV[1])
local ledger = read_ledger(KEYS[1], now)
if ledger.failures > 0 then
  clear_failures(ledger)
  write_ledger(KEYS[1], ledger, now)
end
return { 'done' }
`
