import { readRecord, writeRecord } from './record.js'

/** Keys: record. Arguments: now. */
export const enable = `${readRecord}
if failures == 0 then return { 'done' } end
failures, locked_until, disabled = 0, 0, 0
${writeRecord('sub(packed, body_at)')}
return { 'done' }
`
