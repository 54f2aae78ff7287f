import { GRACE } from '../../../store-request.js'

/**
 * Fragment: reads all that is held of one subject (`KEYS[1]`) into locals, and says how it is written. It is one packed string, so that a script
 * reads and writes one value in place of a dozen fields. Lists stay packed in `body` until a script needs them: instants of texts, those of
 * texts that were tried in vain, challenges. Needs `clock` before it.
 */
export const record = `
local GRACE, FORMAT = ${GRACE}, 1
local HEAD = '<BBdddddddd'
-- Length of id, id, expires at, attempts, max attempts, resends, max resends, used.
local CHALLENGE = '<Bc0dddddB'

local packed = redis.call('GET', KEYS[1])
local disabled, failures, locked_until, texts_since_success, kept_for, kept_until, ends_at, texts_size, unsent_size = 0, 0, 0, 0, 0, 0, 0, 0, 0
local body = ''
if packed then
  local format, at
  format, disabled, failures, locked_until, texts_since_success, kept_for, kept_until, ends_at, texts_size, unsent_size, at = struct.unpack(HEAD, packed)
  -- A limit must not depend on a guess.
  if format ~= FORMAT then error('The record of a subject has an unknown format.') end
  -- Failures never age out (NIST SP 800-63B-4 section 3.2.2); texts do.
  if failures == 0 and now >= kept_until then
    at = at + texts_size + unsent_size
    texts_since_success, kept_for, kept_until, texts_size, unsent_size = 0, 0, 0, 0, 0
  end
  body = string.sub(packed, at)
end
-- When Redis drops the key as it is: 0 for never.
local drops_at = failures == 0 and ends_at or 0

local function write_record()
  local value = struct.pack(HEAD, FORMAT, disabled, failures, locked_until, texts_since_success, kept_for, kept_until, ends_at, texts_size, unsent_size) .. body
  if failures > 0 then
    redis.call('SET', KEYS[1], value)
  elseif now >= ends_at + GRACE then
    redis.call('DEL', KEYS[1])
  elseif ends_at == drops_at then
    redis.call('SET', KEYS[1], value, 'KEEPTTL')
  else
    redis.call('SET', KEYS[1], value, 'PX', whole(ends_at - now + GRACE))
  end
end

-- Where a challenge begins and ends in the body, and what it holds.
local function find_challenge(id)
  local from = texts_size + unsent_size + 1
  while from <= #body do
    local found, expires_at, attempts, max_attempts, resends, max_resends, used, next_from = struct.unpack(CHALLENGE, body, from)
    if found == id then return from, next_from, expires_at, attempts, max_attempts, resends, max_resends, used end
    from = next_from
  end
end

-- Puts a changed challenge, or nothing, in the place of another.
local function replace_challenge(from, next_from, challenge)
  body = string.sub(body, 1, from - 1) .. challenge .. string.sub(body, next_from)
end

-- Compares instants: a record may outlive its challenges.
local function state_of(expires_at, attempts, max_attempts, used)
  if not expires_at or now >= expires_at + GRACE then return 'unknown' end
  if now >= expires_at then return 'expired' end
  if used == 1 then return 'used' end
  if attempts >= max_attempts then return 'exhausted' end
  return 'live'
end
`

/** Fragment: refuses before anything else is looked at. Needs `record` before it. */
export const refusePerson = `
if disabled == 1 then return { 'disabled', now } end
if now < locked_until then return { 'locked', now, locked_until } end
`
