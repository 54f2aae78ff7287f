import { COUNT_KEPT, GRACE } from '../../../store-request.js'

/**
 * Fragment: how many texts of one budget came back as codes, a hash. Texts too young to be judged are `aging` and
 * `fresh`, in two generations.
 */
export const conversion = `
local function read_conversion(key, now)
  local values = redis.call('HMGET', key, 'sent', 'verified', 'aging', 'fresh', 'since', 'pausedUntil', 'endsAt')
  local ends_at = tonumber(values[7] or 0)
  if now >= ends_at then return { sent = 0, verified = 0, aging = 0, fresh = 0, since = now, paused_until = 0 } end
  return {
    sent = tonumber(values[1]), verified = tonumber(values[2]), aging = tonumber(values[3]), fresh = tonumber(values[4]),
    since = tonumber(values[5]), paused_until = tonumber(values[6]), ends_at = ends_at,
  }
end

local function write_conversion(key, it, now)
  redis.call('HSET', key,
    'sent', whole(it.sent), 'verified', whole(it.verified), 'aging', whole(it.aging), 'fresh', whole(it.fresh),
    'since', whole(it.since), 'pausedUntil', whole(it.paused_until), 'endsAt', whole(it.ends_at))
  redis.call('PEXPIRE', key, whole(it.ends_at - now + ${GRACE}))
end

local function add_to_conversion(key, it, now)
  it.fresh = it.fresh + 1
  it.ends_at = now + ${COUNT_KEPT}
  write_conversion(key, it, now)
end

local function ripen(it, patience, now)
  if now < it.since + patience then return end
  local all = now >= it.since + 2 * patience
  it.sent = it.sent + it.aging + (all and it.fresh or 0)
  it.aging = all and 0 or it.fresh
  it.fresh, it.since = 0, now
end

-- Begins a pause when too few codes came, and answers by how many texts and codes it was judged.
local function judge(it, below, over, pause_for, patience, now)
  ripen(it, patience, now)
  local sent, verified = it.sent, it.verified
  if now < it.paused_until or sent < over then return end
  it.sent = 0
  -- What is left over belongs to texts that are still young.
  it.verified = math.max(0, verified - sent)
  if verified >= below * sent then return end
  it.aging, it.fresh, it.paused_until = 0, 0, now + pause_for
  it.ends_at = math.max(it.ends_at, it.paused_until)
  return { sent, verified }
end

-- The youngest first.
local function forget_texts(it, texts)
  for _, generation in ipairs({ 'fresh', 'aging', 'sent' }) do
    local taken = math.min(texts, it[generation])
    it[generation], texts = it[generation] - taken, texts - taken
  end
end
`
