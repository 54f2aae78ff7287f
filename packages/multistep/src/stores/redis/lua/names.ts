import { script } from './script.js'

// KEYS of each script, of one shard: what is known of this name, the strangers, the strangers that were never locked
// and those that were, by their last attempt. A ledger is kept as `failures lockedUntil expiresAt expiredBefore`.
const names = `
local known, strangers, open, locked, field = KEYS[1], KEYS[2], KEYS[3], KEYS[4], ARGV[2]
local knownUntil = redis.call('HGET', known, 'expiresAt')
local isKnown = ahead(knownUntil)

local function read()
  local text
  if isKnown then text = redis.call('HGET', known, 'ledger') else text = redis.call('HGET', strangers, field) end
  if not text or text == '' then return nil end
  local failures, lockedUntil, expiresAt, expiredBefore = string.match(text, '^(%d+) (%d+) (%d+) (%d+)$')
  assert(failures, 'malformed')
  if not ahead(expiresAt) then return nil end
  return {
    failures = tonumber(failures), lockedUntil = tonumber(lockedUntil),
    expiresAt = tonumber(expiresAt), expiredBefore = tonumber(expiredBefore),
  }
end

local function forget(key)
  redis.call('HDEL', strangers, key)
  redis.call('ZREM', open, key)
  redis.call('ZREM', locked, key)
end

-- The one whose last attempt is longest ago yields to a new one.
local function place(order, key, text, most, life)
  redis.call('ZADD', order, now, key)
  while redis.call('ZCARD', order) > most do redis.call('HDEL', strangers, redis.call('ZPOPMIN', order)[1]) end
  redis.call('HSET', strangers, key, text)
  for _, one in ipairs({ strangers, order }) do redis.call('PEXPIRE', one, math.ceil(life)) end
end

local function textOf(ledger)
  local words = { ledger.failures, ledger.lockedUntil, ledger.expiresAt, ledger.expiredBefore }
  return string.format('%.0f %.0f %.0f %.0f', unpack(words))
end
`

/**
 * KEYS: of the shard, and the token presented once by a known name. ARGV: now, field, after, for, max, the most of a
 * kind, and the token's ttl and field.
 */
export const attemptByNameScript = script(`${names}
local after, first, max, most = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local ledger = read()
if ledger and now < ledger.lockedUntil then return { 'locked', now, ledger.lockedUntil } end

local failures = (ledger and ledger.failures or 0) + 1
local locks = failures % after == 0
local lockedUntil = locks and math.ceil(now + math.min(first * 2 ^ (failures / after - 1), max)) or 0
local expiresAt = math.ceil(math.max(now, lockedUntil) + max)
local expiredBefore = ledger and ledger.expiresAt or expiresAt
local text = textOf({
  failures = failures, lockedUntil = lockedUntil, expiresAt = expiresAt, expiredBefore = expiredBefore,
})

local replayed = false
if ARGV[8] then
  replayed = live(KEYS[5]) or ahead(redis.call('HGET', strangers, ARGV[8]))
  if not replayed and isKnown then keep(KEYS[5], now + ARGV[7]) end
  if not replayed and not isKnown then place(open, ARGV[8], math.ceil(now + ARGV[7]), most, 2 * max + ARGV[7]) end
end

if isKnown then
  keep(known, math.max(knownUntil, expiresAt), 'ledger', text)
else
  local order = (locks or redis.call('ZSCORE', locked, field)) and locked or open
  if order == locked then redis.call('ZREM', open, field) end
  place(order, field, text, most, 2 * max)
end
return { replayed and 'replayed' or 'allowed', now, locks and 1 or 0 }
`)

/** KEYS: of the shard. ARGV: now, field, outcome, and for how long a name that passes is known. */
export const settleNameScript = script(`${names}
if ARGV[3] == 'passed' then
  forget(field)
  keep(known, now + ARGV[4], 'ledger', '')
  return 1
end
local ledger = read()
if not ledger then return 1 end
local text = ''
if ARGV[3] == 'uncounted' and ledger.failures > 1 then
  -- A locked ledger counts nothing, so that whatever is taken back is part of what locked it.
  local before = ledger.expiredBefore
  text = textOf({ failures = ledger.failures - 1, lockedUntil = 0, expiresAt = before, expiredBefore = before })
end
if isKnown then redis.call('HSET', known, 'ledger', text)
elseif text == '' then forget(field)
else redis.call('HSET', strangers, field, text) end
return 1
`)
