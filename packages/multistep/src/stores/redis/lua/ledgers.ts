import { script } from './script.js'

/** KEYS: ledger, and the token presented once. ARGV: now, after, for, max, and the token's ttl. */
export const attemptScript = script(`
local after, first, max = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local ledger = redis.call('HMGET', KEYS[1], 'expiresAt', 'failures', 'lockedUntil')
local known = ahead(ledger[1])
if known and now < tonumber(ledger[3]) then return { 'locked', now, ledger[3] } end

local failures = 1
if known then failures = tonumber(ledger[2]) + 1 end
local locks = failures % after == 0
local lockedUntil = locks and math.ceil(now + math.min(first * 2 ^ (failures / after - 1), max)) or 0
local expires = math.max(now, lockedUntil) + max
local expiredBefore = known and ledger[1] or expires
keep(KEYS[1], expires, 'failures', failures, 'lockedUntil', lockedUntil, 'expiredBefore', expiredBefore)

local replayed = KEYS[2] and live(KEYS[2])
if KEYS[2] and not replayed then keep(KEYS[2], now + ARGV[5]) end
return { replayed and 'replayed' or 'allowed', now, locks and 1 or 0 }
`)

/** KEYS: ledger. ARGV: now, outcome. */
export const settleScript = script(`
local ledger = redis.call('HMGET', KEYS[1], 'expiresAt', 'failures', 'expiredBefore')
if not ahead(ledger[1]) then return 1 end
local failures = tonumber(ledger[2]) - 1
if ARGV[2] ~= 'uncounted' or failures == 0 then
  redis.call('DEL', KEYS[1])
else
  -- A locked ledger counts nothing, so that whatever is taken back is part of what locked it.
  keep(KEYS[1], ledger[3], 'failures', failures, 'lockedUntil', 0)
end
return 1
`)
