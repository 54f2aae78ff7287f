import { clock } from '../clock.js'
import { record } from './record.js'

/** Keys: record. Arguments: now. */
export const enable = `${clock}${record}
if failures > 0 then
  failures, locked_until, disabled = 0, 0, 0
  write_record()
end
return { 'done' }
`
