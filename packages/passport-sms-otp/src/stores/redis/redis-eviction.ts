import { script, type RedisClient, type RunScript } from '#internal/redis-script'

// CONFIG is not allowed in scripts, INFO is; and a script is what every kind of client can run. Where ACLs forbid it,
// the answer is not a text.
const inquiry = script(`
local told = redis.pcall('INFO', 'memory')
return type(told) == 'string' and string.match(told, 'maxmemory_policy:([%w-]+)') or ''
`)

const asked = new WeakSet<RedisClient>()

/** Whether this client was asked, or is being asked. */
export const knowsEviction = (client: RedisClient): boolean => asked.has(client)

/**
 * Asks Redis, once for each client, what it drops when its memory is full, and warns unless that is nothing. Silent
 * where nobody answers: it is asked again by the next call. Never rejects.
 * @param key - of a cluster, chooses the node that is asked.
 */
export async function warnOfEviction(client: RedisClient, run: RunScript, key: string): Promise<void> {
  asked.add(client)
  try {
    const policy = await run(inquiry, [key], [])
    if (typeof policy === 'string' && /^(allkeys|volatile)-\w+$/.test(policy)) warnOfPolicy(policy)
  } catch {
    asked.delete(client)
  }
}

const warnOfPolicy = (policy: string): void => process.emitWarning(
  `Redis runs with maxmemory-policy ${policy}: when its memory is full it forgets failures, locks and codes. Set maxmemory-policy noeviction.`,
  { code: 'SMS_OTP_REDIS_EVICTION' },
)
