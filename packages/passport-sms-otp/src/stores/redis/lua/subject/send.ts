import { readLists, writeLists } from './lists.js'
import { findById, packMarks, readMarks, readRecord, refusePerson } from './record.js'

/**
 * Keys: record. Arguments: now, the ids of the challenges to begin, to repeat and to retire (an empty text for none),
 * ttl, maxAttempts, maxResends, delays, limits and windows in pairs, how long a text is kept, limits and windows of
 * those that were tried in vain, the place of the channel, the number of the text in whose place this one goes (an
 * empty text for none), and how long news are expected.
 */
export const send = `${readRecord}${refusePerson}
local begin_id, repeat_id, retire_id = ARGV[2], ARGV[3], ARGV[4]
${findById('repeat_id')}
local repeats = state == 'live'
if state == 'exhausted' then return { 'exhausted', now, expires_at } end
if not repeats and begin_id == '' then return { state, now } end
if not repeats then marks = 0 end
local channel, in_place_of = tonumber(ARGV[12]), tonumber(ARGV[13])
${readMarks}
if repeats and went_by == 0 then went_by = 1 end
local is_new = floor(went_by / 2 ^ channel) % 2 == 0

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

local last_text = texts[#texts]
if repeats and in_place_of then
  local is_over = delivery == 0 and (not last_text or now >= last_text + tonumber(ARGV[14]))
  local was_passed = floor(passed_over / 2 ^ channel) % 2 == 1
  if in_place_of ~= resends or not is_new or was_passed or not (is_over or delivery == 2) then return { 'unneeded', now } end
end
if repeats and resends >= max_resends then return { 'resends', now, expires_at } end

-- Where no text is remembered any more, none delays the next.
local delayed_until = last_text and last_text + delay()
if last_text and not in_place_of and now < delayed_until then return { 'delay', now, delayed_until } end
local opens = max(spent_until(texts, limits), spent_until(unsent, unsent_limits))
if now < opens then return { 'subject', now, opens } end

if is_new then went_by = went_by + 2 ^ channel end
last = channel
if not repeats or delivery == 2 then delivery = 0 end
${packMarks}
if repeats then
  resends = resends + 1
  local repeated = challenges[place_of(repeat_id)]
  repeated[5], repeated[7] = resends, marks
else
  expires_at, attempts, max_attempts, resends, max_resends = now + tonumber(ARGV[5]), 0, tonumber(ARGV[6]), 0, tonumber(ARGV[7])
  remove_challenge(retire_id)
  remove_challenge(begin_id)
  challenges[#challenges + 1] = { begin_id, expires_at, attempts, max_attempts, resends, max_resends, marks }
end

kept_for = max(kept_for, tonumber(ARGV[10]))
texts = remembered(texts)
texts[#texts + 1] = now
texts_since_success = texts_since_success + 1
${writeLists}

local resend_at = resends < max_resends and now + delay() or -1
if not repeats then return { 'begun', now, expires_at, resend_at, max_attempts } end
return { 'repeated', now, expires_at, resend_at, max_attempts - attempts, resends, is_new and 1 or 0 }
`
