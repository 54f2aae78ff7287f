import { clock } from '../clock.js'
import { lists } from './lists.js'
import { record } from './record.js'

/** Keys: record. Arguments: now, id. */
export const retire = `${clock}${record}${lists}
if remove_challenge(ARGV[2]) then write_lists() end
return { 'done' }
`
