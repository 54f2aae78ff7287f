import { findById, readRecord, withFound, writeRecord } from './record.js'

/** Keys: record. Arguments: now, id, and how a provider names the code. */
export const assign = `${readRecord}
local id = ARGV[2]
${findById('id')}
if state == 'unknown' then return { 'done' } end
local name = id .. ' ' .. ARGV[3]
${writeRecord(...withFound('name'))}
return { 'done' }
`
