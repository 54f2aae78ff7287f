import { readLists, writeLists } from './lists.js'
import { findById, readRecord, refusePerson } from './record.js'

/**
 * Keys: record. Arguments: now, the ids of the challenges to begin, to repeat and to retire (an empty text for none),
 * ttl, maxAttempts, maxResends, delays, limits and windows in pairs, how long a text is kept, and limits and windows of
 * those that were tried in vain.
 */
export const send = `${readRecord}${refusePerson}
local begin_id, repeat_id, retire_id = ARGV[2], ARGV[3], ARGV[4]
${findById('repeat_id')}
local repeats = state == 'live'
if state == 'exhausted' then return { 'exhausted', now, expires_at } end
if repeats and resends >= max_resends then return { 'resends', now, expires_at } end
if not repeats and begin_id == '' then return { state, now } end

${readLists}
local function numbers(text)
  local list = {}
  for digits in string.gmatch(text, '%d+') do list[#list + 1] = tonumber(digits) end
  return list
end
local delays, limits, unsent_limits = numbers(ARGV[8]), numbers(ARGV[9]), numbers(ARGV[11])

local function delay()
  if texts_since_success == 0 then return 0 end
  return delays[min(texts_since_success, #delays)] or 0
end

-- A window is spent as long as the text that came 'limit' texts ago is still inside.
local function opens_at(list, limit, window)
  if limit == 0 then return now + window end
  local oldest = list[#list - limit + 1]
  return oldest and oldest + window or now
end

local function spent_until(list, windows)
  local until_when = now
  for place = 1, #windows, 2 do until_when = max(until_when, opens_at(list, windows[place], windows[place + 1])) end
  return until_when
end

-- Where no text is remembered any more, none delays the next.
local last = texts[#texts]
local delayed_until = last and last + delay()
if last and now < delayed_until then return { 'delay', now, delayed_until } end
local opens = max(spent_until(texts, limits), spent_until(unsent, unsent_limits))
if now < opens then return { 'subject', now, opens } end

if repeats then
  resends = resends + 1
  challenges[place_of(repeat_id)][5] = resends
else
  expires_at, attempts, max_attempts, resends, max_resends = now + tonumber(ARGV[5]), 0, tonumber(ARGV[6]), 0, tonumber(ARGV[7])
  remove_challenge(retire_id)
  remove_challenge(begin_id)
  challenges[#challenges + 1] = { begin_id, expires_at, attempts, max_attempts, resends, max_resends, 0 }
end

kept_for = max(kept_for, tonumber(ARGV[10]))
texts = remembered(texts)
texts[#texts + 1] = now
texts_since_success = texts_since_success + 1
${writeLists}

local resend_at = resends < max_resends and now + delay() or -1
return { repeats and 'repeated' or 'begun', now, expires_at, resend_at, max_attempts - attempts }
`
