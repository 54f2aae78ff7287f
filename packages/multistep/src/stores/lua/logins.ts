import { devices } from './devices.js'
import { generations, script } from './script.js'

/** KEYS: login, and its slot's generation. ARGV: now, ttl, json. */
export const createLogin = script(`${generations}
keep(KEYS[1], now + ARGV[2], 'createdAt', now, 'generation', newborn(KEYS[2]), 'json', ARGV[3])
return 1
`)

/** KEYS: login, and its slot's generation. ARGV: now. */
export const readLogin = script(`${generations}
local login = redis.call('HMGET', KEYS[1], 'expiresAt', 'generation', 'createdAt', 'json')
if not standing(login[1], login[2], KEYS[2]) then return { now } end
return { now, login[3], login[4] }
`)

/** KEYS: generation, devices. ARGV: now, ttl. */
export const endAll = script(`${generations}${devices}
local expiresAt = redis.call('HGET', KEYS[1], 'expiresAt')
local last = ahead(expiresAt) and tonumber(expiresAt) or 0
keep(KEYS[1], math.max(now + ARGV[2], last), 'value', newborn(KEYS[1]) + 1)
return forgetAll(KEYS[2])
`)
