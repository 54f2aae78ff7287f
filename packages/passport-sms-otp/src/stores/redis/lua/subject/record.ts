import { GRACE } from '../../../store-request.js'
import { clock, whole } from '../clock.js'

// A function costs a script as much as its work, for it is made anew in each call. So what every script does is a
// fragment of text, and only what a script does in several places is a function.

/**
 * Fragment: reads the time, and all that is held of one subject (`KEYS[1]`), into locals. It is one packed string, so
 * that a script reads and writes one value in place of a dozen fields. Behind the head, from `body_at` on, come the
 * instants of texts, the instants of texts that were tried in vain, and the challenges.
 *
 * The marks of a challenge say whether it is used (bit 0), by which channels its code went (bits 1 to 4, in the order
 * of `smsChannels`; none stands for a text alone), by which one last (bits 5 and 6), what is known of its last text
 * (bits 7 and 8: 1 delivered, 2 failed), and by which channels it could not go on (bits 9 to 12). Where all challenges
 * have bit 0 alone, the record is of format 1, and a byte holds it.
 */
export const readRecord = `${clock}
local pack, unpack_from, sub = struct.pack, struct.unpack, string.sub
local GRACE, format = ${GRACE}, 1
local HEAD = '<BBdddddddd'
-- Length of name, name, expires at, attempts, max attempts, resends, max resends, marks. The name is the id, and behind a
-- space how a provider names the code, where one made it.
local CHALLENGES = { '<Bc0dddddB', '<Bc0dddddH' }
local CHALLENGE = CHALLENGES[format]

local disabled, failures, locked_until, texts_since_success, kept_for, kept_until, ends_at, texts_size, unsent_size =
  0, 0, 0, 0, 0, 0, 0, 0, 0
local packed, body_at = call('GET', KEYS[1]) or '', 1
if packed ~= '' then
  format, disabled, failures, locked_until, texts_since_success, kept_for, kept_until, ends_at, texts_size, unsent_size, body_at =
    unpack_from(HEAD, packed)
  -- A limit must not depend on a guess.
  CHALLENGE = CHALLENGES[format]
  if not CHALLENGE then error('The record of a subject has an unknown format.') end
  -- Failures never age out (NIST SP 800-63B-4 section 3.2.2); texts do.
  if failures == 0 and now >= kept_until then
    body_at = body_at + texts_size + unsent_size
    texts_since_success, kept_for, kept_until, texts_size, unsent_size = 0, 0, 0, 0, 0
  end
end
-- When Redis drops the key as it is: 0 for never.
local drops_at = failures == 0 and ends_at or 0
`

/** Fragment: refuses before anything else is looked at. */
export const refusePerson = `
if disabled == 1 then return { 'disabled', now } end
if now < locked_until then return { 'locked', now, locked_until } end
`

/**
 * An expression: whether a challenge of this name has this id.
 * @param name a local name
 * @param id a local name
 */
export const isNamedBy = (name: string, id: string): string =>
  `(${name} == ${id} or sub(${name}, 1, #${id} + 1) == ${id} .. ' ')`

/**
 * Fragment: finds a challenge by its id, and says how it stands. Its name is `found`, and it lies from `from` to before
 * `next_from`. Instants are compared, for a record may outlive its challenges.
 * @param id a local name
 */
export const findById = (id: string): string => `
local from, next_from = body_at + texts_size + unsent_size, nil
local found, expires_at, attempts, max_attempts, resends, max_resends, marks
local state = 'unknown'
while from <= #packed do
  found, expires_at, attempts, max_attempts, resends, max_resends, marks, next_from = unpack_from(CHALLENGE, packed, from)
  if ${isNamedBy('found', id)} then
    if now >= expires_at + GRACE then state = 'unknown'
    elseif now >= expires_at then state = 'expired'
    elseif marks % 2 == 1 then state = 'used'
    elseif attempts >= max_attempts then state = 'exhausted'
    else state = 'live' end
    break
  end
  from, next_from = next_from, nil
end
`

/** Fragment: what the marks of a challenge say, as `used`, `went_by`, `last`, `delivery` and `passed_over`. */
export const readMarks = `
local used, went_by, last, delivery, passed_over =
  marks % 2, floor(marks / 2) % 16, floor(marks / 32) % 4, floor(marks / 128) % 4, floor(marks / 512)
`

/** Fragment: the same numbers as marks. Of a text alone, nothing is kept. */
export const packMarks = `
if went_by == 1 then went_by = 0 end
marks = used + went_by * 2 + last * 32 + delivery * 128 + passed_over * 512
`

/**
 * Fragment: the challenge that was found, as it is now, between those around it.
 * @param name an expression
 */
export const withFound = (name = 'found'): string[] => [
  'sub(packed, body_at, from - 1)',
  `pack(CHALLENGE, #${name}, ${name}, expires_at, attempts, max_attempts, resends, max_resends, marks)`,
  'sub(packed, next_from)',
]

/**
 * Fragment: writes the record.
 * @param body expressions of what comes behind the head
 */
export const writeRecord = (...body: readonly string[]): string => `
local value = pack(
  HEAD, format, disabled, failures, locked_until, texts_since_success, kept_for, kept_until, ends_at, texts_size, unsent_size
) .. ${body.join(' .. ')}
if failures > 0 then
  call('SET', KEYS[1], value)
elseif now >= ends_at + GRACE then
  call('DEL', KEYS[1])
elseif ends_at == drops_at then
  call('SET', KEYS[1], value, 'KEEPTTL')
else
  call('SET', KEYS[1], value, 'PX', ${whole('ends_at - now + GRACE')})
end
`
