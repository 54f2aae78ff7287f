import { script } from './script.js'

export const time = script(`
return now
`)

/** KEYS: flow. ARGV: now, ttl, json. */
export const createFlow = script(`
if live(KEYS[1]) then return 0 end
keep(KEYS[1], now + ARGV[2], 'version', 1, 'json', ARGV[3])
return 1
`)

/** KEYS: flow. ARGV: now. */
export const readFlow = script(`
local flow = redis.call('HMGET', KEYS[1], 'expiresAt', 'version', 'json')
if not ahead(flow[1]) then return { now } end
return { now, flow[1], flow[2], flow[3] }
`)

/** KEYS: flow. ARGV: now, version, json. */
export const advanceFlow = script(`
if not live(KEYS[1]) or redis.call('HGET', KEYS[1], 'version') ~= ARGV[2] then return 0 end
redis.call('HINCRBY', KEYS[1], 'version', 1)
redis.call('HSET', KEYS[1], 'json', ARGV[3])
return 1
`)

/** KEYS: flow, and the login if it is of the same slot. ARGV: now, version, and the login's ttl and json. */
export const finishFlow = script(`
if not live(KEYS[1]) or redis.call('HGET', KEYS[1], 'version') ~= ARGV[2] then return 0 end
redis.call('DEL', KEYS[1])
if KEYS[2] then keep(KEYS[2], now + ARGV[3], 'createdAt', now, 'json', ARGV[4]) end
return 1
`)

/** KEYS: flow or login. */
export const drop = script(`
redis.call('DEL', KEYS[1])
return 1
`)
