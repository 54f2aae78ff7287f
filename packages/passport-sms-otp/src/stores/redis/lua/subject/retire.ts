import { readLists, writeLists } from './lists.js'
import { readRecord } from './record.js'

/** Keys: record. Arguments: now, id. */
export const retire = `${readRecord}${readLists}
if not remove_challenge(ARGV[2]) then return { 'done' } end
${writeLists}
return { 'done' }
`
