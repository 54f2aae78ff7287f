import { devices } from './devices.js'
import { generations, records, script } from './script.js'

/**
 * A login is one record: its expiresAt, createdAt, generation and JSON; and from its first step-up on the sessions that
 * were retired, and of each factor that was proven again its name, instant and JSON.
 */
export const logins = `${records}${generations}
local function current(key, generation)
  local login = loaded(key)
  return login and now < login[1] and login[3] >= generationOf(generation) and login
end
`

/** KEYS: login, what belongs to it, and its partition's generation. ARGV: now, ttl, json. */
export const createLoginScript = script(`${records}${generations}
if loaded(KEYS[1]) then redis.call('DEL', KEYS[2]) end
local expiresAt = math.ceil(now + ARGV[2])
store(KEYS[1], expiresAt, { expiresAt, now, math.max(now, generationOf(KEYS[3])), ARGV[3] })
return 1
`)

/** KEYS: login, and its partition's generation. ARGV: now. */
export const readLoginScript = script(`${logins}
local login = current(KEYS[1], KEYS[2])
if not login then return { now } end
local reply = { now, login[2], login[4], table.concat(login[5] or {}, ' ') }
for _, proof in ipairs(login[6] or {}) do table.insert(reply, proof[3]) end
return reply
`)

/** KEYS: generation, devices, flows. ARGV: now, ttl. */
export const endAllScript = script(`${generations}${devices}
local expiresAt = redis.call('HGET', KEYS[1], 'expiresAt')
local last = ahead(expiresAt) and tonumber(expiresAt) or 0
keep(KEYS[1], math.max(now + ARGV[2], last), 'value', math.max(now, generationOf(KEYS[1])) + 1)
redis.call('DEL', KEYS[3])
return forgetAll(KEYS[2])
`)
