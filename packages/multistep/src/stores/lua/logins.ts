import { script } from './script.js'

/** KEYS: login. ARGV: now, ttl, json. */
export const createLogin = script(`
keep(KEYS[1], now + ARGV[2], 'createdAt', now, 'json', ARGV[3])
return 1
`)

/** KEYS: login. ARGV: now. */
export const readLogin = script(`
local login = redis.call('HMGET', KEYS[1], 'expiresAt', 'createdAt', 'json')
if not ahead(login[1]) then return { now } end
return { now, login[2], login[3] }
`)
