import { challenge } from './challenge.js'
import { clock } from './clock.js'
import { ledger } from './ledger.js'

/**
 * Keys: ledger, challenge to begin, to repeat, to retire. An absent one names a key that is never written.
 * Arguments: now, whether to begin, ttl, maxAttempts, maxResends, delays, limits and windows in pairs, how long a text is kept, and limits and
 * windows of those that were tried in vain.
 */
export const send = `${clock}${challenge}${ledger}
local function delay_of(it, delays)
  if it.texts_since_success == 0 then return 0 end
  return delays[math.min(it.texts_since_success, #delays)] or 0
end

-- A window is spent as long as the text that came 'limit' texts ago is still inside.
local function opens_at(texts, limit, window, now)
  if limit == 0 then return now + window end
  local oldest = texts[#texts - limit + 1]
  return oldest and oldest + window or now
end

local function spent_until(texts, limits, now)
  local until_when = now
  for index = 1, #limits, 2 do
    until_when = math.max(until_when, opens_at(texts, limits[index], limits[index + 1], now))
  end
  return until_when
end

local function refused_text(it, delays, limits, unsent_limits, now)
  -- Where no text is remembered any more, none delays the next.
  local last = it.texts[#it.texts]
  local delayed_until = last and last + delay_of(it, delays)
  if last and now < delayed_until then return { 'delay', now, delayed_until } end
  local opens = math.max(spent_until(it.texts, limits, now), spent_until(it.unsent, unsent_limits, now))
  if now < opens then return { 'subject', now, opens } end
end

local function add_text(it, now, kept_for)
  it.kept_for = math.max(it.kept_for, kept_for)
  local texts = {}
  for _, text in ipairs(it.texts) do
    if now < text + it.kept_for then texts[#texts + 1] = text end
  end
  texts[#texts + 1] = now
  it.texts = texts
  it.texts_since_success = it.texts_since_success + 1
end

local ledger_key, begin_key, repeat_key, retire_key = unpack(KEYS)
local now, begins = clock(ARGV[1]), ARGV[2] == '1'
local ttl, max_attempts, max_resends = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local delays, limits, kept_for, unsent_limits = numbers(ARGV[6]), numbers(ARGV[7]), tonumber(ARGV[8]), numbers(ARGV[9])

local ledger = read_ledger(ledger_key, now)
local refused = refused_to_person(ledger, now)
if refused then return refused end

local found = read_challenge(repeat_key, now)
local repeats = found.state == 'live'
if found.state == 'exhausted' then return { 'exhausted', now, found.expires_at } end
if repeats and found.resends >= found.max_resends then return { 'resends', now, found.expires_at } end
if not repeats and not begins then return { found.state, now } end

refused = refused_text(ledger, delays, limits, unsent_limits, now)
if refused then return refused end

if repeats then
  found.resends = found.resends + 1
  write_challenge(repeat_key, found, now)
else
  found = { expires_at = now + ttl, attempts = 0, max_attempts = max_attempts, resends = 0, max_resends = max_resends, used = false }
  redis.call('DEL', retire_key)
  write_challenge(begin_key, found, now)
end
add_text(ledger, now, kept_for)
write_ledger(ledger_key, ledger, now)

local resend_at = found.resends < found.max_resends and now + delay_of(ledger, delays) or -1
return { repeats and 'repeated' or 'begun', now, found.expires_at, resend_at, found.max_attempts - found.attempts }
`
