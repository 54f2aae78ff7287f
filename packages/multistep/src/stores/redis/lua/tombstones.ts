import { script } from './script.js'

/** KEYS of each script: a tombstone. ARGV: now, ttl, where. */
export const leaveTombstoneScript = script(`
if live(KEYS[1]) then return 0 end
keep(KEYS[1], now + ARGV[2], 'to', ARGV[3])
return 1
`)

/** ARGV: now, where. */
export const changeTombstoneScript = script(`
if live(KEYS[1]) then redis.call('HSET', KEYS[1], 'to', ARGV[2]) end
return 1
`)

/** ARGV: now. */
export const readTombstoneScript = script(`
local kept = redis.call('HMGET', KEYS[1], 'expiresAt', 'to')
return ahead(kept[1]) and { kept[2] } or {}
`)
